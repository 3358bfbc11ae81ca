"""Facts: tables of rows as a case writes them, made typed and asked for what was true on a day."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .exact import Refused, exact, number_of_text, text_of

ALIASES = {
    "partner": "partner_id",
    "product": "product_id",
    "sku": "product_id",
    "customer": "customer_id",
    "deal": "deal_id",
}
MASTER_TABLES = {
    "partners": "partner_id",
    "products": "product_id",
    "customers": "customer_id",
    "deals": "deal_id",
}
OTHER_TABLES = {
    "hierarchy",
    "targets",
    "splits",
    "certifications",
    "scores",
    "rates",
    "assignments",
    "balances",
}
_TEXT_COLUMNS = {
    "id",
    "returns",
    "sale",
    "role",
    "currency",
    "target",
    "period",
    "certification",
    "score",
    "account",
    "to",
}
_TEXT_COLUMNS |= {"reason", "component", "parent", "rate_name", "parent_id"}
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?%?$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a fact table. `date` is its day in the plan's time zone."""

    table: str
    id: str
    date: date
    columns: dict[str, Any]
    place: int

    @property
    def partner(self) -> str | None:
        return self.columns.get("partner_id")

    @property
    def returned_id(self) -> str | None:
        return self.columns.get("returns")

    def with_columns(self, changes: dict[str, Any]) -> "Row":
        return Row(self.table, self.id, self.date, self.columns | changes, self.place)


@dataclass
class Facts:
    """All tables. Master data is asked by key and day; event rows are `Row`s."""

    raw: dict[str, list[dict[str, Any]]]
    default_day: date
    time_zone: str = "UTC"
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, rows in self.raw.items():
            typed = _typed(_without_repeats([_renamed(row) for row in rows or []]))
            self.tables[name] = [self._row(name, place, row) for place, row in enumerate(typed, start=1)]

    def _row(self, table: str, place: int, columns: dict[str, Any]) -> Row:
        key = columns.get("id")
        if key is None:
            key = columns.get(MASTER_TABLES.get(table, ""))
        if key is None:
            key = f"{table}-{place}"
        when = columns.get("date")
        day = self.default_day if when is None else self.local_day(when)
        columns = columns | {"id": text_of(key)}
        if (table not in MASTER_TABLES and table not in OTHER_TABLES) or when is not None:
            columns["date"] = day
        return Row(table, text_of(key), day, columns, place)

    def local_day(self, when: Any) -> date:
        """The day of a date or timestamp in the plan's time zone."""
        if isinstance(when, str):
            when = _moment(when)
        if isinstance(when, datetime):
            zone = ZoneInfo(self.time_zone)
            return when.date() if when.tzinfo is None else when.astimezone(zone).date()
        if isinstance(when, date):
            return when
        raise Refused("not-a-date", repr(when))

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def find(self, table: str, row_id: str | None) -> Row | None:
        """The row of a table with that id."""
        return next((row for row in self.rows(table) if row.id == row_id), None)

    # --- What was true on a day ---------------------------------------------------------------------------------

    def in_force(self, table: str, day: date, **keys: Any) -> list[dict[str, Any]]:
        """The rows of a table with these keys whose validity holds the day, latest start first."""
        found = [
            row.columns
            for row in self.rows(table)
            if all(row.columns.get(column) == value for column, value in keys.items()) and is_valid(row.columns, day)
        ]
        return sorted(found, key=lambda columns: columns.get("valid_from") or date.min, reverse=True)

    def attribute(self, table: str, key: Any, column: str, day: date) -> Any:
        """One attribute of a partner, product, customer or deal on a day."""
        if key is None:
            return None
        rows = self.in_force(table, day, **{MASTER_TABLES[table]: key})
        column = ALIASES.get(column, column)
        return rows[0].get(column) if rows else None

    def parents(self, partner: str, day: date) -> list[str]:
        """The partners directly above, in the order of the file."""
        rows = [row.columns for row in self.rows("hierarchy") if is_valid(row.columns, day)]
        found = (row.get("parent") or row.get("parent_id") for row in rows if row.get("partner_id") == partner)
        return [parent for parent in found if parent is not None]

    def is_certified(self, partner: str, name: str, day: date) -> bool:
        return bool(self.in_force("certifications", day, partner_id=partner, certification=name))

    def score(self, partner: str, name: str, day: date) -> Any:
        rows = self.in_force("scores", day, partner_id=partner, score=name)
        return rows[0].get("value") if rows else None

    def exchange_rate(self, currency: str, day: date, plan_rate: bool, to: str | None = None) -> Fraction | None:
        """Plan currency (or `to`) for one unit: of the day or the last earlier one, or the one named `plan`."""
        rows = [
            row for row in self.rows("rates") if row.columns.get("currency") == currency and row.columns.get("to") == to
        ]
        if plan_rate:
            named = [row for row in rows if row.columns.get("rate_name") == "plan"]
            return Fraction(named[-1].columns["rate"]) if named else None
        dated = [row for row in rows if row.columns.get("rate_name") is None and row.date <= day]
        return Fraction(max(dated, key=lambda row: row.date).columns["rate"]) if dated else None

    def active_on(self, partner: str, day: date) -> bool:
        """Whether the partner is enrolled; always, when it has no assignments."""
        own = [row.columns for row in self.rows("assignments") if row.columns.get("partner_id") == partner]
        return not own or any(is_valid(row, day) for row in own)

    def has_left(self, partner: str, day: date) -> bool:
        """Whether all of the partner's assignments ended on or before the day."""
        own = [row.columns for row in self.rows("assignments") if row.columns.get("partner_id") == partner]
        return bool(own) and all(ends(row) <= day + timedelta(days=1) for row in own)

    def partners(self) -> list[str]:
        """Every partner that appears anywhere."""
        found: set[str] = set()
        for rows in self.tables.values():
            for row in rows:
                for column in ("partner_id", "parent", "parent_id"):
                    if isinstance(row.columns.get(column), str):
                        found.add(row.columns[column])
        return sorted(found)


