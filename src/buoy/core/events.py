"""What has happened, told to whoever reacts to it. `buoy.wiring` is the one map from events to their handlers.

    @dataclass(frozen=True)
    class UserInvited:                       # events.py of the room: in the past tense, of ids, texts and dates
        user_id: UUID

    publish(UserInvited(user_id=user.id))    # in an action
    HANDLERS = {UserInvited: (welcome,)}     # in buoy.wiring

Handlers run once the transaction has been committed, one after the other, outside of any scope: one that reads or writes
opens its own, and one with much to do puts a job into the queue. One that fails neither undoes what happened nor keeps the
others from running: it is logged and becomes a job, which tries again and, if it fails again, waits among the failed jobs
for an administrator.

The event is also written down in the transaction of what happened, and struck out when its handlers have been told. A crash
between the two leaves the row, which a sweep finds and tells anew. So a handler may be called twice for one event, and must
not mind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import TypeAdapter

from buoy.core import clock
from buoy.core.actor import job_actor
from buoy.core.jobs import job, nudge
from buoy.core.models import PendingEvent
from buoy.core.scope import acting, after_commit, gather, require_scope

LEFT_BEHIND_SECONDS = 60
"""After that long, an event that is still written down has lost the process that was to tell it."""
MOST_AT_ONCE = 1000
ME = job_actor("events")

Handler = Callable[[Any], None]

log = logging.getLogger(__name__)


def publish(event: object) -> None:
    """Tell the handlers of the event once the scope has been committed, and nobody if it is not."""
    require_scope()
    if type(event) not in handlers():
        return
    pending = PendingEvent(kind=name_of(type(event)), payload=_dump(event), at=clock.now())
    gather(_write_down, pending)
    after_commit(partial(_deliver, event, pending.id))


@cache
def handlers() -> Mapping[type, tuple[Handler, ...]]:
    """The map of `buoy.wiring`, which stands above and is therefore known by name only."""
    wired: Mapping[type, tuple[Handler, ...]] = import_string(settings.EVENT_HANDLERS)
    return wired


def _write_down(pending: list[PendingEvent]) -> None:
    PendingEvent.objects.bulk_create(pending)


def _deliver(event: object, pending_id: UUID) -> None:
    for handler in handlers()[type(event)]:
        try:
            handler(event)
        except Exception:
            log.exception("%s failed on %s and is tried again by a job", name_of(handler), event)
            nudge(deliver_again, event=name_of(type(event)), handler=name_of(handler), payload=_dump(event))
    with acting(ME):
        PendingEvent.objects.filter(id=pending_id).delete()


@job(cron="* * * * * */20")
def deliver_left_behind(timestamp: int) -> None:
    """Tell the events whose process ended between the commit and the handlers."""
    kinds = {name_of(kind): kind for kind in handlers()}
    with acting(ME, read_only=True):
        old = PendingEvent.objects.filter(at__lt=clock.now() - timedelta(seconds=LEFT_BEHIND_SECONDS))
        rows = list(old.order_by("at").values_list("id", "kind", "payload")[:MOST_AT_ONCE])
    for pending_id, kind, payload in rows:
        if kind in kinds:
            _deliver(TypeAdapter(kinds[kind]).validate_json(payload), pending_id)
        else:
            log.error("buoy.wiring has no event %s any more; the event %s is kept and not told", kind, pending_id)


@job()
def deliver_again(event: str, handler: str, payload: str) -> None:
    """Give an event once more to a handler that failed. Both are looked up in the map, by name."""
    for kind, reactions in handlers().items():
        for reaction in reactions:
            if (name_of(kind), name_of(reaction)) == (event, handler):
                reaction(TypeAdapter(kind).validate_json(payload))
                return
    raise LookupError(f"buoy.wiring has no handler {handler} of {event} any more; cancel this job if that is meant")


def _dump(event: object) -> str:
    return TypeAdapter(type(event)).dump_json(event).decode()


def name_of(thing: Any) -> str:
    """The full name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"
