"""Exact numbers: reading them, rounding them, writing them. Everything is a Fraction; nothing is ever a float."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

NUMBER = re.compile(r"[-+]?(\d[\d_]*(\.\d+)?|\.\d+)%?$")

MODES = ("half_up", "half_even", "half_down", "half_ceiling", "up", "down", "ceiling", "floor")

_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}


class Refused(Exception):
    """The plan or the facts cannot be calculated: wrong, contradictory, or not in the language."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        super().__init__(f"{code}: {message}" if message else code)


def number_of_text(text: str) -> Fraction | None:
    """The number a text spells (`5%`, `1_000`, `-2.50`), or None."""
    text = text.strip()
    if not NUMBER.match(text):
        return None
    digits = text.rstrip("%").replace("_", "")
    value = Fraction(digits)
    return value / 100 if text.endswith("%") else value


def exact(value: Any) -> Any:
    """A value of YAML or Python with every number made a Fraction; texts, dates, booleans and null stay."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; write a decimal")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal | Fraction):
        return Fraction(value)
    return value


def currency_digits(currency: str) -> int:
    """Minor units of a currency."""
    return _DIGITS.get(currency, 2)


def round_to(value: Fraction, digits: int, mode: str = "half_up") -> Fraction:
    """The value rounded to so many decimals (may be negative) in one of the MODES."""
    unit = Fraction(10) ** digits
    return Fraction(_round_to_integer(value * unit, mode)) / unit


def _round_to_integer(value: Fraction, mode: str) -> int:
    below = floor(value)
    part = value - below
    if part == 0:
        return below
    is_tie = part == Fraction(1, 2)
    nearest = below if part < Fraction(1, 2) else below + 1
    away = below if value < 0 else below + 1
    toward = below + 1 if value < 0 else below
    if mode == "half_up":
        return away if is_tie else nearest
    if mode == "half_down":
        return toward if is_tie else nearest
    if mode == "half_even":
        return below + (below % 2) if is_tie else nearest
    if mode == "half_ceiling":
        return below + 1 if is_tie else nearest
    if mode == "up":
        return away
    if mode == "down":
        return toward
    if mode == "ceiling":
        return below + 1
    if mode == "floor":
        return below
    raise Refused("unknown-rounding", mode)


def running_cents(parts: Sequence[Fraction], digits: int, mode: str, start: Fraction = Fraction(0)) -> list[Fraction]:
    """Each part as round(sum so far) - round(sum before): the shown parts add up to the rounded sum."""
    shown, before = [], start
    for part in parts:
        after = before + part
        shown.append(round_to(after, digits, mode) - round_to(before, digits, mode))
        before = after
    return shown


def largest_remainder(total: Fraction, weights: Sequence[Fraction], digits: int) -> list[Fraction]:
    """The total shared by weight in minor units; spare units to the largest remainders, ties to the earlier part."""
    whole = sum(weights, Fraction(0))
    if whole == 0:
        return [Fraction(0) for _ in weights]
    sign = -1 if total < 0 else 1
    unit = Fraction(10) ** digits
    parts = [abs(total) * weight / whole * unit for weight in weights]
    units = [floor(part) for part in parts]
    spare = int(abs(total) * unit) - sum(units)
    order = sorted(range(len(parts)), key=lambda place: (units[place] - parts[place], place))
    for place in order[:spare]:
        units[place] += 1
    return [sign * Fraction(count) / unit for count in units]


def spread(total: Fraction, weights: Sequence[Fraction]) -> list[Fraction] | None:
    """The total shared by weight, exactly; None when the weights sum to zero."""
    whole = sum(weights, Fraction(0))
    if whole == 0:
        return None
    return [total * weight / whole for weight in weights]


def text_of(value: Any) -> str:
    """A value as text: 1 for the number 1, 2.5 for 5/2, true for True, ISO for dates."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Fraction | Decimal):
        return decimal_text(Fraction(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def decimal_text(value: Fraction) -> str:
    """A finite decimal in full; a repeating one as a fraction."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
