import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import MINE, Rows, protect

_SHOWN = "id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at"
"""Every column but the hash of the secret, which the door alone reads."""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("digest", models.BinaryField()),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-id"], name="accounts_apitoken_of_user")],
            },
        ),
        protect(
            "accounts_apitoken",
            # Who calls is found out before there is an actor.
            app=Rows("select, update (last_used_at)"),
            desk=Rows(f"select ({_SHOWN}), insert, update (name, revoked_at)", MINE),
            partner=Rows(f"select ({_SHOWN}), insert, update (name, revoked_at)", MINE),
        ),
    ]
