"""GTINs: the numbers under barcodes, of 8, 12, 13 or 14 digits.

The last digit checks the others: from the right, the digits before it count threefold and once in turn, and their sum with
the check digit must end in 0. The body of 698615070527 is 69861507052: 3·(2+0+0+1+8+6) + (5+7+5+6+9) = 83, so the check
digit is 7. A digit that was typed wrong is always found, and two neighbours that changed places nearly always.

All lengths are one space of numbers: a shorter one is the longer without its leading zeros. So each is kept with 14 digits
and shown in its shortest form. A case has another number than the piece inside it, so a GTIN names a product *and* how
much of it.
Source: GS1 General Specifications, section 7.9 (check digit) and 3.3 (GTIN).
"""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)
KEPT = 14
_SPACES = str.maketrans("", "", " \t-–")


class NotAGtin(ValueError):
    """The text is not a GTIN; `reason` is `letters`, `length` or `check`, `expected` the check digit that would fit."""

    def __init__(self, reason: str, *, digits: str, expected: str = "") -> None:
        self.reason, self.digits, self.expected = reason, digits, expected
        super().__init__(f"{digits!r} is not a GTIN: {reason}")


def check_digit(body: str) -> str:
    """The digit that must follow these digits."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def read_gtin(text: str) -> str:
    """The GTIN with 14 digits, from what a person or a file wrote, with or without spaces and dashes.

    Raises NotAGtin.
    """
    digits = text.translate(_SPACES)
    if not (digits.isascii() and digits.isdigit()):
        raise NotAGtin("letters", digits=text.strip())
    if len(digits) not in LENGTHS:
        raise NotAGtin("length", digits=digits)
    if (right := check_digit(digits[:-1])) != digits[-1]:
        raise NotAGtin("check", digits=digits, expected=right)
    return digits.zfill(KEPT)


def shown_gtin(kept: str) -> str:
    """The shortest form that a kept GTIN can be written in."""
    significant = len(kept.lstrip("0"))
    return kept[-next(length for length in LENGTHS if length >= significant) :]
