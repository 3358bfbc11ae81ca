import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import OWN, PARTNERS, Rows, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("language", models.CharField(default="en", max_length=8)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["name", "id"], name="partners_pa_name_cd0267_idx")],
            },
        ),
        migrations.CreateModel(
            name="Upline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="downlines", to="partners.partner"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uplines", to="partners.partner"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("partner", "="), ("valid", "&&")], name="partners_upline_one_parent_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("partner", models.F("parent")), _negated=True),
                        name="partners_upline_not_itself",
                    ),
                ],
            },
        ),
        protect(
            "partners_partner",
            desk=Rows("select, insert, update"),
            partner=Rows("select", f"id = any({PARTNERS})"),
            job=Rows("select"),
        ),
        protect(
            "partners_upline",
            # The door looks up whom a partner's user sees before there is a scope; the table holds ids and dates only.
            app=Rows("select"),
            desk=Rows("select, insert, update, delete"),
            partner=Rows("select", OWN),
            job=Rows("select"),
        ),
    ]
