from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("workspace", "0004_latest_comments")]

    operations = [
        migrations.AddField("notification", "key", models.CharField(blank=True, default="", max_length=120), False),
        migrations.AddField("notification", "claimed_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "notification",
            models.UniqueConstraint(
                condition=~Q(("key", "")), fields=("user", "key"), name="workspace_notification_once"
            ),
        ),
    ]
