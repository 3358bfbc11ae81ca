import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import OWN, OWN_ONLY, Rows, grant, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EndCustomer",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=300)),
                ("code", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=300)),
                ("country", models.CharField(max_length=100)),
                ("is_to_classify", models.BooleanField(default=False)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("currency", models.CharField(max_length=3)),
                ("rate_date", models.DateField()),
                ("kind", models.CharField(choices=[("published", "published"), ("manual", "manual")], max_length=12)),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
                ("entered_by", models.CharField(default="", max_length=300)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "rate_date", "kind"), name="sales_rate_once"),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="sales_rate_is_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asking", "asking"),
                            ("reading", "reading"),
                            ("ready", "ready"),
                            ("writing", "writing"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="asking",
                        max_length=12,
                    ),
                ),
                ("stopped_in", models.CharField(blank=True, max_length=12)),
                ("position", models.BigIntegerField(default=0)),
                ("file_name", models.CharField(max_length=300)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=100, unique=True)),
                ("layout", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("defaults", models.JSONField(default=dict)),
                ("questions", models.JSONField(default=list)),
                ("sample", models.JSONField(default=list)),
                ("error", models.JSONField(default=dict)),
                ("is_unattended", models.BooleanField(default=False)),
                ("rows", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("flagged", models.BigIntegerField(default=0)),
                ("repeated", models.BigIntegerField(default=0)),
                ("expected_new", models.BigIntegerField(default=0)),
                ("expected_same", models.BigIntegerField(default=0)),
                ("expected_corrected", models.BigIntegerField(default=0)),
                ("new", models.BigIntegerField(default=0)),
                ("same", models.BigIntegerField(default=0)),
                ("corrected", models.BigIntegerField(default=0)),
                ("requester", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("moved_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FlawedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("is_refused", models.BooleanField()),
                ("flaws", models.JSONField()),
                ("cells", models.JSONField()),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flawed_rows", to="sales.importbatch"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("partner_code", models.CharField(default="", max_length=100)),
                ("partner_name", models.CharField(default="", max_length=300)),
                ("sale_date", models.DateField()),
                ("document_no", models.CharField(default="", max_length=100)),
                ("line_no", models.CharField(default="", max_length=100)),
                ("line_id", models.CharField(default="", max_length=100)),
                ("order_no", models.CharField(default="", max_length=100)),
                ("product_code", models.CharField(default="", max_length=100)),
                ("product_name", models.CharField(default="", max_length=300)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=22, null=True)),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=22, null=True)),
                ("amount", models.DecimalField(decimal_places=6, max_digits=22)),
                ("currency", models.CharField(max_length=3)),
                ("customer_code", models.CharField(default="", max_length=100)),
                ("customer_name", models.CharField(default="", max_length=300)),
                ("customer_country", models.CharField(default="", max_length=100)),
                ("channel", models.CharField(default="", max_length=12)),
                ("tier_from", models.CharField(default="", max_length=12)),
                ("tier_to", models.CharField(default="", max_length=12)),
                ("deal_ref", models.CharField(default="", max_length=100)),
                ("returns_ref", models.CharField(default="", max_length=100)),
                ("kind", models.CharField(max_length=8)),
                ("event", models.CharField(default="", max_length=16)),
                ("key", models.BinaryField(max_length=16)),
                ("content", models.BinaryField(max_length=16)),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "partner_why",
                    models.CharField(
                        choices=[
                            ("by_hand", "by_hand"),
                            ("id", "id"),
                            ("code", "code"),
                            ("identifier", "identifier"),
                            ("name", "name"),
                            ("reporter", "reporter"),
                            ("none", "none"),
                        ],
                        max_length=12,
                    ),
                ),
                ("occurrence", models.IntegerField()),
                ("novelty", models.CharField(default="", max_length=16)),
                ("posted_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.importbatch",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.endcustomer",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LineRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was", models.JSONField()),
                ("replaced_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.importbatch"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="sales.line"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MonthTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("channel", models.CharField(max_length=12)),
                ("tier_from", models.CharField(max_length=12)),
                ("tier_to", models.CharField(max_length=12)),
                ("event", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=8)),
                ("currency", models.CharField(max_length=3)),
                ("lines", models.BigIntegerField()),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=28)),
                ("amount", models.DecimalField(decimal_places=6, max_digits=28)),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=300)),
                ("layout", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("defaults", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProductMatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=300)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("by_hand", "by_hand"),
                            ("id", "id"),
                            ("code", "code"),
                            ("identifier", "identifier"),
                            ("name", "name"),
                            ("reporter", "reporter"),
                            ("none", "none"),
                        ],
                        max_length=12,
                    ),
                ),
                ("decided_by", models.CharField(default="", max_length=300)),
                ("decided_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.source"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartnerMatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=300)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("by_hand", "by_hand"),
                            ("id", "id"),
                            ("code", "code"),
                            ("identifier", "identifier"),
                            ("name", "name"),
                            ("reporter", "reporter"),
                            ("none", "none"),
                        ],
                        max_length=12,
                    ),
                ),
                ("decided_by", models.CharField(default="", max_length=300)),
                ("decided_at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="sales.source"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="line",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.source"
            ),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="sales.source"
            ),
        ),
        migrations.CreateModel(
            name="StagedRow",
            fields=[
                ("partner_code", models.CharField(default="", max_length=100)),
                ("partner_name", models.CharField(default="", max_length=300)),
                ("sale_date", models.DateField()),
                ("document_no", models.CharField(default="", max_length=100)),
                ("line_no", models.CharField(default="", max_length=100)),
                ("line_id", models.CharField(default="", max_length=100)),
                ("order_no", models.CharField(default="", max_length=100)),
                ("product_code", models.CharField(default="", max_length=100)),
                ("product_name", models.CharField(default="", max_length=300)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=22, null=True)),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=22, null=True)),
                ("amount", models.DecimalField(decimal_places=6, max_digits=22)),
                ("currency", models.CharField(max_length=3)),
                ("customer_code", models.CharField(default="", max_length=100)),
                ("customer_name", models.CharField(default="", max_length=300)),
                ("customer_country", models.CharField(default="", max_length=100)),
                ("channel", models.CharField(default="", max_length=12)),
                ("tier_from", models.CharField(default="", max_length=12)),
                ("tier_to", models.CharField(default="", max_length=12)),
                ("deal_ref", models.CharField(default="", max_length=100)),
                ("returns_ref", models.CharField(default="", max_length=100)),
                ("kind", models.CharField(max_length=8)),
                ("event", models.CharField(default="", max_length=16)),
                ("key", models.BinaryField(max_length=16)),
                ("content", models.BinaryField(max_length=16)),
                ("batch_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("line", models.UUIDField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["batch_id", "key", "number"], name="sales_staged_key")],
            },
        ),
        migrations.AddIndex(
            model_name="endcustomer",
            index=models.Index(condition=models.Q(("is_to_classify", True)), fields=["id"], name="sales_to_classify"),
        ),
        migrations.AddConstraint(
            model_name="endcustomer",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Coalesce(
                    "partner", models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000"), models.UUIDField())
                ),
                models.F("key"),
                name="sales_customer_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="flawedrow",
            constraint=models.UniqueConstraint(fields=("batch", "number", "is_refused"), name="sales_flawed_row_once"),
        ),
        migrations.AddIndex(
            model_name="monthtotal",
            index=models.Index(fields=["month"], name="sales_month_month_841026_idx"),
        ),
        migrations.AddConstraint(
            model_name="monthtotal",
            constraint=models.UniqueConstraint(
                fields=("partner", "month", "channel", "tier_from", "tier_to", "event", "kind", "currency"),
                name="sales_month_total_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(
                fields=("partner", "name"), name="sales_source_name", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="productmatch",
            index=models.Index(condition=models.Q(("target", None)), fields=["decided_at"], name="sales_product_queue"),
        ),
        migrations.AddConstraint(
            model_name="productmatch",
            constraint=models.UniqueConstraint(fields=("source", "code"), name="sales_product_match_once"),
        ),
        migrations.AddIndex(
            model_name="partnermatch",
            index=models.Index(condition=models.Q(("target", None)), fields=["decided_at"], name="sales_match_queue"),
        ),
        migrations.AddConstraint(
            model_name="partnermatch",
            constraint=models.UniqueConstraint(fields=("source", "code", "name"), name="sales_match_once"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["-sale_date", "-id"], name="sales_line_by_day"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["partner", "-sale_date", "-id"], name="sales_line_of_partner"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["customer", "product_code", "sale_date"], name="sales_line_of_customer"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["document_no"], name="sales_line_document"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["product_code", "-sale_date", "-id"], name="sales_line_of_product"),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.UniqueConstraint(fields=("source", "key", "occurrence"), name="sales_line_once"),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["-created_at", "-id"], name="sales_impor_created_4070e4_idx"),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["source", "sha256"], name="sales_impor_source__7a7c67_idx"),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(
                condition=models.Q(("state__in", ["reading", "writing"])), fields=["moved_at"], name="sales_import_open"
            ),
        ),
        protect(
            "sales_source",
            desk=Rows("select, insert, update"),
            partner=Rows("select, insert, update", OWN_ONLY),
            job=Rows("select"),
        ),
        protect(
            "sales_importbatch",
            desk=Rows("select, insert, update"),
            partner=Rows("select, insert, update", OWN_ONLY),
            job=Rows("select, update"),
        ),
        protect(
            "sales_flawedrow",
            desk=Rows("select"),
            partner=Rows("select", OWN_ONLY),
            job=Rows("select, insert, update, delete"),
        ),
        grant("sales_stagedrow", "select, insert, delete", "job"),
        protect(
            "sales_endcustomer", desk=Rows("select"), partner=Rows("select", OWN), job=Rows("select, insert, update")
        ),
        protect("sales_partnermatch", desk=Rows("select, update"), job=Rows("select, insert, update")),
        protect("sales_productmatch", desk=Rows("select, update"), job=Rows("select, insert, update")),
        protect(
            "sales_line",
            desk=Rows("select"),
            partner=Rows("select", OWN),
            job=Rows("select, insert, update"),
        ),
        protect("sales_linerevision", desk=Rows("select"), partner=Rows("select", OWN), job=Rows("select, insert")),
        protect(
            "sales_monthtotal", desk=Rows("select"), partner=Rows("select", OWN), job=Rows("select, insert, update")
        ),
        protect(
            "sales_exchangerate",
            desk=Rows("select, insert, update, delete"),
            partner=Rows("select"),
            job=Rows("select"),
        ),
    ]
