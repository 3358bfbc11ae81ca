"""What the foundation does every night."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from buoy.core import chain, clock, idempotency, limits
from buoy.core.actor import job_actor
from buoy.core.jobs import job
from buoy.core.scope import acting

ANCHORS = settings.CONFIGURATION.data / "audit-anchors"
"""The file of anchors of the audit trail."""


@job(cron="0 3 * * *")
def anchor_audit_trail(timestamp: int) -> None:
    """Note the head of the audit trail outside of the database."""
    with acting(job_actor("anchor_audit_trail")):
        chain.anchor(ANCHORS, now=clock.now())


@job(cron="30 3 * * *")
def forget_calls(timestamp: int) -> None:
    """Forget idempotency keys that nobody repeats any more, and who asked how often."""
    with acting(job_actor("forget_calls")):
        idempotency.forget(before=clock.now() - timedelta(days=idempotency.KEPT_DAYS))
    limits.forget(before=clock.now())
