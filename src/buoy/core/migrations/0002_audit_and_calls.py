from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import OWN, OWN_ONLY, Rows, grant, protect

_HEAD = """
create function core_audit_head() returns table (number bigint, hash bytea)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- One scope after the other, from here to its commit. Each statement of this function sees what is committed when it
  -- begins, so the last row is the last one of the scope that had the lock before.
  perform pg_advisory_xact_lock(hashtextextended('buoy: the audit trail', 0));
  return query select e.number, e.hash from public.core_auditevent e order by e.number desc limit 1;
  if not found then
    return query select 0::bigint, decode(repeat('00', 32), 'hex');
  end if;
end $$;
revoke all on function core_audit_head() from public;
grant execute on function core_audit_head() to buoy_desk, buoy_partner, buoy_job, buoy_anonymous;
-- The function runs as the owner, who is held to the policies too.
create policy head_rows on core_auditevent for select to current_user using (true)
"""

_REFUSE = """
create function core_audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is only added to: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger core_audit_refuse_change before update or delete on core_auditevent
  for each row execute function core_audit_refuse();
create trigger core_audit_refuse_truncate before truncate on core_auditevent
  for each statement execute function core_audit_refuse()
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_jobs")]

    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=80)),
                ("object_type", models.CharField(max_length=80)),
                ("object_id", models.CharField(max_length=80)),
                ("partner_id", models.UUIDField(null=True)),
                ("face", models.CharField(max_length=20)),
                ("user_id", models.UUIDField(null=True)),
                ("on_behalf_of", models.UUIDField(null=True)),
                ("api_client_id", models.UUIDField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=80)),
                ("details", models.JSONField()),
                ("salt", models.BinaryField()),
                ("details_hash", models.BinaryField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["partner_id", "-number"], name="core_audit_of_partner"),
                    models.Index(fields=["object_type", "object_id", "-number"], name="core_audit_of_object"),
                    models.Index(fields=["user_id", "-number"], name="core_audit_of_user"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotentCall",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("caller", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=200)),
                ("partner_id", models.UUIDField(null=True)),
                ("request_hash", models.BinaryField()),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="core_idempotentcall_age")],
                "constraints": [models.UniqueConstraint(fields=("caller", "key"), name="core_idempotentcall_once")],
            },
        ),
        protect(
            "core_auditevent",
            desk=Rows("select, insert"),
            # A partner sees what its own people did; what staff noted about it may tell of things that are not its own.
            partner=Rows("select, insert", f"{OWN} and face = 'buoy_partner'"),
            job=Rows("select, insert"),
            anonymous=Rows("insert"),
        ),
        migrations.RunSQL(_HEAD, "drop policy head_rows on core_auditevent; drop function core_audit_head()"),
        migrations.RunSQL(
            _REFUSE,
            "drop trigger core_audit_refuse_change on core_auditevent;"
            " drop trigger core_audit_refuse_truncate on core_auditevent; drop function core_audit_refuse()",
        ),
        protect(
            "core_idempotentcall",
            desk=Rows("select, insert, update", "partner_id is null"),
            partner=Rows("select, insert, update", OWN_ONLY),
            job=Rows("select, delete"),
        ),
        # Counts that may be lost in a crash: then nobody has asked yet.
        migrations.RunSQL("alter table core_ratelimit set unlogged", "alter table core_ratelimit set logged"),
        grant("core_ratelimit", "select, insert, update, delete", "app"),
    ]
