"""Numbers as people and programs write them: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · (123.45) · 123.45- · € 5.

The one thing that a number cannot say by itself is whether `1,234` is a thousand or a little more than one. A file as a
whole mostly can: one value such as `12,50` tells how all others are meant. `decimal_mark` weighs the values of all columns
that hold numbers; when they leave it open, or speak for both, the question goes to a person.

    1,234 · 2,500          open: asked
    1,234 · 12.50          the point is the decimal mark
    12,50 · 12.50          both: asked

Digits of other scripts count as digits. Nothing passes through floating point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from buoy.domains.sales.reading.flaws import Question

MOST_DIGITS = 15
"""Before the decimal mark."""
MOST_DECIMALS = 6
_SMALLEST = Decimal(1).scaleb(-MOST_DECIMALS)

_ALIKE = str.maketrans({"−": "-", "٫": ".", "٬": ",", "（": "(", "）": ")"})
_GROUP = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_CURRENCY = r"(?:[A-Z]{3}|[\u20a0-\u20cf$£¥¢]|[A-Z]{1,2}\$|zł|Zł|kr\.?|Rp\.?|Kč|Ft|lei)?"
_WRITTEN = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+]?)\s*{_CURRENCY}\s*(?P<inner>[-+]?)(?P<digits>[\d.,]*\d[\d.,]*)\s*{_CURRENCY}\s*"
    r"(?P<after>-?)\s*(?P<close>\))?"
)
_SHAPES = {
    ".": re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?"),
    ",": re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?"),
}
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")


class NotANumber(ValueError):
    """Its text says why: number-shape, number-ambiguous, scientific, too-many-digits or too-many-decimals."""


def parse_number(text: str, mark: str) -> Decimal:
    """The exact value. `mark` is the decimal mark, `.` or `,`; the other one sets thousands apart. While it is unknown, a
    number that can be read both ways is refused. Raises NotANumber."""
    if mark == "." and _PLAIN.fullmatch(text):
        return within_limits(Decimal(text))
    if _SCIENTIFIC.fullmatch(text.strip()):
        raise NotANumber("scientific")
    digits, is_negative = _digits(text)
    mark = mark or _own_mark(digits)
    if not digits or not _SHAPES[mark].fullmatch(digits):
        raise NotANumber("number-shape")
    other = "," if mark == "." else "."
    value = Decimal(digits.replace(other, "").replace(mark, "."))
    return within_limits(-value if is_negative else value)


def from_cell(value: float) -> Decimal:
    """The number of a spreadsheet's cell, which knows floating point only: 15 digits, as the spreadsheet shows it, and
    rounded to six decimals half away from zero, since 1/3 goes on for ever. Raises NotANumber."""
    shown = within_limits(Decimal(format(value, ".15g")), are_decimals_cut=True)
    exponent = shown.as_tuple().exponent
    is_longer = isinstance(exponent, int) and exponent < -MOST_DECIMALS
    return shown.quantize(_SMALLEST, ROUND_HALF_UP).normalize() if is_longer else shown


def _own_mark(digits: str) -> str:
    found = [mark for mark, shape in _SHAPES.items() if shape.fullmatch(digits)]
    if len(found) == 2 and not digits.isdecimal():
        raise NotANumber("number-ambiguous")
    return found[0] if found else "."


def within_limits(value: Decimal, *, are_decimals_cut: bool = False) -> Decimal:
    """The value, if it has no more digits than we keep. Raises NotANumber."""
    if not value.is_finite():
        raise NotANumber("number-shape")
    if value and value.adjusted() >= MOST_DIGITS:
        raise NotANumber("too-many-digits")
    exponent = value.as_tuple().exponent
    if not are_decimals_cut and isinstance(exponent, int) and exponent < -MOST_DECIMALS and value % _SMALLEST:
        raise NotANumber("too-many-decimals")
    return value


def decimal_mark(values: Iterable[str]) -> tuple[str, Question | None]:
    """The decimal mark of all these numbers (nothing: none of them needs one), and the question that they leave."""
    said: dict[str, list[str]] = {".": [], ",": [], "?": []}
    for text in values:
        if speaks_for := _speaks_for(text):
            said[speaks_for].append(text)
    if said["."] and said[","]:
        return "", Question("decimal", (".", ","), (said["."][0], said[","][0]))
    if said["?"] and not said["."] and not said[","]:
        return "", Question("decimal", (".", ","), tuple(dict.fromkeys(said["?"]))[:3])
    return ("," if said[","] else "." if said["."] else ""), None


def looks_like_number(text: str) -> bool:
    digits, _ = _digits(text)
    return bool(digits) and any(shape.fullmatch(digits) for shape in _SHAPES.values())


def _speaks_for(text: str) -> str:
    """The decimal mark that this number can only have; `?` when both are possible, nothing when it has none."""
    digits, _ = _digits(text)
    if digits.isdecimal():
        return ""
    found = [mark for mark, shape in _SHAPES.items() if shape.fullmatch(digits)] if digits else []
    return "?" if len(found) == 2 else "".join(found)


def _digits(text: str) -> tuple[str, bool]:
    """Digits and marks alone, and whether a sign or parentheses say that it is negative; nothing for what is no number."""
    match = _WRITTEN.fullmatch(_GROUP.sub("", text.translate(_ALIKE).strip()))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return "", False
    signs = [bool(match["open"]), match["sign"] == "-", match["inner"] == "-", match["after"] == "-"]
    return ("", False) if sum(signs) > 1 else (match["digits"], any(signs))
