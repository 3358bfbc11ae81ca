"""Sales for programs: files in, lines, totals and rates out. A file goes the same way as one from the screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.sales.actions import moving, receiving
from buoy.domains.sales.actions import rates as rate_actions
from buoy.domains.sales.models import ImportBatch
from buoy.domains.sales.queries import imports as queries
from buoy.domains.sales.queries import lines
from buoy.domains.sales.queries import rates as rate_queries
from buoy.domains.sales.queries.imports import BatchRow
from buoy.domains.sales.queries.lines import LineRow, Wanted

router = Router()

Channel = Literal["", "direct", "indirect", "online", "retail", "direct_mail", "in_person"]
Tier = Literal["", "vendor", "agent", "distributor", "reseller", "retailer", "customer"]
Event = Literal["", "order", "invoice", "shipment", "point_of_sale"]
Code = Annotated[Text, Field(max_length=100)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Defaults(Schema):
    """What fills facts that a file does not have."""

    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    channel: Channel = ""
    tier_from: Tier = ""
    tier_to: Tier = ""
    event: Event = ""


class ImportIn(Defaults):
    """A file of a source. Without questions and refused rows it is imported at once."""

    source: Annotated[Text, Field(min_length=1, max_length=300)] = Field(
        description="A name for files of this kind from this sender; what was chosen for one file counts for the next."
    )
    partner_id: UUID | None = Field(None, description="Who sent it. A partner's file is always its own.")


class LayoutIn(Schema):
    """How a file is written; what is empty is told from the file, or stays as it was chosen before."""

    encoding: Annotated[Text, Field(max_length=20)] = ""
    separator: Literal["", ",", ";", "\t", "|"] = ""
    sheet: Annotated[Text, Field(max_length=100)] = ""
    decimal: Literal["", ".", ","] = ""
    date_order: Literal["", "day-first", "month-first"] = ""
    serial_dates: Literal["", "yes", "no"] = ""


class AnswersIn(Schema):
    """How a file is meant. `mapping` names the column of each fact: `{"sale_date": "Invoice date"}`."""

    layout: LayoutIn = LayoutIn()
    mapping: dict[Code, Text]
    defaults: Defaults = Defaults()


class QuestionOut(Schema):
    """What a file leaves open."""

    about: str
    choices: list[str]
    examples: list[str]


class ImportOut(Schema):
    """A file on its way in. Rows in the file are accepted or refused; accepted ones are new, the same as before,
    corrections, or repeated in the file."""

    id: UUID
    source: str
    partner_id: UUID | None
    state: Literal["asking", "reading", "ready", "writing", "done", "failed", "cancelled"]
    file_name: str
    size: int
    rows: int
    accepted: int
    refused: int
    flagged: int
    repeated: int
    expected_new: int
    expected_same: int
    expected_corrected: int
    new: int
    same: int
    corrected: int
    columns: list[str]
    mapping: dict[str, str]
    questions: list[QuestionOut]
    error: str
    created_at: datetime
    ended_at: datetime | None


class FlawOut(Schema):
    """What is wrong with a row; `codes` never change, `flaws` say it in words."""

    number: int = Field(description="The row, as a spreadsheet numbers it.")
    is_refused: bool
    codes: list[str]
    flaws: list[str]
    cells: dict[str, str]


class LineFilters(Schema):
    """Which lines."""

    partner_id: UUID | None = None
    from_month: date | None = Field(None, description="Any day of the first month.")
    to_month: date | None = Field(None, description="Any day of the last month.")
    channel: Channel = ""
    event: Event = ""
    kind: Literal["", "sale", "return"] = ""
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    novelty: Literal["", "new_customer", "same_product", "other_product"] = ""
    search: Code = Field("", description="A document, product or customer code, as a whole.")

    def wanted(self) -> Wanted:
        values = self.dict(exclude={"search", "from_month", "to_month"})
        first, last = (month.replace(day=1) if month else None for month in (self.from_month, self.to_month))
        return Wanted(**values, words=self.search, from_month=first, to_month=last)


class LineOut(Schema):
    """A sale or a return. Amounts are exact, in the currency that they were booked in."""

    id: UUID
    partner_id: UUID | None
    partner_why: str = Field(description="How the partner was found.")
    sale_date: date
    document_no: str
    line_no: str
    order_no: str
    product_id: UUID | None
    product_code: str
    product_name: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    currency: str
    customer_code: str
    customer_name: str
    customer_country: str
    channel: str
    tier_from: str
    tier_to: str
    event: str
    kind: str
    novelty: str
    deal_ref: str
    batch_id: UUID
    posted_at: datetime


class TotalOut(Schema):
    """What lines add up to in one currency."""

    currency: str
    lines: int
    amount: Decimal
    quantity: Decimal


class RateIn(Schema):
    """Units of a currency for one euro on a day."""

    currency: Currency
    rate_date: date
    rate: Decimal = Field(gt=0, max_digits=20, decimal_places=10)


class RateOut(Schema):
    """Units of `to` for one unit of `currency`: `numerator / denominator`, with the days of the rates that were used."""

    currency: str
    to: str
    numerator: Decimal
    denominator: Decimal
    days: list[date]


class RateAsked(Schema):
    """Which rate."""

    currency: Currency
    to: Currency = "EUR"
    on: date


class MadeOut(Schema):
    """What was made."""

    id: UUID


def _out(row: BatchRow) -> Mapping[str, Any]:
    names = (set(ImportOut.model_fields) - {"columns", "questions", "state"}) & set(dir(row))
    return {
        **{name: getattr(row, name) for name in names},
        "state": row.state.value,
        "columns": row.layout.get("columns", []),
        "questions": list(row.questions),
    }


def _shown(batch: ImportBatch) -> Mapping[str, Any]:
    return _out(BatchRow.of(batch))


def _one(request: Request, import_id: UUID) -> Mapping[str, Any]:
    with acting(request.actor, read_only=True):
        return _out(queries.batch_row(request.actor, batch_id=import_id))


# --- Imports ---------------------------------------------------------------------------------------------------


@router.post("/imports", response={201: ImportOut})
def create_import(request: Request, said: Form[ImportIn], file: File[UploadedFile]) -> Status[Mapping[str, Any]]:
    """Send a file: CSV, XLSX, Parquet or X12 867. The same file again adds no line, so that it may be repeated."""
    made = receiving.receive_file(
        request.actor,
        storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
        source_name=said.source,
        partner_id=said.partner_id,
        name=file.name or "",
        size=file.size or 0,
        content=file,  # type: ignore[arg-type]
        defaults=said.dict(exclude={"source", "partner_id"}),
        is_unattended=True,
        now=clock.now(),
    )
    return Status(201, _one(request, made))


@router.get("/imports", response=Page[ImportOut])
def list_imports(request: Request, paging: Query[Paging]) -> Any:
    """The imports that the caller sees, newest first."""
    with acting(request.actor, read_only=True):
        rows = queries.visible_batches(request.actor).select_related("source", "partner")
        return page(rows, order=["-created_at", "-id"], paging=paging, show=_shown)


@router.get("/imports/{uuid:import_id}", response=ImportOut)
def get_import(request: Request, import_id: UUID) -> Mapping[str, Any]:
    """How far an import is."""
    return _one(request, import_id)


@router.get("/imports/{uuid:import_id}/flawed-rows", response=Page[FlawOut])
def list_flawed_rows(request: Request, import_id: UUID, paging: Query[Paging]) -> Any:
    """The rows that were refused, or taken with a remark, in the order of the file."""
    with acting(request.actor, read_only=True):
        rows = queries.flawed_rows(request.actor, batch_id=import_id)
        show: Any = queries.flawed_row
        found: dict[str, Any] = page(rows, order=["number", "id"], paging=paging, show=show)
        return found


@router.post("/imports/{uuid:import_id}/answers", response=ImportOut)
def answer_import(request: Request, import_id: UUID, said: AnswersIn) -> Mapping[str, Any]:
    """Say how the file is meant; it is then read from its beginning. Nothing of it may have been written."""
    receiving.answer(
        request.actor,
        storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
        batch_id=import_id,
        answers=said.layout.dict(),
        mapping=said.mapping,
        defaults=said.defaults.dict(),
        now=clock.now(),
    )
    return _one(request, import_id)


@router.post("/imports/{uuid:import_id}/start", response=ImportOut)
def start_import(request: Request, import_id: UUID) -> Mapping[str, Any]:
    """Write the accepted rows of an import that is ready."""
    moving.start_import(request.actor, batch_id=import_id, now=clock.now())
    return _one(request, import_id)


@router.post("/imports/{uuid:import_id}/cancel", response=ImportOut)
def cancel_import(request: Request, import_id: UUID) -> Mapping[str, Any]:
    """Stop an import where it stands. Lines that are written stay."""
    moving.cancel_import(request.actor, batch_id=import_id, now=clock.now())
    return _one(request, import_id)


@router.post("/imports/{uuid:import_id}/resume", response=ImportOut)
def resume_import(request: Request, import_id: UUID) -> Mapping[str, Any]:
    """Let a cancelled import go on."""
    moving.resume_import(request.actor, batch_id=import_id, now=clock.now())
    return _one(request, import_id)


# --- Lines -----------------------------------------------------------------------------------------------------


@router.get("/lines", response=Page[LineOut])
def list_lines(request: Request, paging: Query[Paging], filters: Query[LineFilters]) -> Any:
    """The lines that the caller sees, newest first."""
    with acting(request.actor, read_only=True):
        rows = lines.visible_lines(request.actor, filters.wanted()).select_related("partner")
        return page(rows, order=list(lines.ORDER), paging=paging, show=LineRow.of)


@router.get("/lines/{uuid:line_id}", response=LineOut)
def get_line(request: Request, line_id: UUID) -> LineRow:
    """One line."""
    with acting(request.actor, read_only=True):
        return lines.line_row(request.actor, line_id=line_id)


@router.get("/totals", response=list[TotalOut])
def get_totals(request: Request, filters: Query[LineFilters]) -> Any:
    """What the lines that the caller sees add up to, by currency. Amounts of two currencies are never added."""
    with acting(request.actor, read_only=True):
        return lines.totals(request.actor, filters.wanted())


# --- Rates -----------------------------------------------------------------------------------------------------


@router.get("/rates", response=RateOut)
def get_rate(request: Request, asked: Query[RateAsked]) -> rate_queries.Rate:
    """The rate between two currencies on a day, and of which days it is. It serves for ten days without a new one."""
    with acting(request.actor, read_only=True):
        return rate_queries.rate(request.actor, currency=asked.currency, to=asked.to, on=asked.on)


@router.post("/rates", response={201: MadeOut})
def enter_rate(request: Request, said: RateIn) -> Status[dict[str, UUID]]:
    """Enter a rate by hand; it wins over the published one of its day."""
    made = rate_actions.enter_rate(request.actor, **said.dict(), now=clock.now())
    return Status(201, {"id": made})
