"""Sales channels for programs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels as actions
from buoy.domains.catalog.api.schemas import MadeOut, ShortName
from buoy.domains.catalog.policy.channels import ChannelKind, Operator
from buoy.domains.catalog.queries.channels import ChannelRow, channel_row, visible_channels

router = Router()


class ChannelIn(Schema):
    """A way to the market. A direct channel is run by the vendor, an indirect one by partners."""

    code: Annotated[Text, Field(pattern=r"^[-a-zA-Z0-9_]+$", max_length=40)]
    name: ShortName
    kind: ChannelKind
    operated_by: Operator = Field(description="Who sells there.")


class ChannelChange(ChannelIn):
    is_active: bool = True


class ChannelOut(Schema):
    id: UUID
    code: str
    name: str
    kind: ChannelKind
    operated_by: Operator
    is_channel_sales: bool = Field(
        description="Only third parties sell there: every channel sale is in such a channel."
    )
    has_intermediary: bool = Field(description="Somebody stands between the vendor and the customer.")
    is_active: bool


@router.get("", response=Page[ChannelOut])
def list_channels(request: Request, paging: Query[Paging]) -> Any:
    """The sales channels, by name."""
    with acting(request.actor, read_only=True):
        return page(visible_channels(request.actor), order=["name", "id"], paging=paging, show=ChannelRow.of)


@router.get("/{uuid:channel_id}", response=ChannelOut)
def get_channel(request: Request, channel_id: UUID) -> ChannelRow:
    """One sales channel."""
    with acting(request.actor, read_only=True):
        return channel_row(request.actor, channel_id=channel_id)


@router.post("", response={201: MadeOut})
def add_channel(request: Request, channel: ChannelIn) -> Status[dict[str, UUID]]:
    """Open a way to the market."""
    return Status(201, {"id": actions.add_channel(request.actor, **channel.dict())})


@router.put("/{uuid:channel_id}", response={204: None})
def change_channel(request: Request, channel_id: UUID, channel: ChannelChange) -> Status[None]:
    """Change what is known of a sales channel."""
    actions.change_channel(request.actor, channel_id=channel_id, **channel.dict())
    return Status(204, None)
