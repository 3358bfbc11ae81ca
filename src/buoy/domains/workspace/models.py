"""What stands beside the things of other rooms. `subject_type` and `subject_id` name the thing, `partner` whose it is."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from buoy.core import clock
from buoy.core.ids import new_id
from buoy.domains.workspace import policy


def _choices(of: type[Any]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in of]


class About(models.Model):
    """What a row is about and who may see it; an internal one is for the vendor's people only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    is_internal = models.BooleanField(default=False)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    author = models.CharField(max_length=200)
    """The name of who made it, as it was then: a partner may read it here and not in the vendor's list of users."""
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True
        # The panel beside a thing shows what is about it, oldest first.
        indexes = [models.Index(fields=["subject_type", "subject_id", "created_at"])]


class Comment(About):
    """`removed_at` keeps the place in the conversation and hides the words."""

    text = models.TextField(max_length=10_000)
    mentioned = ArrayField(models.UUIDField(), default=list)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(About.Meta):
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "created_at"], name="workspace_comment_subject"),
            # "Latest conversations": about whatever the reader sees.
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(removed_at=None), name="workspace_comment_latest"
            ),
        ]


class StoredFile(About):
    """A file that somebody uploaded; its bytes lie under `key` in the storage."""

    name = models.CharField(max_length=policy.NAME_LENGTH)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=100, unique=True)
    removed_at = models.DateTimeField(null=True)


class Task(About):
    """Something to do, for one person, by a day."""

    title = models.CharField(max_length=200)
    assignee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    assignee_name = models.CharField(max_length=200)
    due_date = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta(About.Meta):
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "created_at"], name="workspace_task_subject"),
            # "Waiting for you": open tasks of one person by day.
            models.Index(fields=["assignee", "due_date"], condition=models.Q(done_at=None), name="workspace_task_open"),
            # The sweep for tasks whose reader is to be reminded.
            models.Index(
                fields=["due_date"],
                condition=models.Q(done_at=None, reminded_at=None),
                name="workspace_task_unreminded",
            ),
        ]


class Notification(models.Model):
    """One thing that one person is told. `kind` is a word of `policy.NOTICES`; its sentence is a template of that name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=12, choices=_choices(policy.Channel))
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=120, blank=True)
    """What it tells of, so that nobody is told twice; empty where the caller sees to that."""
    claimed_at = models.DateTimeField(null=True)
    """When somebody took it to mail it; `mailed_at` is when it had been sent."""
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The bell: newest first.
            models.Index(fields=["user", "-created_at"]),
            # The sweep for mails that were not sent.
            models.Index(
                fields=["channel", "created_at"], condition=models.Q(mailed_at=None), name="workspace_unmailed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=~models.Q(key=""), name="workspace_notification_once"
            )
        ]


class NotificationPreference(models.Model):
    """The way that one person chose for one kind of notice."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, choices=_choices(policy.Channel))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="workspace_preference_once")]


class Digest(models.Model):
    """When somebody got their last digest."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="digest")
    sent_at = models.DateTimeField()


class SavedView(models.Model):
    """A list as somebody wants to see it again: its filters, order and columns, as the query of its address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "list_name", "name"], name="workspace_view_once")]


class PutAway(models.Model):
    """Something that one person does not want to be shown again. `name` is a word of `policy.PUT_AWAY`."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="workspace_putaway_once")]


class Work(models.Model):
    """A piece of long work: the row is the work, the queue only a nudge. `kind` names its function in `jobs`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=_choices(policy.State), default=policy.State.WAITING.value)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    result_path = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    requester = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    moved_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The administrators' list, newest first; a person's own.
            models.Index(fields=["-created_at"]),
            models.Index(fields=["requested_by", "-created_at"]),
            # The sweep for work that was left behind.
            models.Index(
                fields=["moved_at"], condition=models.Q(state__in=["waiting", "running"]), name="workspace_work_open"
            ),
        ]
