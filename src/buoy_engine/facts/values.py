"""Columns of text become exact values: what is a number, a date, a moment, true or false, and what is refused.

A column is looked at first, in one pass over the file, and converted in a second one: the number of decimals and, for
a column that no schema declares, the kind of its values are known only at the end. A value that cannot be read is
counted, and the first of them are listed; nothing is guessed and nothing goes through floating point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Type, number

LISTED = 20
"""Rows that a problem names; the rest is counted."""
DIGITS = 18
"""Digits of a number, before and after the point together."""

_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)$"
_LEADING_ZERO = r"^[+-]?0\d"
_PARTS = r"^[+-]?0*(?P<whole>\d*)(?:\.(?P<part>\d*?)0*)?$"
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")

EXPECTED = {
    Kind.NUMBER: "exact numbers with a point and nothing between the digits, such as 1234.50",
    Kind.DATE: "dates such as 2025-01-31",
    Kind.TIMESTAMP: "moments such as 2025-01-31T10:00:00Z",
    Kind.BOOL: "true or false",
    Kind.TEXT: "a text",
}
ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.BOOL: pa.bool_(), Kind.TIMESTAMP: pa.timestamp("us")}


def arrow_type(kind: Type) -> pa.DataType:
    """How values of a type are kept in Parquet."""
    return pa.decimal128(DIGITS, kind.scale) if kind.kind is Kind.NUMBER else ARROW[kind.kind]


def trimmed(values: pa.Array) -> pa.Array:
    """Text without the space around it; nothing is null."""
    values = pc.utf8_trim_whitespace(values.cast(pa.string()))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def day_of(text: str) -> date | None:
    """A date in ISO form, else None."""
    try:
        return date.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """A moment in ISO form as UTC without its zone, else None; without a zone it is UTC already."""
    try:
        read = datetime.fromisoformat(text) if _MOMENT.match(text) else None
    except ValueError:
        return None
    return read.astimezone(UTC).replace(tzinfo=None) if read and read.tzinfo else read


def _mapped(values: pa.Array, kind: Kind) -> pa.Array:
    """Dates or moments, read once per distinct text; null where there is none."""
    read = day_of if kind is Kind.DATE else moment_of
    coded = values.dictionary_encode()
    return pa.array([read(text) for text in coded.dictionary.to_pylist()], type=ARROW[kind]).take(coded.indices)


def _fits(values: pa.Array, kind: Kind) -> pa.Array:
    """Whether each text is a value of the kind; null for null."""
    if kind is Kind.NUMBER:
        return pc.match_substring_regex(values, _NUMBER)
    if kind is Kind.BOOL:
        return pc.is_in(pc.utf8_lower(values), pa.array(["true", "false"]))
    return pc.is_valid(_mapped(values, kind))


@dataclass
class TextColumn:
    """One column of texts, looked at batch by batch. `declared` None: the kind is found."""

    name: str
    declared: Type | None
    bad: int = 0
    listed: list[tuple[int, str]] = field(default_factory=list)
    scale: int = 0
    whole: int = 0
    given: int = 0
    _open: list[Kind] = field(default_factory=lambda: [Kind.BOOL, Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP])

    def look(self, values: pa.Array, first: int) -> None:
        """Takes in one batch of trimmed texts; `first` is the number of its first row."""
        self.given += len(values) - values.null_count
        if self.declared is None:
            self._open = [kind for kind in self._open if self._all_fit(values, kind)]
        elif self.declared.kind is not Kind.TEXT:
            values = self._without_bad(values, self.declared.kind, first)
        if (self.declared.kind if self.declared else None) is Kind.NUMBER or Kind.NUMBER in self._open:
            self._measure(values)

    def _all_fit(self, values: pa.Array, kind: Kind) -> bool:
        given = values.drop_null()
        if kind is Kind.NUMBER and pc.any(pc.match_substring_regex(given, _LEADING_ZERO)).as_py():
            return False
        return pc.all(_fits(given, kind)).as_py() is not False

    def _without_bad(self, values: pa.Array, kind: Kind, first: int) -> pa.Array:
        bad = pc.and_(pc.is_valid(values), pc.invert(pc.fill_null(_fits(values, kind), False)))
        count = pc.sum(bad).as_py() or 0
        if not count:
            return values
        self.bad += count
        for at in pc.indices_nonzero(bad)[: LISTED - len(self.listed)].to_pylist():
            self.listed.append((first + at, values[at].as_py()))
        return pc.if_else(bad, pa.scalar(None, pa.string()), values)

    def _measure(self, values: pa.Array) -> None:
        parts = pc.extract_regex(values, _PARTS)
        self.scale = max(self.scale, _longest(parts, "part"))
        self.whole = max(self.whole, _longest(parts, "whole"))

    @property
    def type(self) -> Type:
        """The type of the column, once every batch has been looked at."""
        if self.declared is None:
            kind = self._open[0] if self._open and self.given else Kind.TEXT
            return number(self.scale) if kind is Kind.NUMBER else _plain(kind)
        if self.declared.kind is Kind.NUMBER:
            return number(max(self.scale, self.declared.scale))
        return self.declared

    @property
    def too_long(self) -> bool:
        """Whether a number has more digits than are kept."""
        return self.type.kind is Kind.NUMBER and self.whole + self.type.scale > DIGITS

    def converted(self, values: pa.Array) -> pa.Array:
        """A batch of trimmed texts as values of the type."""
        kind = self.type
        if kind.kind in (Kind.DATE, Kind.TIMESTAMP):
            return _mapped(values, kind.kind)
        if kind.kind is Kind.BOOL:
            return pc.equal(pc.utf8_lower(values), "true")
        return values.cast(arrow_type(kind))


def _plain(kind: Kind) -> Type:
    return {Kind.BOOL: BOOL, Kind.DATE: DATE, Kind.TIMESTAMP: TIMESTAMP}.get(kind, TEXT)


def _longest(parts: pa.StructArray, name: str) -> int:
    found: Any = pc.max(pc.utf8_length(pc.struct_field(parts, name))).as_py()
    return int(found or 0)
