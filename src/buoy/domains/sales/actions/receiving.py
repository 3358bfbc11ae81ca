"""A file comes in: it is kept as it is, its layout is told, and what it leaves open is asked.

The screen and the API both come through here. Nothing of a file is believed: not its name, not its type, not its size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from buoy.core import jobs
from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, Stale
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.core.storage import Storage
from buoy.domains.partners import queries as partners
from buoy.domains.sales import policy, queries
from buoy.domains.sales.models import ImportBatch, Source
from buoy.domains.sales.policy import State
from buoy.domains.sales.queries.wording import unreadable
from buoy.domains.sales.reading import layout as layouts
from buoy.domains.sales.reading.flaws import Question, Unreadable
from buoy.domains.sales.reading.layout import Layout, Rows
from buoy.domains.sales.reading.limits import LARGEST_FILE
from buoy.domains.sales.reading.mapping import missing, remembered, suggest

JOB = "sales.work_on"
_SHOWN = 20
_REMEMBERED = ("decimal", "date_order", "serial_dates", "sheet")
"""What a person said about one file and counts for the next of the same source. The character set is looked at anew."""


class FileUnreadable(DomainError):
    """The file cannot be read at all; nothing of it was kept."""

    kind = Kind.INVALID
    code = "file-unreadable"
    message = _("%(name)s cannot be read. %(why)s")


class SourceWithoutName(DomainError):
    """A source has a name, by which the next file is known."""

    kind = Kind.CONFLICT
    code = "source-name-empty"
    message = _("Give the source a name, such as the sender and what the file tells: “Delta, sales of the month”.")


def receive_file(
    actor: Actor,
    *,
    storage: Storage,
    source_name: str,
    partner_id: UUID | None,
    name: str,
    size: int,
    content: BinaryIO,
    defaults: Mapping[str, str],
    is_unattended: bool = False,
    now: datetime,
) -> UUID:
    """Take a file of a source in. A partner's source is its own; the vendor's may belong to a partner or to nobody.

    The bytes are stored before the transaction: a crash may leave bytes that no row knows, never a row without bytes.
    Writes an import, and the source when it is new. Raises NotAllowed, NotFound, FileUnreadable, SourceWithoutName.
    """
    actor.require("sales.import")
    partner_id = actor.partner_id if actor.face is Face.PARTNER else partner_id
    source_name = " ".join(source_name.split())
    if not source_name:
        raise SourceWithoutName
    _look(name, size, content, {})
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    content.seek(0)
    key = f"imports/{now:%Y/%m}/{new_id()}"
    storage.put(key, content)
    with acting(actor):
        writing(actor)
        if partner_id is not None:
            partners.partner_row(actor, partner_id=partner_id)
        source = _source(actor, partner_id=partner_id, name=source_name, now=now)
        batch = ImportBatch(
            source=source,
            partner_id=partner_id,
            file_name=name[:300],
            size=size,
            sha256=sha256,
            key=key,
            defaults={**source.defaults, **{field: value for field, value in defaults.items() if value}},
            is_unattended=is_unattended,
            requested_by_id=actor.person,
            requester=actor.name,
            created_at=now,
            moved_at=now,
        )
        _settle(batch, content, answers=source.layout, mapping=source.mapping, is_confirmed=bool(source.mapping))
        batch.save(force_insert=True)
        record(
            actor,
            action="import.received",
            object_type="import",
            object_id=batch.id,
            partner_id=partner_id,
            after={"source": source.name, "file": batch.file_name, "size": size, "sha256": sha256},
        )
        if batch.state == State.READING.value:
            jobs.enqueue(JOB, batch_id=str(batch.id))
    return batch.id


def answer(
    actor: Actor,
    *,
    storage: Storage,
    batch_id: UUID,
    answers: Mapping[str, str],
    mapping: Mapping[str, str],
    defaults: Mapping[str, str],
    now: datetime,
) -> None:
    """Say how the file is meant: its layout, which column holds what, and what fills the rest. It is then read from the
    beginning, and the source remembers.

    From ASKING, READY or FAILED. Raises NotAllowed, NotFound, Stale, FileUnreadable.
    """
    with acting(actor, read_only=True):
        actor.require("sales.import")
        seen = queries.batch_to_change(actor, batch_id=batch_id)
    with queries.opened(storage, seen.key) as content, acting(actor):
        writing(actor)
        batch = queries.batch_to_change(actor, batch_id=batch_id)
        if State(batch.state) not in policy.MAY_BE_READ_AGAIN:
            raise Stale
        before = batch.state
        batch.defaults = {field: value for field, value in {**batch.defaults, **defaults}.items() if value}
        said = {**batch.source.layout, **{field: value for field, value in answers.items() if value}}
        _settle(batch, content, answers=said, mapping=mapping, is_confirmed=True)
        batch.moved_at = now
        fresh = dict.fromkeys(("position", "rows", "refused", "flagged", "repeated"), 0)
        fields = ("state", "layout", "mapping", "defaults", "questions", "sample", "error", "moved_at")
        changed = ImportBatch.objects.filter(id=batch_id, state=before).update(
            **fresh, **{field: getattr(batch, field) for field in fields}
        )
        if not changed:
            raise Stale
        kept = {field: value for field, value in said.items() if field in _REMEMBERED}
        Source.objects.filter(id=batch.source_id).update(
            layout=kept, mapping=dict(batch.mapping), defaults=batch.defaults
        )
        record(
            actor,
            action="import.answered",
            object_type="import",
            object_id=batch_id,
            partner_id=batch.partner_id,
            after={"layout": said, "mapping": batch.mapping, "defaults": batch.defaults},
        )
        if batch.state == State.READING.value:
            jobs.enqueue(JOB, batch_id=str(batch_id))


def _source(actor: Actor, *, partner_id: UUID | None, name: str, now: datetime) -> Source:
    """The source of this name and partner, made when there is none."""
    of_partner = Q(partner_id=partner_id) if partner_id else Q(partner=None)
    found = queries.visible_sources(actor).filter(of_partner, name=name).first()
    if found is not None:
        return found
    return Source.objects.create(partner_id=partner_id, name=name, created_at=now)


def _settle(
    batch: ImportBatch,
    content: BinaryIO,
    *,
    answers: Mapping[str, str],
    mapping: Mapping[str, str],
    is_confirmed: bool,
) -> None:
    """Layout, mapping and questions of the file; READING when nothing is open, else ASKING."""
    layout, questions, rows = _look(batch.file_name, batch.size, content, answers)
    kept = remembered(mapping, layout.columns)
    batch.mapping = kept if is_confirmed else {**suggest(layout.columns), **kept}
    layout, more = layouts.settle(layout, batch.mapping, rows)
    questions += more
    lacking = missing(batch.mapping, has_currency=bool(batch.defaults.get("currency")))
    lost = sorted(mapping.keys() - kept.keys()) if is_confirmed else []
    batch.layout = layout.kept()
    batch.questions = [asdict(question) for question in questions]
    batch.questions += [{"about": "mapping", "choices": [], "examples": []}] if lacking or lost else []
    batch.sample = [[number, *map(_written, row)] for number, row in rows[:_SHOWN]]
    batch.error = {}
    is_settled = not batch.questions and (is_confirmed or batch.is_unattended)
    batch.state = (State.READING if is_settled else State.ASKING).value


def _look(name: str, size: int, content: BinaryIO, answers: Mapping[str, str]) -> tuple[Layout, list[Question], Rows]:
    """Raises FileUnreadable."""
    try:
        if size > LARGEST_FILE:
            raise Unreadable("too-large", most=LARGEST_FILE)
        return layouts.detect(content, answers)
    except Unreadable as error:
        raise FileUnreadable(name=name, why=unreadable(error.code, error.params)) from error


def _written(cell: Any) -> str:
    return "" if cell is None else str(cell).replace("\x00", "�")[:60]
