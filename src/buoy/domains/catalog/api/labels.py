"""Private labels for programs."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import labels as actions
from buoy.domains.catalog.api.schemas import Code, MadeOut, Name, ShortName
from buoy.domains.catalog.queries.labels import LabelRow, visible_labels

router = Router()


class LabelIn(Schema):
    """A partner sells a product of the vendor under its own brand."""

    partner_id: UUID
    product_id: UUID
    brand: ShortName
    name: Name = Field(description="What the partner calls it.")
    code: Code
    valid_from: date
    valid_until: date | None = Field(None, description="The first day on which it no longer holds.")


class LabelOut(LabelIn):
    id: UUID
    product_code: str = Field(description="The vendor's article number.")


class LabelFilters(Schema):
    product_id: UUID | None = None


@router.get("", response=Page[LabelOut])
def list_private_labels(request: Request, paging: Query[Paging], filters: Query[LabelFilters]) -> Any:
    """The private labels that the caller sees: all for the vendor; for a partner its own and those below it."""
    with acting(request.actor, read_only=True):
        rows = visible_labels(request.actor, product_id=filters.product_id)
        return page(rows, order=["name", "id"], paging=paging, show=LabelRow.of)


@router.post("", response={201: MadeOut})
def add_private_label(request: Request, label: LabelIn) -> Status[dict[str, UUID]]:
    """Map a partner's article number to the vendor's product."""
    return Status(201, {"id": actions.add_label(request.actor, **label.dict())})


@router.delete("/{uuid:label_id}", response={204: None})
def end_private_label(request: Request, label_id: UUID) -> Status[None]:
    """The partner no longer sells it from today on."""
    actions.end_label(request.actor, label_id=label_id, on=clock.now().date())
    return Status(204, None)
