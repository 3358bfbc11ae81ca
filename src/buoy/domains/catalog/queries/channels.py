"""Reads about sales channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.domains.catalog.models import SalesChannel
from buoy.domains.catalog.policy.channels import ChannelKind, Operator, has_intermediary, is_channel_sales

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class ChannelRow:
    """One way to the market. `is_channel_sales`: only third parties sell there; `has_intermediary`: they stand between."""

    id: UUID
    code: str
    name: str
    kind: str
    operated_by: str
    is_channel_sales: bool
    has_intermediary: bool
    is_active: bool

    @classmethod
    def of(cls, channel: SalesChannel) -> ChannelRow:
        kind, operator = ChannelKind(channel.kind), Operator(channel.operated_by)
        return cls(
            id=channel.id,
            code=channel.code,
            name=channel.name,
            kind=channel.kind,
            operated_by=channel.operated_by,
            is_channel_sales=is_channel_sales(operator),
            has_intermediary=has_intermediary(kind, operator),
            is_active=channel.is_active,
        )


def visible_channels(actor: Actor) -> QuerySet[SalesChannel]:
    """The sales channels, by name."""
    require_scope()
    actor.require("catalog.view")
    return SalesChannel.objects.order_by("name", "id")


def channel_rows(actor: Actor) -> list[ChannelRow]:
    """All channels, by name. One query."""
    return [ChannelRow.of(channel) for channel in visible_channels(actor)]


def channel_row(actor: Actor, *, channel_id: UUID) -> ChannelRow:
    """One channel. Raises NotFound. One query."""
    channel = visible_channels(actor).filter(id=channel_id).first()
    if channel is None:
        raise NotFound
    return ChannelRow.of(channel)
