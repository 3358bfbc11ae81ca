"""Sales of each partner: a file that was brought in, and what came of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from buoy.core.actor import Actor
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.sales import jobs
from buoy.domains.sales.actions.moving import start_import
from buoy.domains.sales.actions.receiving import receive_file
from buoy.domains.sales.models import ImportBatch, Line, PartnerMatch, ProductMatch
from tests.cast import JOB, SETUP, Cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = "Invoice no,Line no,Partner code,SKU,Customer,Date,Amount"


def receive(actor: Actor, rows: list[str]) -> UUID:
    """A file of the actor's own feed."""
    content = "\n".join([HEAD, *rows]).encode()
    return receive_file(
        actor,
        storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
        source_name="feed",
        partner_id=None,
        name="sales.csv",
        size=len(content),
        content=io.BytesIO(content),
        defaults={"currency": "EUR"},
        is_unattended=True,
        now=NOW,
    )


def imported_file(actor: Actor, partner_id: UUID) -> None:
    """Lines, a correction, a flawed row, names that nobody knows, and rows that wait."""
    first = ["1,1,X9,P1,Ann,2026-01-05,10", "1,2,,P2,Bob,2026-01-05,ten"]
    for rows in (first, ["1,1,X9,P1,Ann,2026-01-05,12", "1,3,,P2,Bob,2026-01-06,5"]):
        made = str(receive(actor, rows))
        jobs.work_on(batch_id=made)
        if rows is first:
            start_import(actor, batch_id=UUID(made), now=NOW)
            jobs.work_on(batch_id=made)
    waiting = str(receive(actor, ["2,1,X9,P1,Ann,2026-02-05,10", "2,2,,P2,Bob,2026-02-05,ten"]))
    jobs.work_on(batch_id=waiting)


def administrator_of(cast: Cast, partner: str) -> Actor:
    return {"alpha": cast.ramon, "beta": cast.otto, "delta": cast.dana}[partner]


def object_of_import(cast: Cast, partner: str) -> UUID:
    """One whose preview waits for a yes."""
    made = receive(administrator_of(cast, partner), ["1,1,,P1,Ann,2026-01-05,10"])
    with acting(SETUP):
        ImportBatch.objects.filter(id=made).update(state="ready")
    return made


def object_of_line(cast: Cast, partner: str) -> UUID:
    batch_id = receive(administrator_of(cast, partner), ["7,1,,P1,Ann,2026-01-05,10"])
    with acting(JOB):
        batch = ImportBatch.objects.get(id=batch_id)
        line = Line.objects.create(
            id=new_id(),
            source_id=batch.source_id,
            batch=batch,
            partner_id=batch.partner_id,
            partner_why="reporter",
            sale_date=date(2026, 1, 5),
            amount=Decimal(10),
            currency="EUR",
            kind="sale",
            key=b"k",
            content=b"c",
            occurrence=0,
            posted_at=NOW,
        )
    return line.id


def object_of_partner_match(cast: Cast, partner: str) -> UUID:
    with acting(JOB):
        batch = ImportBatch.objects.filter(partner_id=getattr(cast, partner).id).first()
        assert batch
        match = PartnerMatch.objects.create(
            source_id=batch.source_id, partner_id=batch.partner_id, code="X9", name="", why="none", decided_at=NOW
        )
    return match.id


def object_of_product_match(cast: Cast, partner: str) -> UUID:
    with acting(JOB):
        batch = ImportBatch.objects.filter(partner_id=getattr(cast, partner).id).first()
        assert batch
        match = ProductMatch.objects.create(
            source_id=batch.source_id, partner_id=batch.partner_id, code="P1", name="", why="none", decided_at=NOW
        )
    return match.id


OBJECTS = {
    "import": object_of_import,
    "line": object_of_line,
    "partner_match": object_of_partner_match,
    "product_match": object_of_product_match,
}
