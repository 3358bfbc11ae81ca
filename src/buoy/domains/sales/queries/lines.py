"""Reads of sales lines and their totals.

Staff see all lines, a partner its own and those of the partners below it; so what a total adds up is what its reader may
see. Totals that ask for nothing finer than a month are read from those that are kept with the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.domains.sales.models import EndCustomer, Line, LineRevision, MonthTotal

PER_PAGE = 50
ORDER = ("-sale_date", "-id")
_MOST_CUSTOMERS = 500
_KEPT = ("channel", "tier_from", "tier_to", "event", "kind", "currency")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines. `words` are a document, a product or a customer by code, written out."""

    partner_id: UUID | None = None
    from_month: date | None = None
    to_month: date | None = None
    """The first day of the last month that is wanted."""
    channel: str = ""
    tier_from: str = ""
    tier_to: str = ""
    event: str = ""
    kind: str = ""
    currency: str = ""
    novelty: str = ""
    words: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the totals of months can answer."""
        return not self.words and not self.novelty

    def in_months(self, rows: QuerySet[Any], name: str, *, is_month: bool) -> QuerySet[Any]:
        if self.from_month:
            rows = rows.filter(**{f"{name}__gte": self.from_month})
        if self.to_month:
            end = self.to_month if is_month else month_after(self.to_month)
            rows = rows.filter(**{f"{name}__lte" if is_month else f"{name}__lt": end})
        return rows

    def exact(self) -> dict[str, Any]:
        found: dict[str, Any] = {name: getattr(self, name) for name in _KEPT if getattr(self, name)}
        if self.partner_id:
            found["partner_id"] = self.partner_id
        return found


@dataclass(frozen=True)
class LineRow:
    """One line, as lists and its page show it."""

    id: UUID
    partner_id: UUID | None
    partner: str
    partner_why: str
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

    @classmethod
    def of(cls, line: Line) -> LineRow:
        own = {name: getattr(line, name) for name in cls.__dataclass_fields__ if name not in ("partner",)}
        return cls(**own, partner=line.partner.name if line.partner else "")


@dataclass(frozen=True)
class Total:
    """What some lines add up to in one currency; amounts of two currencies are never added."""

    currency: str
    lines: int
    amount: Decimal
    quantity: Decimal


@dataclass(frozen=True)
class Grouped:
    """Amounts in one currency by a word: the words in their order, and for each month one amount a word."""

    months: Sequence[date]
    words: Sequence[str]
    amounts: Mapping[tuple[date, str], Decimal] = field(default_factory=dict)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def visible_lines(actor: Actor, wanted: Wanted | None = None) -> QuerySet[Line]:
    """The lines that the actor sees, newest first."""
    require_scope()
    actor.require("sales.view")
    lines = Line.objects.order_by(*ORDER)
    if actor.face is Face.PARTNER:
        lines = lines.filter(partner_id__in=actor.partner_ids)
    if wanted is None:
        return lines
    lines = wanted.in_months(lines.filter(**wanted.exact()), "sale_date", is_month=False)
    if wanted.novelty:
        lines = lines.filter(novelty=wanted.novelty)
    return _called(lines, wanted.words) if wanted.words else lines


def _called(lines: QuerySet[Line], words: str) -> QuerySet[Line]:
    """The lines of a document of this number; else of a product; else of customers.

    One after the other, since each has an index that gives its lines in order, and all three together have none.
    """
    for name in ("document_no", "product_code"):
        if lines.filter(**{name: words}).exists():
            return lines.filter(**{name: words})
    customers = list(EndCustomer.objects.filter(key=words.lower()).values_list("id", flat=True)[:_MOST_CUSTOMERS])
    return lines.filter(customer_id__in=customers)


def visible_totals(actor: Actor, wanted: Wanted) -> QuerySet[MonthTotal]:
    """The kept totals that the actor sees; only for what they can answer."""
    require_scope()
    actor.require("sales.view")
    totals = MonthTotal.objects.filter(**wanted.exact(), lines__gt=0).order_by()
    if actor.face is Face.PARTNER:
        totals = totals.filter(partner_id__in=actor.partner_ids)
    return wanted.in_months(totals, "month", is_month=True)


def line_page(actor: Actor, wanted: Wanted, *, after: tuple[date, UUID] | None) -> tuple[list[LineRow], bool]:
    """A page of lines after a place in their order, and whether there are more. One query."""
    lines = visible_lines(actor, wanted).select_related("partner")
    if after:
        day, last = after
        # Written so that the index by day is entered at the place and not walked through up to it.
        lines = lines.filter(sale_date__lte=day).exclude(sale_date=day, id__gte=last)
    found = list(lines[: PER_PAGE + 1])
    return [LineRow.of(line) for line in found[:PER_PAGE]], len(found) > PER_PAGE


def lines_of_document(actor: Actor, *, document_no: str, most: int) -> list[LineRow]:
    """The lines of one document, by its whole number. One query."""
    lines = visible_lines(actor).filter(document_no=document_no).select_related("partner")
    return [LineRow.of(line) for line in lines[:most]]


def totals(actor: Actor, wanted: Wanted) -> list[Total]:
    """What the wanted lines add up to, by currency, the largest first. One query."""
    rows: QuerySet[Any, Any]
    if wanted.is_kept:
        rows = visible_totals(actor, wanted).values("currency")
        rows = rows.annotate(count=Sum("lines"), sum=Sum("amount"), pieces=Sum("quantity"))
    else:
        rows = visible_lines(actor, wanted).order_by().values("currency")
        rows = rows.annotate(count=Count("id"), sum=Sum("amount"), pieces=Sum("quantity"))
    found = [Total(row["currency"], row["count"], row["sum"], row["pieces"] or Decimal(0)) for row in rows]
    return sorted(found, key=lambda total: (-total.lines, total.currency))


def by_channel(actor: Actor, wanted: Wanted, *, currency: str) -> Grouped:
    """Amounts of each month by channel, in one currency. One query."""
    rows = visible_totals(actor, wanted).filter(currency=currency)
    sums = rows.values("month", "channel").annotate(sum=Sum("amount"))
    amounts = {(row["month"], row["channel"]): row["sum"] for row in sums}
    sizes: dict[str, Decimal] = {}
    for (_, word), amount in amounts.items():
        sizes[word] = sizes.get(word, Decimal(0)) + amount
    return Grouped(
        months=sorted({month for month, _ in amounts}),
        words=sorted(sizes, key=lambda word: (-sizes[word], word)),
        amounts=amounts,
    )


def through_partners(actor: Actor, wanted: Wanted, *, currency: str) -> tuple[Decimal, Decimal]:
    """What was sold through partners, and by the vendor itself, in one currency. One query."""
    rows = visible_totals(actor, wanted).filter(currency=currency)
    sums = rows.aggregate(
        through=Sum("amount", filter=Q(partner__isnull=False)), own=Sum("amount", filter=Q(partner__isnull=True))
    )
    return sums["through"] or Decimal(0), sums["own"] or Decimal(0)


def by_partner(
    actor: Actor, wanted: Wanted, *, currency: str, most: int = 10
) -> list[tuple[UUID | None, str, Decimal]]:
    """The partners with the largest amounts in one currency. One query."""
    rows = visible_totals(actor, wanted).filter(currency=currency).values("partner_id", name=F("partner__name"))
    found = rows.annotate(sum=Sum("amount")).order_by("-sum", "partner_id")[:most]
    return [(row["partner_id"], row["name"] or "", row["sum"]) for row in found]


def months(actor: Actor) -> list[date]:
    """The months that have lines, newest first. One query."""
    found = visible_totals(actor, Wanted()).values_list("month", flat=True).distinct()
    return sorted(found, reverse=True)


def currencies(actor: Actor) -> list[str]:
    """The currencies that lines are in. One query."""
    return sorted(visible_totals(actor, Wanted()).values_list("currency", flat=True).distinct())


def line_row(actor: Actor, *, line_id: UUID) -> LineRow:
    """One line. Raises NotFound. One query."""
    line = visible_lines(actor).select_related("partner").filter(id=line_id).first()
    if line is None:
        raise NotFound
    return LineRow.of(line)


@dataclass(frozen=True)
class RevisionRow:
    """A line as it was until a correction."""

    sale_date: date
    quantity: Decimal | None
    amount: Decimal
    currency: str
    document_no: str
    product_code: str
    customer_name: str
    replaced_at: datetime


def revisions(actor: Actor, *, line_id: UUID) -> list[RevisionRow]:
    """What a line was before, newest first. One query."""
    require_scope()
    actor.require("sales.view")
    return [_revision(row) for row in LineRevision.objects.filter(line_id=line_id).order_by("-replaced_at", "-id")]


def _revision(row: LineRevision) -> RevisionRow:
    was = row.was
    return RevisionRow(
        sale_date=date.fromisoformat(was["sale_date"]),
        quantity=None if was["quantity"] is None else Decimal(str(was["quantity"])),
        amount=Decimal(str(was["amount"])),
        currency=was["currency"],
        document_no=was["document_no"],
        product_code=was["product_code"],
        customer_name=was["customer_name"],
        replaced_at=row.replaced_at,
    )
