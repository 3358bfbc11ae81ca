import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import Rows, protect

_WRITABLE = Rows("select, insert, update, delete")
_WEIGHED = " + ".join(f"{3 if place % 2 else 1} * substr(digits, {place}, 1)::int" for place in range(1, 15))
_OF_PRODUCTS_IN_SIGHT = "product_id in (select id from catalog_product)"
"""Of those products that the scope's own policy on products shows."""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Family",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="catalog.family",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("goods", "Goods"),
                            ("service", "Service"),
                            ("licence", "Licence"),
                            ("subscription", "Subscription"),
                        ],
                        default="goods",
                        max_length=20,
                    ),
                ),
                ("unit", models.CharField(max_length=3)),
                ("description", models.TextField(blank=True, max_length=4000)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "family",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalog.family",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Gtin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digits", models.CharField(max_length=14, unique=True)),
                ("unit", models.CharField(max_length=3)),
                ("contains", models.DecimalField(decimal_places=6, default=1, max_digits=18)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gtins", to="catalog.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BundlePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=18)),
                (
                    "bundle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="catalog.product"
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bundles", to="catalog.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SalesChannel",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("direct", "direct"),
                            ("indirect", "indirect"),
                            ("online", "online"),
                            ("retail", "retail"),
                            ("direct_mail", "direct_mail"),
                            ("in_person", "in_person"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "operated_by",
                    models.CharField(choices=[("vendor", "vendor"), ("partners", "partners")], max_length=20),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "direct"), ("operated_by", "partners"), _negated=True),
                            models.Q(("kind", "indirect"), ("operated_by", "vendor"), _negated=True),
                        ),
                        name="catalog_channel_kind_fits_operator",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChannelSku",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=80)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="skus", to="catalog.product"
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="skus", to="catalog.saleschannel"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="family",
            constraint=models.UniqueConstraint(
                fields=("parent", "name"), name="catalog_family_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="family",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True), name="catalog_family_not_itself"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["name", "id"], name="catalog_pro_name_192a7a_idx"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["code", "id"], name="catalog_pro_code_7469dd_idx"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"), name="catalog_product_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[!-~]([ -~]*[!-~])?$")), name="catalog_product_code_is_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="gtin",
            constraint=models.CheckConstraint(
                condition=models.Q(("contains__gt", 0)), name="catalog_gtin_holds_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlepart",
            constraint=models.UniqueConstraint(fields=("bundle", "part"), name="catalog_bundlepart_once"),
        ),
        migrations.AddConstraint(
            model_name="bundlepart",
            constraint=models.CheckConstraint(
                condition=models.Q(("bundle", models.F("part")), _negated=True), name="catalog_bundlepart_not_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundlepart",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="catalog_bundlepart_holds_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="channelsku",
            constraint=models.UniqueConstraint(fields=("channel", "sku"), name="catalog_channelsku_once"),
        ),
        # A part of a name or code is searched for in catalogs of 100,000 products. Written out, since Django's own index on
        # an expression with an operator class needs its whole application for PostgreSQL.
        *(
            migrations.RunSQL(
                f"create index catalog_product_{column}_part on catalog_product using gin (upper({column}) gin_trgm_ops)",
                f"drop index catalog_product_{column}_part",
            )
            for column in ("name", "code")
        ),
        # A number with a wrong check digit can stand here by no way: not by an import, not by hand. `case` keeps the
        # letters of a wrong number away from the cast.
        migrations.RunSQL(
            "alter table catalog_gtin add constraint catalog_gtin_check_digit check"
            f" (case when digits ~ '^[0-9]{{14}}$' then mod({_WEIGHED}, 10) = 0 else false end)",
            "alter table catalog_gtin drop constraint catalog_gtin_check_digit",
        ),
        # The catalog is the vendor's, and open to everybody who is signed in; what is out of sale is the vendor's alone.
        protect("catalog_product", desk=_WRITABLE, partner=Rows("select", "is_active"), job=Rows("select")),
        *(
            protect(table, desk=_WRITABLE, partner=Rows("select"), job=Rows("select"))
            for table in ("catalog_family", "catalog_saleschannel")
        ),
        *(
            protect(table, desk=_WRITABLE, partner=Rows("select", _OF_PRODUCTS_IN_SIGHT), job=Rows("select"))
            for table in ("catalog_gtin", "catalog_channelsku")
        ),
        protect(
            "catalog_bundlepart",
            desk=_WRITABLE,
            partner=Rows("select", "bundle_id in (select id from catalog_product)"),
            job=Rows("select"),
        ),
    ]
