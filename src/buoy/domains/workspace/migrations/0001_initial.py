import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import buoy.core.clock
import buoy.core.ids
from buoy.core.rls import MINE, OWN, Rows, protect

_SHARED = f"{OWN} and not is_internal"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="digest",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("is_internal", models.BooleanField(default=False)),
                ("author", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("text", models.TextField(max_length=10000)),
                (
                    "mentioned",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                ("edited_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_id", "created_at"], name="workspace_c_subject_0993ce_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("path", models.CharField(blank=True, max_length=300)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing"),
                            ("application", "application"),
                            ("digest", "digest"),
                            ("email", "email"),
                        ],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-created_at"], name="workspace_n_user_id_af0fa4_idx"),
                    models.Index(
                        condition=models.Q(("mailed_at", None)),
                        fields=["channel", "created_at"],
                        name="workspace_unmailed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing"),
                            ("application", "application"),
                            ("digest", "digest"),
                            ("email", "email"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind"), name="workspace_preference_once")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("list_name", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=1000)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "list_name", "name"), name="workspace_view_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("is_internal", models.BooleanField(default=False)),
                ("author", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=100, unique=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_id", "created_at"], name="workspace_s_subject_63de67_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("is_internal", models.BooleanField(default=False)),
                ("author", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(default=buoy.core.clock.now)),
                ("title", models.CharField(max_length=200)),
                ("assignee_name", models.CharField(max_length=200)),
                ("due_date", models.DateField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "assignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "created_at"], name="workspace_task_subject"),
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["assignee", "due_date"],
                        name="workspace_task_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Work",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=60)),
                ("params", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("result_path", models.CharField(blank=True, max_length=300)),
                ("requester", models.CharField(blank=True, max_length=200)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at"], name="workspace_w_created_d145ff_idx"),
                    models.Index(fields=["requested_by", "-created_at"], name="workspace_w_request_f4a8c4_idx"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["moved_at"],
                        name="workspace_work_open",
                    ),
                ],
            },
        ),
        *(
            protect(
                table,
                desk=Rows("select, insert, update"),
                partner=Rows("select, insert, update", _SHARED),
                job=Rows("select, update"),
            )
            for table in ("workspace_comment", "workspace_storedfile", "workspace_task")
        ),
        # People are told by jobs, after the fact; each sees and marks their own.
        protect(
            "workspace_notification",
            desk=Rows("select, update", MINE),
            partner=Rows("select, update", MINE),
            job=Rows("select, insert, update"),
        ),
        *(
            protect(
                table,
                desk=Rows("select, insert, update, delete", MINE),
                partner=Rows("select, insert, update, delete", MINE),
                job=Rows("select"),
            )
            for table in ("workspace_notificationpreference", "workspace_savedview")
        ),
        protect("workspace_digest", job=Rows("select, insert, update")),
        protect(
            "workspace_work",
            desk=Rows("select, insert, update"),
            partner=Rows("select, insert, update", OWN),
            job=Rows("select, insert, update"),
        ),
    ]
