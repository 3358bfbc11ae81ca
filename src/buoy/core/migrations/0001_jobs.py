from django.db import migrations

from buoy.core.rls import grant

TABLES = "procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers"
# Without fresh statistics PostgreSQL sorts the whole backlog for every single fetch.
ANALYSE_OFTEN = """
alter table procrastinate_jobs set (
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 500,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500
)
"""
SEQUENCES = "all sequences in schema public"


class Migration(migrations.Migration):
    initial = True

    dependencies = [("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.RunSQL(ANALYSE_OFTEN, migrations.RunSQL.noop),
        # Jobs carry ids only, and the login puts them into the queue: no scope role has rights here.
        grant(TABLES, "select, insert, update, delete", "app"),
        grant(SEQUENCES, "usage", "app"),
    ]
