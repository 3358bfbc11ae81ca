import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import buoy.core.clock
from buoy.core.rls import MINE, Rows, protect


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PutAway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("at", models.DateTimeField(default=buoy.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "name"), name="workspace_putaway_once")],
            },
        ),
        protect(
            "workspace_putaway",
            desk=Rows("select, insert, update, delete", MINE),
            partner=Rows("select, insert, update, delete", MINE),
        ),
    ]
