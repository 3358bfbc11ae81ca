"""Reads about imports: the vendor's people see all, a partner those of its own feeds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import QuerySet

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.core.storage import Storage
from buoy.domains.sales import policy
from buoy.domains.sales.models import FlawedRow, ImportBatch, Source
from buoy.domains.sales.policy import State
from buoy.domains.sales.queries.wording import flaw, unreadable


@dataclass(frozen=True)
class BatchRow:
    """An import, as lists and its page show it. Rows that were read are accepted or refused."""

    id: UUID
    source_id: UUID
    source: str
    sha256: str
    partner_id: UUID | None
    partner: str
    state: State
    stopped_in: str
    file_name: str
    size: int
    position: int
    rows: int
    refused: int
    flagged: int
    repeated: int
    expected_new: int
    expected_same: int
    expected_corrected: int
    new: int
    same: int
    corrected: int
    layout: Mapping[str, Any]
    mapping: Mapping[str, str]
    defaults: Mapping[str, str]
    questions: Sequence[Mapping[str, Any]]
    sample: Sequence[Sequence[Any]]
    error: str
    requester: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, batch: ImportBatch) -> BatchRow:
        same_names = ("stopped_in", "file_name", "size", "position", "rows", "refused", "flagged", "repeated", "new")
        more = ("same", "corrected", "expected_new", "expected_same", "expected_corrected", "layout", "mapping")
        rest = ("defaults", "questions", "sample", "requester", "created_at", "ended_at", "id", "partner_id")
        kept = ("source_id", "sha256")
        error = unreadable(batch.error["code"], batch.error["params"]) if batch.error else ""
        return cls(
            **{name: getattr(batch, name) for name in (*same_names, *more, *rest, *kept)},
            source=batch.source.name,
            partner=batch.partner.name if batch.partner else "",
            state=State(batch.state),
            error=error,
        )

    @property
    def accepted(self) -> int:
        return self.rows - self.refused

    @property
    def is_working(self) -> bool:
        return self.state in policy.WORKING


@dataclass(frozen=True)
class FlawedRowShown:
    """A row of the preview: what is wrong with it, in sentences, and what it says."""

    number: int
    is_refused: bool
    flaws: list[str]
    codes: list[str]
    cells: Mapping[str, str]


def visible_sources(actor: Actor) -> QuerySet[Source]:
    """The feeds that the actor sees, by name."""
    require_scope()
    actor.require("sales.import")
    sources = Source.objects.order_by("name", "id")
    return sources.filter(partner_id__in=actor.partner_ids[:1]) if actor.face is Face.PARTNER else sources


def visible_batches(actor: Actor) -> QuerySet[ImportBatch]:
    """The imports that the actor sees, newest first."""
    require_scope()
    actor.require("sales.import")
    batches = ImportBatch.objects.order_by("-created_at", "-id")
    return batches.filter(partner_id__in=actor.partner_ids[:1]) if actor.face is Face.PARTNER else batches


def batch_row(actor: Actor, *, batch_id: UUID) -> BatchRow:
    """One import. Raises NotFound. One query."""
    batch = visible_batches(actor).select_related("source", "partner").filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    return BatchRow.of(batch)


def batch_to_change(actor: Actor, *, batch_id: UUID) -> ImportBatch:
    """Raises NotFound."""
    batch = visible_batches(actor).select_related("source").filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def same_file(actor: Actor, *, batch: BatchRow) -> BatchRow | None:
    """The import that has brought the very same file of the same source in before. One query."""
    before = visible_batches(actor).select_related("source", "partner")
    before = before.filter(sha256=batch.sha256, source_id=batch.source_id, state=State.DONE.value)
    before = before.filter(created_at__lt=batch.created_at)
    found = before.first()
    return BatchRow.of(found) if found else None


def flawed_rows(actor: Actor, *, batch_id: UUID) -> QuerySet[FlawedRow]:
    """The rows of an import that were refused or flagged, in the order of the file. Raises NotFound."""
    if not visible_batches(actor).filter(id=batch_id).exists():
        raise NotFound
    return FlawedRow.objects.filter(batch_id=batch_id).order_by("number", "id")


def flawed_row(row: FlawedRow) -> FlawedRowShown:
    return FlawedRowShown(
        number=row.number,
        is_refused=row.is_refused,
        flaws=[flaw(each) for each in row.flaws],
        codes=[each["code"] for each in row.flaws],
        cells=row.cells,
    )


# --- For jobs --------------------------------------------------------------------------------------------------


def batch_to_work(batch_id: UUID) -> ImportBatch | None:
    """An import that a worker has something to do for. One query, in a job's scope."""
    require_scope()
    states = [state.value for state in policy.WORKING]
    return ImportBatch.objects.select_related("source").filter(id=batch_id, state__in=states).first()


def left_behind(*, before: datetime) -> list[UUID]:
    """Imports that should move and have not since then."""
    require_scope()
    states = [state.value for state in policy.WORKING]
    return list(ImportBatch.objects.filter(state__in=states, moved_at__lt=before).values_list("id", flat=True))


@contextmanager
def opened(storage: Storage, key: str) -> Iterator[BinaryIO]:
    """A stored file, to be read from any place: its bytes in a temporary file of this machine."""
    with tempfile.TemporaryFile() as file:
        for piece in storage.read(key):
            file.write(piece)
        file.seek(0)
        yield file
