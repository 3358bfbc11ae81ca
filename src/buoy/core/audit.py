"""The audit trail: who did what, on whose behalf, when, from where, and how it was before and after.

    with acting(actor):
        …
        record(actor, action="partner.renamed", object_type="partner", object_id=id, before={…}, after={…})

`record` only notes the event; it is written at the very end of the scope, in the transaction of the use case, so an event
is there exactly when what it tells of is there.

**The chain.** Each row has a number, one more than the row before, and a hash over its own columns and the hash of the row
before. So a row that was changed, taken out, put in or moved is found by calculating the hashes again
(`buoy.core.chain.verify`). The order needs a lock: it is taken when the rows are written, and the commit that follows at
once gives it back. A trigger refuses to change or delete rows, for everybody; whoever may drop the trigger is found out by
the chain.

**The anchor.** A chain cannot show that its end was cut off, or that all of it was written anew. So its length and last
hash are noted outside of the database, in a file that only grows (`buoy.core.chain.anchor`), and written to the log. The
verifier holds the chain against every line of it. What happened after the last anchor is protected by the chain alone.

**Forgetting a person.** What may tell of people (name, address, before and after) lies in `details`, and the chain covers
only the salted hash of it: details can be blanked for the sake of a person's rights without breaking the chain, and without
the salt the hash cannot be tried against guesses.

Secrets never get here: values under telling names (`REDACTED`) are masked, and so is whatever looks like a token of ours.
"""

from __future__ import annotations

import enum
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.chain import details_hash, row_hash
from buoy.core.models import AuditEvent
from buoy.core.scope import gather, require_scope, writing

REDACTED = re.compile(
    r"password|passphrase|secret|token|digest|salt|otp|recovery|cookie|iban|account_number"
    r"|(^|_)(hash|key|keys|pin|seed)$|^codes?$"
)
"""Names whose values are masked. Better one harmless value masked than one secret kept for ever."""
MASK = "•••"
_TOKEN = re.compile(r"\bby_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event as it waits for the end of its scope."""

    actor: Actor
    action: str
    object_type: str
    object_id: str
    partner_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record(
    actor: Actor,
    *,
    action: str,
    object_type: str,
    object_id: UUID | str,
    partner_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note what the actor did, to be written at the end of the scope.

    `action` is the fact in the past tense (`partner.renamed`). When `before` and `after` are both given, what is the same
    in both is left out. `partner_id` is the partner whose record it is: the actor's own unless said. Raises TypeError for
    a value that has no exact JSON form, such as a float.
    """
    writing(actor)
    old, new = _clean(before), _clean(after)
    if old is not None and new is not None:
        same = {name for name in old.keys() & new.keys() if old[name] == new[name] != MASK}
        old, new = ({name: value for name, value in side.items() if name not in same} for side in (old, new))
    entry = Entry(
        actor=actor,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        partner_id=partner_id or actor.partner_id,
        before=old,
        after=new,
    )
    gather(_write, entry)


def events(actor: Actor) -> QuerySet[AuditEvent]:
    """The events that the actor sees, newest first. Staff see all; a partner those of its own people and programs."""
    require_scope()
    actor.require("audit.view")
    seen = AuditEvent.objects.order_by("-number")
    if actor.face is Face.PARTNER:
        return seen.filter(partner_id=actor.partner_id, face=Face.PARTNER.value)
    return seen


def _write(entries: list[Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select number, hash from core_audit_head()")  # Takes the lock; the commit gives it back.
        number, head = cursor.fetchone()
    at = clock.now()
    rows = []
    for entry in entries:
        number += 1
        row = _row(entry, number=number, at=at)
        row.hash = head = row_hash(row, head)
        rows.append(row)
    AuditEvent.objects.bulk_create(rows)


def _row(entry: Entry, *, number: int, at: datetime) -> AuditEvent:
    actor = entry.actor
    details = {
        "name": _plain(actor.name),
        "address": _plain(actor.address),
        "before": entry.before,
        "after": entry.after,
    }
    salt = secrets.token_bytes(16)
    return AuditEvent(
        number=number,
        at=at,
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        partner_id=entry.partner_id,
        face=actor.face.value,
        user_id=actor.user_id,
        on_behalf_of=actor.on_behalf_of,
        api_client_id=actor.api_client_id,
        request_id=actor.request_id,
        details=details,
        salt=salt,
        details_hash=details_hash(details, salt),
    )


# --- What is kept ----------------------------------------------------------------------------------------------


def _clean(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {name: _kept(name, value) for name, value in values.items()}


def _kept(name: str, value: Any) -> Any:
    return MASK if REDACTED.search(name.lower()) and value not in (None, "") else _plain(value)


def _plain(value: Any) -> Any:
    """The value in JSON, such that PostgreSQL gives back the same."""
    match value:
        case None | bool() | int():
            return value
        case enum.Enum():
            return _plain(value.value)
        case str() | Promise():
            # PostgreSQL's JSON has no character 0, and UTF-8 no half of a pair.
            text = str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()
            return _TOKEN.sub(MASK, text)
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(name): _kept(str(name), inner) for name, inner in value.items()}
        case set() | frozenset():
            return sorted(map(_plain, value))
        case list() | tuple():
            return [_plain(inner) for inner in value]
    raise TypeError(
        f"the audit trail was given {value!r} of {type(value).__name__}; expected text, numbers, dates or ids"
    )
