"""The cast, and a way to bring files in: `bring(cast.mei, "a.csv", b"…")` gives the import when all is done."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from buoy.core.actor import Actor
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.sales import jobs
from buoy.domains.sales.actions.moving import start_import
from buoy.domains.sales.actions.receiving import answer, receive_file
from buoy.domains.sales.policy import State
from buoy.domains.sales.queries.imports import BatchRow, batch_row
from tests.cast import Cast, make_cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def cast(committed: None) -> Cast:
    return make_cast()


def receive(actor: Actor, name: str, content: bytes, **said: Any) -> UUID:
    """Take a file in, with what a sender usually says."""
    said = {"source_name": "feed", "partner_id": None, "defaults": {"currency": "EUR"}, "now": NOW, **said}
    place = storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data)
    return receive_file(actor, storage=place, name=name, size=len(content), content=io.BytesIO(content), **said)


def read(actor: Actor, batch_id: UUID) -> BatchRow:
    with acting(actor):
        return batch_row(actor, batch_id=batch_id)


def confirm(actor: Actor, batch_id: UUID, **said: Any) -> None:
    """Say yes to the mapping as it was suggested, and whatever else."""
    row = read(actor, batch_id)
    said = {"answers": {}, "mapping": row.mapping, "defaults": {}, "now": NOW, **said}
    answer(
        actor,
        storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
        batch_id=batch_id,
        **said,
    )


@pytest.fixture
def bring(cast: Cast) -> Callable[..., BatchRow]:
    """Bring a file in to its end: take it, confirm the mapping if asked, read it, say yes, write it."""

    def do(actor: Actor, name: str, content: bytes, **said: Any) -> BatchRow:
        answers = said.pop("answers", {})
        batch_id = receive(actor, name, content, **said)
        if read(actor, batch_id).state is State.ASKING:
            confirm(actor, batch_id, answers=answers)
        jobs.work_on(batch_id=str(batch_id))
        if read(actor, batch_id).state is State.READY:
            start_import(actor, batch_id=batch_id, now=NOW)
            jobs.work_on(batch_id=str(batch_id))
        return read(actor, batch_id)

    return do
