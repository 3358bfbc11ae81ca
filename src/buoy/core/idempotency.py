"""A call that was made twice with one key is done once, and both get the same answer.

A program that got no answer cannot know whether its call was done. So it sends a key of its own making with the call, and
repeats the call with the same key. Key, use case and answer are written in one transaction: there is no moment in which
one is there without the others.

    with once(actor, caller=…, key=…, request_hash=…) as call:
        if call.answer is None:
            … the use case, whose scopes are parts of this transaction …
            call.keep(status=201, body="{…}")

Of calls at the same moment the first one goes ahead; the others wait in PostgreSQL, on the unique index, until it has
committed, and get its answer. If it was undone instead, the next one is the first. Only answers of success are kept: a
call that was refused may be repeated under its key once the reason is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.errors import DomainError, Kind
from buoy.core.ids import new_id
from buoy.core.models import IdempotentCall
from buoy.core.scope import acting, require_scope

KEPT_DAYS = 7

_CLAIM = """
insert into core_idempotentcall (id, caller, key, partner_id, request_hash, body, created_at)
values (%(id)s, %(caller)s, %(key)s, %(partner)s, %(hash)s, '', %(now)s)
on conflict (caller, key) do nothing
"""


class KeyReused(DomainError):
    """The key belongs to a call with another content."""

    kind = Kind.INVALID
    code: ClassVar[str] = "idempotency-key-reused"
    message = _("This idempotency key was used for another request. Make a new key for each new request.")


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


@dataclass
class Call:
    """`answer` is that of the first call with this key, and None when this is the first."""

    id: UUID
    answer: Answer | None = None

    def keep(self, *, status: int, body: str) -> None:
        """Write the answer down for calls to come."""
        IdempotentCall.objects.filter(id=self.id).update(status=status, body=body)


@contextmanager
def once(actor: Actor, *, caller: str, key: str, request_hash: bytes) -> Iterator[Call]:
    """Open the transaction of a call with a key. Raises KeyReused."""
    with acting(actor, lends=True):
        fresh = new_id()
        claim: dict[str, Any] = {
            "id": fresh,
            "caller": caller,
            "key": key,
            "partner": actor.partner_id,
            "hash": request_hash,
            "now": clock.now(),
        }
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, claim)
        call = IdempotentCall.objects.get(caller=caller, key=key)
        if bytes(call.request_hash) != request_hash:
            raise KeyReused
        if call.id == fresh:
            yield Call(id=fresh)
        else:
            assert call.status is not None  # It is written in the transaction that has claimed the key.
            yield Call(id=call.id, answer=Answer(status=call.status, body=call.body))


def forget(*, before: datetime) -> None:
    """Remove calls that were made before a moment. Needs a job's scope."""
    require_scope()
    IdempotentCall.objects.filter(created_at__lt=before).delete()
