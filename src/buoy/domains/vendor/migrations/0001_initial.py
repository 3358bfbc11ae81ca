from django.db import migrations, models

from buoy.core.rls import Rows, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Vendor",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("accent", models.CharField(blank=True, max_length=7)),
                ("accent_text", models.CharField(blank=True, max_length=7)),
                ("radius_px", models.PositiveSmallIntegerField(default=8)),
                ("logo", models.BinaryField(null=True)),
                ("logo_sha256", models.CharField(blank=True, max_length=64)),
                ("mail_tested_at", models.DateTimeField(null=True)),
                ("guide_ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="vendor_vendor_one_row"),
                ],
            },
        ),
        protect(
            "vendor_vendor",
            # The name and the look of the vendor stand on the page of signing in, before there is an actor.
            app=Rows("select"),
            desk=Rows("select, insert, update"),
            partner=Rows("select"),
            job=Rows("select"),
            anonymous=Rows("select"),
        ),
    ]
