import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import PARTNERS, Rows, protect


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("partners", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngagementRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=120)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("allowed", "allowed"), ("refused", "refused"), ("review", "review")], max_length=10
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "sold_by",
                    models.CharField(
                        blank=True, choices=[("vendor", "vendor"), ("partners", "partners")], max_length=20
                    ),
                ),
                (
                    "segments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                (
                    "customers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "channel",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.saleschannel",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.family"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("position",),
                        name="catalog_engagementrule_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("family", None), _connector="OR"),
                        name="catalog_engagementrule_product_or_family",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("partner", None), models.Q(("sold_by", "vendor"), _negated=True), _connector="OR"
                        ),
                        name="catalog_engagementrule_partner_sells",
                    ),
                ],
            },
        ),
        protect(
            "catalog_engagementrule",
            desk=Rows("select, insert, update, delete"),
            # A partner is held to the rules for all and to those that name it, and hears of no other.
            partner=Rows("select", f"partner_id is null or partner_id = any({PARTNERS})"),
            job=Rows("select"),
        ),
    ]
