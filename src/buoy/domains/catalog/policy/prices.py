"""Which price holds: the one of the list that says most about the sale.

A list is for one currency and one kind of buyer; it may be for one tier of the programme and for one sales channel, or for
all. A list for the tier *and* the channel comes before one for the tier, that before one for the channel, and that before
one for everybody. There is one list of each kind a day: the database refuses two.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


class Buyer(enum.StrEnum):
    """For whom a price is: the end customer, a partner, or nobody outside (a lowest price, a price between companies)."""

    CUSTOMERS = "customers"
    PARTNERS = "partners"
    INSIDE = "inside"


@dataclass(frozen=True)
class Candidate:
    """A price of a list in force. `tier` is empty and `channel_id` none where the list is for all."""

    list_id: UUID
    tier: str
    channel_id: UUID | None
    amount: Decimal


def price_that_holds(candidates: Iterable[Candidate], *, tier: str, channel_id: UUID | None) -> Candidate | None:
    """The price for a sale at this tier in this channel; none when no list has one."""
    fitting = [
        each
        for each in candidates
        if each.tier.casefold() in ("", tier.casefold()) and each.channel_id in (None, channel_id)
    ]
    return max(fitting, key=lambda each: (bool(each.tier), each.channel_id is not None), default=None)


# --- Amounts in files ------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:([., '\u2019\u00a0\u202f])\d{3})(?:\1\d{3})*(?:([.,])\d+)?")
_AMBIGUOUS = re.compile(r"\d{1,3}[.,]\d{3}")


class NotAnAmount(ValueError):
    """`reason` is `number`, or `ambiguous` for what is a thousand in one country and one in another."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_amount(text: str) -> Decimal:
    """An amount as people write it: 1234.5, 1,234.50, 1.234,50, 1 234,50, 1'234.50. Raises NotAnAmount.

    `1,234` and `1.234` are refused: one reader takes them for a thousand, another for one and a bit.
    """
    text = text.strip()
    if not text.isascii() and any(letter.isdigit() and not letter.isascii() for letter in text):
        raise NotAnAmount("number")
    if _AMBIGUOUS.fullmatch(text):
        raise NotAnAmount("ambiguous")
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    grouped = _GROUPED.fullmatch(text)
    if grouped is None or grouped[1] == grouped[2]:
        raise NotAnAmount("number")
    whole, point, cents = text.rpartition(grouped[2]) if grouped[2] else (text, "", "")
    return Decimal("".join(letter for letter in whole if letter.isdigit()) + ("." if point else "") + cents)
