"""Reads about prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.domains.catalog.models import Price, PriceList
from buoy.domains.catalog.policy.prices import Buyer, Candidate, price_that_holds
from buoy.domains.catalog.queries.products import visible_products

if TYPE_CHECKING:
    from django.db.models import QuerySet

BUYERS: dict[str, Promise] = {
    Buyer.CUSTOMERS.value: _("What customers pay"),
    Buyer.PARTNERS.value: _("What partners pay"),
    Buyer.INSIDE.value: _("For our own people only"),
}


@dataclass(frozen=True)
class PriceListRow:
    """One price list; `tier` and `channel` are empty where it is for all. Dates are [from, until)."""

    id: UUID
    name: str
    currency: str
    buyer: str
    tier: str
    channel_id: UUID | None
    channel: str
    valid_from: date
    valid_until: date | None
    prices: int

    @classmethod
    def of(cls, row: PriceList) -> PriceListRow:
        """Of a row of `visible_price_lists`, which counts its prices."""
        return cls(
            id=row.id,
            name=row.name,
            currency=row.currency,
            buyer=row.buyer,
            tier=row.tier,
            channel_id=row.channel_id,
            channel=row.channel.name if row.channel else "",
            valid_from=row.valid.lower,
            valid_until=row.valid.upper,
            prices=getattr(row, "held", 0),
        )


@dataclass(frozen=True)
class PriceRow:
    """What one unit of a product costs in a list."""

    id: int
    product_id: UUID
    code: str
    name: str
    unit: str
    amount: Decimal
    currency: str

    @classmethod
    def of(cls, price: Price) -> PriceRow:
        return cls(
            id=price.id,
            product_id=price.product_id,
            code=price.product.code,
            name=price.product.name,
            unit=price.product.unit,
            amount=price.amount,
            currency=price.price_list.currency,
        )


@dataclass(frozen=True)
class PriceToday:
    """A price of a product that holds on a day, with the list that says so."""

    price_list: PriceListRow
    amount: Decimal


def visible_price_lists(actor: Actor) -> QuerySet[PriceList]:
    """The price lists that the actor sees, by name: staff all; partners those for everybody outside."""
    require_scope()
    actor.require("catalog.view")
    lists = PriceList.objects.select_related("channel").order_by("name", "id").annotate(held=Count("prices"))
    return lists.exclude(buyer=Buyer.INSIDE.value).filter(tier="") if actor.face is Face.PARTNER else lists


def price_list_row(actor: Actor, *, price_list_id: UUID) -> PriceListRow:
    """One price list. Raises NotFound. One query."""
    row = visible_price_lists(actor).filter(id=price_list_id).first()
    if row is None:
        raise NotFound
    return PriceListRow.of(row)


def prices_in(actor: Actor, *, price_list_id: UUID) -> QuerySet[Price]:
    """The prices of a list that there is, by the product's name. Raises NotFound."""
    price_list_row(actor, price_list_id=price_list_id)
    prices = Price.objects.filter(price_list_id=price_list_id, product__in=visible_products(actor))
    return prices.select_related("product", "price_list").order_by("product__name", "id")


def prices_of(actor: Actor, *, product_id: UUID, on: date) -> list[PriceToday]:
    """What a product costs on a day, by every list in force, by the list's name. One query."""
    lists = visible_price_lists(actor).filter(valid__contains=on)
    prices = Price.objects.filter(product_id=product_id, price_list__in=lists)
    rows = prices.select_related("price_list__channel").order_by("price_list__name", "price_list_id")
    return [PriceToday(PriceListRow.of(row.price_list), row.amount) for row in rows]


def price_of(
    actor: Actor, *, product_id: UUID, currency: str, buyer: Buyer, tier: str, channel_id: UUID | None, on: date
) -> PriceToday | None:
    """The price of a sale: that of the list which says most about it. None when no list has one. One query."""
    found = {
        each.price_list.id: each
        for each in prices_of(actor, product_id=product_id, on=on)
        if (each.price_list.currency, each.price_list.buyer) == (currency, buyer.value)
    }
    candidates = [
        Candidate(each.price_list.id, each.price_list.tier, each.price_list.channel_id, each.amount)
        for each in found.values()
    ]
    held = price_that_holds(candidates, tier=tier, channel_id=channel_id)
    return found[held.list_id] if held else None
