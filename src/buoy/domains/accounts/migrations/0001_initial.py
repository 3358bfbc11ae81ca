import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import OWN, Rows, grant, protect

_SHOWN = "id, partner_id, email, name, roles, grants, language, time_zone, theme, is_active, created_at, last_login"
"""Every column but the password's hash, which no scope reads or writes."""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "grants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("language", models.CharField(default="en", max_length=8)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=8,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["partner", "name"], name="accounts_us_partner_95dcae_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="accounts_user_email_is_lower",
                    )
                ],
            },
        ),
        protect(
            "accounts_user",
            # Signing in happens before there is an actor: it is the login itself that reads and writes here.
            app=Rows("select, insert, update"),
            desk=Rows(f"select ({_SHOWN}), insert, update ({_SHOWN})"),
            partner=Rows(f"select ({_SHOWN}), insert, update ({_SHOWN})", OWN),
            job=Rows(f"select ({_SHOWN})"),
        ),
        grant("django_session", "select, insert, update, delete", "app"),
        grant("django_content_type", "select", "app"),
        grant("django_migrations", "select", "app"),
    ]
