from django.db import migrations, models

import buoy.core.ids
from buoy.core.rls import Rows, protect


class Migration(migrations.Migration):
    dependencies = [("core", "0003_cache")]

    operations = [
        migrations.CreateModel(
            name="PendingEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=200)),
                ("payload", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="core_pendingevent_age")]},
        ),
        # Whoever acts leaves an event; only jobs see what was left.
        protect(
            "core_pendingevent",
            desk=Rows("insert"),
            partner=Rows("insert"),
            anonymous=Rows("insert"),
            job=Rows("select, insert, delete"),
        ),
    ]
