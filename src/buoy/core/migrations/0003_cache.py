from django.db import migrations

from buoy.core.rls import grant

# As Django's `createcachetable` makes it; unlogged, since what is counted here may be lost with a crash of the server.
TABLE = """
create unlogged table core_cache (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index core_cache_expires on core_cache (expires)
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_and_calls")]

    operations = [
        migrations.RunSQL(TABLE, "drop table core_cache"),
        grant("core_cache", "select, insert, update, delete", "app"),
    ]
