"""Writes about prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.actions.importing import WHY_NO_SHEET, FileNotRead, Refused
from buoy.domains.catalog.models import Price, PriceList
from buoy.domains.catalog.policy.importing import COLUMNS
from buoy.domains.catalog.policy.prices import Buyer, NotAnAmount, read_amount
from buoy.domains.catalog.policy.sheets import NotASheet, read_sheet
from buoy.domains.catalog.queries.channels import channel_row
from buoy.domains.catalog.queries.prices import price_list_row
from buoy.domains.catalog.queries.products import products_by_code, visible_products

MOST_DIGITS, MOST_PLACES = 12, 6
PRICE_COLUMNS = ("price", "amount", "list price", "unit price", "dealer price")


class PriceListOverlaps(DomainError):
    """Another list says the same about the same sales on some of these days."""

    kind = Kind.CONFLICT
    code = "price-list-overlaps"
    message = _(
        "%(name)s is for the same currency, buyers, tier and channel on some of these days. End that list first, or"
        " choose other days."
    )


class PriceListReversed(DomainError):
    """It would end before it begins."""

    kind = Kind.INVALID
    code = "price-list-reversed"
    message = _("The price list would end before it begins. Check the days.")


WHY_NO_PRICE: Mapping[str, Promise] = {
    "number": _("“%(found)s” is no amount. Write it with digits, such as 1234.50."),
    "ambiguous": _("“%(found)s” may be a thousand or one and a bit. Write the decimal places out, such as 1234.00."),
    "too_fine": _("“%(found)s” has more than six decimal places, or is too large."),
    "unknown": _("There is no product with the article number %(found)s."),
    "twice": _("The article number %(found)s stands in an earlier line already."),
}


@dataclass(frozen=True, kw_only=True)
class ListDraft:
    """A price list as somebody describes it; dates are [valid_from, valid_until)."""

    name: str
    currency: str
    buyer: Buyer
    tier: str = ""
    channel_id: UUID | None = None
    valid_from: date
    valid_until: date | None = None

    @property
    def columns(self) -> dict[str, object]:
        return {
            "name": self.name,
            "currency": self.currency,
            "buyer": self.buyer.value,
            "tier": self.tier,
            "channel_id": self.channel_id,
            "valid": DateRange(self.valid_from, self.valid_until),
        }

    @property
    def told(self) -> dict[str, object]:
        """What the audit trail keeps."""
        dates = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        return {name: value for name, value in self.columns.items() if name != "valid"} | dates


@dataclass
class PriceReport:
    """What became of the rows of a file: `rows` is the sum of changed, same and refused."""

    rows: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refused] = field(default_factory=list)


def add_price_list(actor: Actor, *, draft: ListDraft, now: datetime) -> UUID:
    """Open a price list. Writes a list. Raises NotAllowed, NotFound, PriceListReversed, PriceListOverlaps."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _check(actor, draft, except_id=None)
        made = PriceList.objects.create(created_at=now, **draft.columns)
        record(actor, action="price_list.added", object_type="price_list", object_id=made.id, after=draft.told)
    return made.id


def change_price_list(actor: Actor, *, price_list_id: UUID, draft: ListDraft) -> None:
    """Describe a price list anew. Raises NotAllowed, NotFound, PriceListReversed, PriceListOverlaps."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        row = price_list_row(actor, price_list_id=price_list_id)
        _check(actor, draft, except_id=price_list_id)
        PriceList.objects.filter(id=price_list_id).update(**draft.columns)
        before = {name: getattr(row, name) for name in draft.told}
        record(
            actor,
            action="price_list.changed",
            object_type="price_list",
            object_id=price_list_id,
            before=before,
            after=draft.told,
        )


def set_prices(actor: Actor, *, price_list_id: UUID, prices: Mapping[UUID, Decimal]) -> int:
    """These products cost so much in the list, whatever they cost before. How many changed. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _locked(price_list_id)
        if visible_products(actor).filter(id__in=prices).count() != len(prices):
            raise NotFound
        return _write(actor, price_list_id, prices)


