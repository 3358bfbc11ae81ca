"""People move an import: they start it, stop it, and let it go on. Each step is a conditional update: whoever comes
second changes nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from buoy.core import jobs
from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import NotFound, Stale
from buoy.core.scope import acting, writing
from buoy.domains.sales import policy, queries
from buoy.domains.sales.actions.receiving import JOB
from buoy.domains.sales.policy import State


def start_import(actor: Actor, *, batch_id: UUID, now: datetime) -> None:
    """Write the lines of an import whose preview was seen. READY → WRITING. Raises NotAllowed, NotFound, Stale."""
    _move(actor, batch_id=batch_id, action="import.started", before=(State.READY,), after=State.WRITING, now=now)


def cancel_import(actor: Actor, *, batch_id: UUID, now: datetime) -> None:
    """Stop an import where it stands: lines that are written stay. → CANCELLED. Raises NotAllowed, NotFound, Stale."""
    _move(
        actor,
        batch_id=batch_id,
        action="import.cancelled",
        before=policy.MAY_BE_CANCELLED,
        after=State.CANCELLED,
        now=now,
    )


def resume_import(actor: Actor, *, batch_id: UUID, now: datetime) -> None:
    """Let a cancelled import go on where it was stopped. Raises NotAllowed, NotFound, Stale."""
    with acting(actor, read_only=True):
        actor.require("sales.import")
        stopped_in = queries.batch_to_change(actor, batch_id=batch_id).stopped_in
    if not stopped_in:
        raise Stale
    before, after = (State.CANCELLED,), State(stopped_in)
    _move(actor, batch_id=batch_id, action="import.resumed", before=before, after=after, now=now)


def _move(actor: Actor, *, batch_id: UUID, action: str, before: tuple[State, ...], after: State, now: datetime) -> None:
    with acting(actor):
        writing(actor)
        actor.require("sales.import")
        mine = queries.visible_batches(actor).filter(id=batch_id)
        batch = mine.first()
        if batch is None:
            raise NotFound
        ended = now if after is State.CANCELLED else None
        stopped_in = F("state") if after is State.CANCELLED else ""
        fresh = {"position": 0} if after is State.WRITING and State.READY in before else {}
        moved = mine.filter(state__in=[each.value for each in before]).update(
            state=after.value, stopped_in=stopped_in, ended_at=ended, moved_at=now, **fresh
        )
        if not moved:
            raise Stale
        record(
            actor,
            action=action,
            object_type="import",
            object_id=batch_id,
            partner_id=batch.partner_id,
            before={"state": batch.state},
            after={"state": after.value},
        )
        if after in policy.WORKING:
            jobs.enqueue(JOB, batch_id=str(batch_id))
