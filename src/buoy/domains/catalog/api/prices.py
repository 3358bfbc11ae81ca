"""Prices for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import prices as actions
from buoy.domains.catalog.actions.prices import ListDraft
from buoy.domains.catalog.api.schemas import MadeOut, ShortName
from buoy.domains.catalog.policy.prices import Buyer
from buoy.domains.catalog.queries.prices import PriceListRow, PriceRow, prices_in, visible_price_lists

router = Router()

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]


class PriceListIn(Schema):
    """Prices in one currency for one kind of buyer; for one tier and one channel, or for all."""

    name: ShortName
    currency: Currency
    buyer: Buyer = Field(description="inside: for the vendor's own people only.")
    tier: Annotated[Text, Field(max_length=40)] = ""
    channel_id: UUID | None = None
    valid_from: date
    valid_until: date | None = Field(None, description="The first day on which it no longer holds.")

    @property
    def draft(self) -> ListDraft:
        return ListDraft(**self.dict())


class PriceListOut(PriceListIn):
    id: UUID
    prices: int = Field(description="How many products have a price in it.")


class PriceIn(Schema):
    product_id: UUID
    amount: Amount = Field(description="For one of the product's units.")


class PricesIn(Schema):
    prices: list[PriceIn] = Field(max_length=1000)


class PriceOut(PriceIn):
    code: str
    name: str
    currency: Currency


class SetOut(Schema):
    changed: int


@router.get("", response=Page[PriceListOut])
def list_price_lists(request: Request, paging: Query[Paging]) -> Any:
    """The price lists that the caller sees: partners those that are for everybody outside."""
    with acting(request.actor, read_only=True):
        rows = visible_price_lists(request.actor)
        return page(rows, order=["name", "id"], paging=paging, show=PriceListRow.of)


@router.post("", response={201: MadeOut})
def add_price_list(request: Request, price_list: PriceListIn) -> Status[dict[str, UUID]]:
    """Open a price list. One that says the same about the same sales on the same day is refused."""
    return Status(201, {"id": actions.add_price_list(request.actor, draft=price_list.draft, now=clock.now())})


@router.put("/{uuid:price_list_id}", response={204: None})
def change_price_list(request: Request, price_list_id: UUID, price_list: PriceListIn) -> Status[None]:
    """Describe a price list anew."""
    actions.change_price_list(request.actor, price_list_id=price_list_id, draft=price_list.draft)
    return Status(204, None)


@router.get("/{uuid:price_list_id}/prices", response=Page[PriceOut])
def list_prices(request: Request, price_list_id: UUID, paging: Query[Paging]) -> Any:
    """The prices of a list, in the order in which they were set for the first time."""
    with acting(request.actor, read_only=True):
        rows = prices_in(request.actor, price_list_id=price_list_id)
        return page(rows, order=["id"], paging=paging, show=PriceRow.of)


@router.put("/{uuid:price_list_id}/prices", response=SetOut)
def set_prices(request: Request, price_list_id: UUID, prices: PricesIn) -> dict[str, int]:
    """Set what products cost in a list; products that are not named keep their price."""
    wanted = {each.product_id: each.amount for each in prices.prices}
    return {"changed": actions.set_prices(request.actor, price_list_id=price_list_id, prices=wanted)}


@router.delete("/{uuid:price_list_id}/prices/{uuid:product_id}", response={204: None})
def remove_price(request: Request, price_list_id: UUID, product_id: UUID) -> Status[None]:
    """The product has no price in the list."""
    actions.remove_price(request.actor, price_list_id=price_list_id, product_id=product_id)
    return Status(204, None)
