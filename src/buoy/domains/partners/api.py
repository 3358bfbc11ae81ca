"""Partners for programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema

from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.domains.partners import queries
from buoy.domains.partners.queries import PartnerRow

router = Router()

SORTS = {"name": ["name", "id"], "-name": ["-name", "-id"], "id": ["id"], "-id": ["-id"]}
"""Orders that an index serves; an id sorts by when it was made."""


class PartnerFilters(Schema):
    """Which partners."""

    search: Annotated[Text, Field(max_length=100)] = Field("", description="A part of the name, in any case.")
    is_active: bool | None = None
    sort: Literal["name", "-name", "id", "-id"] = Field(
        "name", description="`id` is the order in which they were added."
    )


class PartnerOut(Schema):
    """An organisation or a person that the vendor sells through."""

    id: UUID
    name: str
    country: str = Field(description="ISO 3166, two letters; empty when not known.")
    is_active: bool


@router.get("", response=Page[PartnerOut])
def list_partners(request: Request, paging: Query[Paging], filters: Query[PartnerFilters]) -> Any:
    """The partners that the caller sees: all for the vendor; for a partner itself and those below it."""
    with acting(request.actor, read_only=True):
        rows = queries.visible_partners(request.actor, search=filters.search, is_active=filters.is_active)
        return page(rows, order=SORTS[filters.sort], paging=paging, show=PartnerRow.of)


@router.get("/{uuid:partner_id}", response=PartnerOut)
def get_partner(request: Request, partner_id: UUID) -> PartnerRow:
    """One partner."""
    with acting(request.actor, read_only=True):
        return queries.partner_row(request.actor, partner_id=partner_id)
