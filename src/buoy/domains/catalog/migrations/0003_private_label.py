import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import buoy.core.ids
from buoy.core.rls import OWN, Rows, protect


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_engagement_rule"),
        ("partners", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivateLabel",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("brand", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=200)),
                ("code", models.CharField(max_length=60)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("partner", "="),
                            (django.db.models.functions.text.Upper("code"), "="),
                            ("valid", "&&"),
                        ],
                        name="catalog_privatelabel_one_product_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[!-~]([ -~]*[!-~])?$")),
                        name="catalog_privatelabel_code_is_plain",
                    ),
                ],
            },
        ),
        protect(
            "catalog_privatelabel",
            desk=Rows("select, insert, update, delete"),
            partner=Rows("select", OWN),
            job=Rows("select"),
        ),
    ]