def remove_price(actor: Actor, *, price_list_id: UUID, product_id: UUID) -> None:
    """The product has no price in the list. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _locked(price_list_id)
        price = Price.objects.filter(price_list_id=price_list_id, product_id=product_id).first()
        if price is None:
            raise NotFound
        price.delete()
        before = {"product_id": product_id, "amount": price.amount}
        record(actor, action="price.removed", object_type="price_list", object_id=price_list_id, before=before)


def import_prices(actor: Actor, *, price_list_id: UUID, content: bytes) -> PriceReport:
    """Prices from a file with article numbers and amounts: rows that are right are taken, the others told by line.

    A product that is not in the file keeps its price. Writes prices. Raises NotAllowed, NotFound, FileNotRead.
    """
    actor.require("catalog.manage")
    rows = _rows_of(content)
    report = PriceReport(rows=len(rows))
    with acting(actor):
        writing(actor)
        _locked(price_list_id)
        known = products_by_code(actor, codes=[code for _line, code, _amount in rows])
        prices: dict[UUID, Decimal] = {}
        for line, code, text in rows:
            product = known.get(code.upper())
            problem = "unknown" if product is None else "twice" if product.id in prices else ""
            amount, problem = _amount(text) if not problem else (None, problem)
            if product is None or amount is None:
                found = code if problem in ("unknown", "twice") else text
                report.refused.append(Refused(line, code[:60], str(WHY_NO_PRICE[problem]) % {"found": found[:60]}))
            else:
                prices[product.id] = amount
        report.changed = _write(actor, price_list_id, prices)
        report.same = len(prices) - report.changed
    return report


def _check(actor: Actor, draft: ListDraft, *, except_id: UUID | None) -> None:
    if draft.valid_until and draft.valid_until <= draft.valid_from:
        raise PriceListReversed
    if draft.channel_id:
        channel_row(actor, channel_id=draft.channel_id)
    with connection.cursor() as cursor:
        # Of two lists at once the second sees the first.
        cursor.execute("lock table catalog_pricelist in share row exclusive mode")
    in_channel = Q(channel_id=draft.channel_id) if draft.channel_id else Q(channel=None)
    overlapping = PriceList.objects.filter(
        in_channel,
        currency=draft.currency,
        buyer=draft.buyer.value,
        tier__iexact=draft.tier,
        valid__overlap=DateRange(draft.valid_from, draft.valid_until),
    )
    if other := overlapping.exclude(id__in=[except_id] if except_id else []).first():
        raise PriceListOverlaps(name=other.name)


def _locked(price_list_id: UUID) -> PriceList:
    found = PriceList.objects.select_for_update().filter(id=price_list_id).first()
    if found is None:
        raise NotFound
    return found


def _write(actor: Actor, price_list_id: UUID, prices: Mapping[UUID, Decimal]) -> int:
    """Write those that differ from what is there, and record them. The list is locked."""
    there = dict(
        Price.objects.filter(price_list_id=price_list_id, product_id__in=prices).values_list("product_id", "amount")
    )
    changed = {product_id: amount for product_id, amount in prices.items() if there.get(product_id) != amount}
    Price.objects.bulk_create(
        [Price(price_list_id=price_list_id, product_id=id_, amount=amount) for id_, amount in changed.items()],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["price_list", "product"],
        update_fields=["amount"],
    )
    for product_id, amount in changed.items():
        record(
            actor,
            action="price.set",
            object_type="price_list",
            object_id=price_list_id,
            before={"product_id": product_id, "amount": there.get(product_id)},
            after={"product_id": product_id, "amount": amount},
        )
    return len(changed)


def _rows_of(content: bytes) -> list[tuple[int, str, str]]:
    """Line, article number and amount of each row."""
    try:
        sheet = read_sheet(content)
    except NotASheet as wrong:
        raise FileNotRead(why=WHY_NO_SHEET[wrong.reason] % {"line": wrong.line}) from None
    plain = {" ".join(column.casefold().replace("_", " ").split()): column for column in sheet.columns}
    code = next((plain[name] for name in sorted(COLUMNS["code"]) if name in plain), None)
    price = next((plain[name] for name in PRICE_COLUMNS if name in plain), None)
    if code is None or price is None:
        missing = ", ".join(name for name, column in (("code", code), ("price", price)) if column is None)
        raise FileNotRead(why=WHY_NO_SHEET["columns"] % {"missing": missing, "found": ", ".join(sheet.columns[:20])})
    return [(line, cells.get(code, ""), cells.get(price, "")) for line, cells in sheet.rows]


def _amount(text: str) -> tuple[Decimal | None, str]:
    """The amount, or why it is none."""
    try:
        amount = read_amount(text)
    except NotAnAmount as wrong:
        return None, wrong.reason
    exponent = amount.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= MOST_PLACES and amount < 10**MOST_DIGITS
    return (amount, "") if fits else (None, "too_fine")
