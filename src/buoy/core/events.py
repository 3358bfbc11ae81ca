"""What has happened, told to whoever reacts to it. `buoy.wiring` is the one map from events to their handlers.

    @dataclass(frozen=True)
    class UserInvited:                       # events.py of the room: in the past tense, of ids, texts and dates
        user_id: UUID

    publish(UserInvited(user_id=user.id))    # in an action
    HANDLERS = {UserInvited: (welcome,)}     # in buoy.wiring

Handlers run once the transaction has been committed, one after the other, outside of any scope: one that reads or writes
opens its own, and one with much to do puts a job into the queue. One that fails neither undoes what happened nor keeps the
others from running: it is logged and becomes a job, which tries again and, if it fails again, waits among the failed jobs
for an administrator. So a handler may be called twice for one event, and must not mind.

A crash between the commit and the handlers loses the event. What must not be lost stands in a row that a sweep finds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import TypeAdapter

from buoy.core.jobs import job, nudge
from buoy.core.scope import after_commit

Handler = Callable[[Any], None]

log = logging.getLogger(__name__)


def publish(event: object) -> None:
    """Tell the handlers of the event once the scope has been committed, and nobody if it is not."""
    after_commit(partial(_deliver, event))


@cache
def handlers() -> Mapping[type, tuple[Handler, ...]]:
    """The map of `buoy.wiring`, which stands above and is therefore known by name only."""
    wired: Mapping[type, tuple[Handler, ...]] = import_string(settings.EVENT_HANDLERS)
    return wired


def _deliver(event: object) -> None:
    for handler in handlers().get(type(event), ()):
        try:
            handler(event)
        except Exception:
            log.exception("%s failed on %s and is tried again by a job", name_of(handler), event)
            payload = TypeAdapter(type(event)).dump_json(event).decode()
            nudge(deliver_again, event=name_of(type(event)), handler=name_of(handler), payload=payload)


@job()
def deliver_again(event: str, handler: str, payload: str) -> None:
    """Give an event once more to a handler that failed. Both are looked up in the map, by name."""
    for kind, reactions in handlers().items():
        for reaction in reactions:
            if (name_of(kind), name_of(reaction)) == (event, handler):
                reaction(TypeAdapter(kind).validate_json(payload))
                return
    raise LookupError(f"buoy.wiring has no handler {handler} of {event} any more; cancel this job if that is meant")


def name_of(thing: Any) -> str:
    """The full name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"
