"""The tree of families for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core.http import Request
from buoy.core.rest import Page, Paging, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import families as actions
from buoy.domains.catalog.api.schemas import MadeOut, ShortName
from buoy.domains.catalog.models import Family
from buoy.domains.catalog.queries.families import visible_families

router = Router()


class FamilyIn(Schema):
    name: ShortName
    parent_id: UUID | None = Field(None, description="The family that it lies in; null for the root of the tree.")


class FamilyOut(Schema):
    id: UUID
    name: str
    parent_id: UUID | None


def _shown(family: Family) -> dict[str, Any]:
    return {"id": family.id, "name": family.name, "parent_id": family.parent_id}


@router.get("", response=Page[FamilyOut])
def list_families(request: Request, paging: Query[Paging]) -> Any:
    """The families of the tree, by name; each names the one that it lies in."""
    with acting(request.actor, read_only=True):
        return page(visible_families(request.actor), order=["name", "id"], paging=paging, show=_shown)


@router.post("", response={201: MadeOut})
def add_family(request: Request, family: FamilyIn) -> Status[dict[str, UUID]]:
    """Put a family into the tree."""
    return Status(201, {"id": actions.add_family(request.actor, **family.dict())})


@router.put("/{uuid:family_id}", response={204: None})
def change_family(request: Request, family_id: UUID, family: FamilyIn) -> Status[None]:
    """Rename or move a family; what lies in it moves along."""
    actions.change_family(request.actor, family_id=family_id, **family.dict())
    return Status(204, None)


@router.delete("/{uuid:family_id}", response={204: None})
def remove_family(request: Request, family_id: UUID) -> Status[None]:
    """Take an empty family out of the tree."""
    actions.remove_family(request.actor, family_id=family_id)
    return Status(204, None)
