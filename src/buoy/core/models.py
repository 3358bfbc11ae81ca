"""Tables that every room leans on: the audit trail, events to be told, calls made with a key, and who asked how often."""

from __future__ import annotations

from django.db import models

from buoy.core import clock
from buoy.core.ids import new_id


class AuditEvent(models.Model):
    """One thing that somebody did. Rows are only ever added, by `buoy.core.audit`, which says what each column holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    partner_id = models.UUIDField(null=True)
    face = models.CharField(max_length=20)
    user_id = models.UUIDField(null=True)
    on_behalf_of = models.UUIDField(null=True)
    api_client_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=80, blank=True)
    details = models.JSONField()
    salt = models.BinaryField()
    details_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        indexes = [
            # A partner's own events, newest first; also what row-level security asks for.
            models.Index(fields=["partner_id", "-number"], name="core_audit_of_partner"),
            # The history of one thing.
            models.Index(fields=["object_type", "object_id", "-number"], name="core_audit_of_object"),
            # What one person did.
            models.Index(fields=["user_id", "-number"], name="core_audit_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.object_type} {self.object_id}"


class PendingEvent(models.Model):
    """An event that its handlers have not all been told; see `buoy.core.events`. `kind` is the full name of its class."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=200)
    payload = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # The sweep for events that were left behind.
            models.Index(fields=["at"], name="core_pendingevent_age"),
        ]


class IdempotentCall(models.Model):
    """A call of the API that was made with an idempotency key, and the answer that it got."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    partner_id = models.UUIDField(null=True)
    request_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            # A second call with the key waits here until the first has committed.
            models.UniqueConstraint(name="core_idempotentcall_once", fields=["caller", "key"]),
        ]
        indexes = [
            # The sweep of old keys.
            models.Index(fields=["created_at"], name="core_idempotentcall_age"),
        ]


class RateLimit(models.Model):
    """`full_at` is when the bucket of `key` would be full again if nobody asked any more; see `buoy.core.limits`."""

    key = models.CharField(primary_key=True, max_length=120)
    full_at = models.DateTimeField()
