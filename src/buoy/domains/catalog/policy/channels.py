"""Sales channels, and which of them are channel sales.

A *sales channel* is any way to the market. *Channel sales* are only those through third parties: the vendor's own shop and
its own e-shop are sales channels and not channel sales. So every channel sale is in a sales channel, and not the other way
round. Direct mail and selling in person are direct distribution: whoever does it for the vendor is no intermediary, since
the goods do not pass through a place of theirs.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ChannelKind(enum.StrEnum):
    DIRECT = "direct"
    INDIRECT = "indirect"
    ONLINE = "online"
    RETAIL = "retail"
    DIRECT_MAIL = "direct_mail"
    IN_PERSON = "in_person"


class Operator(enum.StrEnum):
    """Who sells there."""

    VENDOR = "vendor"
    PARTNERS = "partners"


ONLY = {ChannelKind.DIRECT: Operator.VENDOR, ChannelKind.INDIRECT: Operator.PARTNERS}
"""Kinds that say by themselves who sells."""
WITHOUT_INTERMEDIARY = {ChannelKind.DIRECT, ChannelKind.DIRECT_MAIL, ChannelKind.IN_PERSON}


def fits(kind: ChannelKind, operated_by: Operator) -> bool:
    return ONLY.get(kind, operated_by) is operated_by


def is_channel_sales(operated_by: Operator) -> bool:
    """Only what third parties sell."""
    return operated_by is Operator.PARTNERS


def has_intermediary(kind: ChannelKind, operated_by: Operator) -> bool:
    """Does somebody stand between the vendor and the customer, so that they count as a level of the chain?"""
    return is_channel_sales(operated_by) and kind not in WITHOUT_INTERMEDIARY


@dataclass(frozen=True)
class Usual:
    """A channel that nearly every vendor has."""

    code: str
    kind: ChannelKind
    operated_by: Operator


USUAL = (
    Usual("direct", ChannelKind.DIRECT, Operator.VENDOR),
    Usual("indirect", ChannelKind.INDIRECT, Operator.PARTNERS),
    Usual("e-shop", ChannelKind.ONLINE, Operator.VENDOR),
    Usual("marketplaces", ChannelKind.ONLINE, Operator.PARTNERS),
    Usual("own-stores", ChannelKind.RETAIL, Operator.VENDOR),
    Usual("retail", ChannelKind.RETAIL, Operator.PARTNERS),
    Usual("direct-mail", ChannelKind.DIRECT_MAIL, Operator.VENDOR),
    Usual("in-person", ChannelKind.IN_PERSON, Operator.PARTNERS),
)
