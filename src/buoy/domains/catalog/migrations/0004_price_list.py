import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import Rows, protect


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_private_label"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceList",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                ("currency", models.CharField(max_length=3)),
                (
                    "buyer",
                    models.CharField(
                        choices=[("customers", "customers"), ("partners", "partners"), ("inside", "inside")],
                        max_length=10,
                    ),
                ),
                ("tier", models.CharField(blank=True, max_length=40)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
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
            ],
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=6, max_digits=18)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="catalog.product"
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalog.pricelist"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("currency", "="),
                    ("buyer", "="),
                    (django.db.models.functions.text.Upper("tier"), "="),
                    (
                        django.db.models.functions.comparison.Coalesce(
                            "channel_id", models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000"))
                        ),
                        "=",
                    ),
                    ("valid", "&&"),
                ],
                name="catalog_pricelist_one_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="catalog_pricelist_currency_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(fields=("price_list", "product"), name="catalog_price_once"),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="catalog_price_not_negative"
            ),
        ),
        protect(
            "catalog_pricelist",
            desk=Rows("select, insert, update, delete"),
            # What is inside stays inside; and no partner sees the prices of a tier, since another may stand in it.
            partner=Rows("select", "buyer <> 'inside' and tier = ''"),
            job=Rows("select"),
        ),
        protect(
            "catalog_price",
            desk=Rows("select, insert, update, delete"),
            partner=Rows(
                "select",
                "price_list_id in (select id from catalog_pricelist) and product_id in (select id from catalog_product)",
            ),
            job=Rows("select"),
        ),
    ]