def is_valid(columns: dict[str, Any], day: date) -> bool:
    """Whether a dated row holds on the day: `valid_to` is exclusive, `valid_through` inclusive."""
    start = columns.get("valid_from")
    return (start is None or start <= day) and day < ends(columns)


def ends(columns: dict[str, Any]) -> date:
    """The first day on which a dated row no longer holds."""
    if columns.get("valid_to") is not None:
        return columns["valid_to"]
    if columns.get("valid_through") is not None:
        return columns["valid_through"] + timedelta(days=1)
    return FOREVER


def _without_repeats(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with one id: the last is a correction of those before and takes their place."""
    found: dict[Any, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        key = row.get("id")
        found[("row", place) if key is None else ("id", text_of(exact(key)))] = row
    return list(found.values())


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {ALIASES.get(str(column), str(column)): value for column, value in row.items()}


def _typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with every column of one type: numbers where all values are numbers, dates where all are dates."""
    readers = {column: _reader(column, [row.get(column) for row in rows]) for column in _columns(rows)}
    return [{column: readers[column](value) for column, value in row.items()} for row in rows]


def _columns(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield from dict.fromkeys(column for row in rows for column in row)


def _reader(column: str, values: list[Any]) -> Any:
    given = [value for value in values if value is not None]
    if column in _TEXT_COLUMNS or column.endswith("_id"):
        return lambda value: None if value is None else text_of(exact(value))
    if column == "share":
        return _share
    if any(isinstance(value, str) for value in given):
        if all(_is_number(value) for value in given):
            return lambda value: number_of_text(value) if isinstance(value, str) else exact(value)
        if all(_is_moment(value) for value in given):
            return lambda value: _moment(value) if isinstance(value, str) else value
    return exact


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_PLAIN_NUMBER.match(value))
    return not isinstance(value, bool | date)


def _is_moment(value: Any) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and bool(_DAY.match(value) or _MOMENT.match(value)))


def _share(value: Any) -> Any:
    """A share: 70%, 0.7 or 1/3."""
    if isinstance(value, str) and "/" in value:
        return Fraction(value.replace(" ", ""))
    return number_of_text(value) if isinstance(value, str) else exact(value)


def _moment(text: str) -> date | datetime:
    if _DAY.match(text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)
