"""Writes about sales channels."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.models import SalesChannel
from buoy.domains.catalog.policy.channels import USUAL, ChannelKind, Operator, fits
from buoy.domains.catalog.queries.channels import visible_channels
from buoy.domains.catalog.queries.words import USUAL_CHANNELS


class ChannelExists(DomainError):
    """Another channel has this code."""

    kind = Kind.CONFLICT
    code = "channel-exists"
    message = _("There is a sales channel with the code %(code)s already. Choose another code.")


class ChannelMisfit(DomainError):
    """The kind says by itself who sells, and it is somebody else."""

    kind = Kind.INVALID
    code = "channel-misfit"
    message = _("A direct channel is run by the vendor, an indirect one by partners. Choose another kind or seller.")


def add_channel(actor: Actor, *, code: str, name: str, kind: ChannelKind, operated_by: Operator) -> UUID:
    """Open a way to the market. Writes a channel. Raises NotAllowed, ChannelExists, ChannelMisfit."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        channel = SalesChannel(code=code, name=name, kind=kind.value, operated_by=operated_by.value)
        _check(channel)
        channel.save(force_insert=True)
        record(actor, action="channel.added", object_type="channel", object_id=channel.id, after=_told(channel))
    return channel.id


def add_usual_channels(actor: Actor) -> int:
    """Open those of the usual channels that are not there, named in the reader's language. How many. Raises NotAllowed."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        there = set(visible_channels(actor).values_list("code", flat=True))
        missing = [usual for usual in USUAL if usual.code not in there]
        for usual in missing:
            channel = SalesChannel.objects.create(
                code=usual.code,
                name=str(USUAL_CHANNELS[usual.code]),
                kind=usual.kind.value,
                operated_by=usual.operated_by.value,
            )
            record(actor, action="channel.added", object_type="channel", object_id=channel.id, after=_told(channel))
    return len(missing)


def change_channel(
    actor: Actor, *, channel_id: UUID, code: str, name: str, kind: ChannelKind, operated_by: Operator, is_active: bool
) -> None:
    """Change what is known of a channel. Raises NotAllowed, NotFound, ChannelExists, ChannelMisfit."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        channel = visible_channels(actor).select_for_update().filter(id=channel_id).first()
        if channel is None:
            raise NotFound
        before = _told(channel)
        channel.code, channel.name, channel.is_active = code, name, is_active
        channel.kind, channel.operated_by = kind.value, operated_by.value
        _check(channel)
        channel.save(force_update=True)
        record(
            actor,
            action="channel.changed",
            object_type="channel",
            object_id=channel_id,
            before=before,
            after=_told(channel),
        )


def _check(channel: SalesChannel) -> None:
    if not fits(ChannelKind(channel.kind), Operator(channel.operated_by)):
        raise ChannelMisfit
    if SalesChannel.objects.filter(code=channel.code).exclude(id=channel.id).exists():
        raise ChannelExists(code=channel.code)


def _told(channel: SalesChannel) -> dict[str, object]:
    """What the audit trail keeps of a channel; under the name `code` it would take it for a secret."""
    names = ("name", "kind", "operated_by", "is_active")
    return {"channel": channel.code, **{name: getattr(channel, name) for name in names}}
