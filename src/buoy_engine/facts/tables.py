"""Fact tables: what a run reads, with the type of every column.

A table is either rows in memory (cases, small master data) or a file that only the backend reads. Names of columns follow
`docs/facts.md`; in hand-written cases the short forms `partner`, `product`, … are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Type, number

Row = tuple[Any, ...]

SHORT_FORMS = {
    "partner": "partner_id",
    "parent": "parent_id",
    "product": "product_id",
    "sku": "product_id",
    "customer": "customer_id",
    "deal": "deal_id",
    "sale": "sale_id",
}

IDENTIFIERS = frozenset(
    {
        "id",
        "partner_id",
        "parent_id",
        "product_id",
        "customer_id",
        "deal_id",
        "sale_id",
        "returns",
        "period",
        "currency",
        "to",
        "role",
        "target",
        "certification",
        "score",
        "account",
        "rate_name",
        "component",
        "reason",
        "plan",
        "type",
        "tier",
        "region",
        "status",
        "country",
    }
)
DATES = frozenset({"date", "valid_from", "valid_to", "valid_through"})

TABLES: dict[str, dict[str, Type]] = {
    "lines": {
        "id": TEXT,
        "partner_id": TEXT,
        "date": DATE,
        "amount": number(2),
        "quantity": number(0),
        "currency": TEXT,
        "product_id": TEXT,
        "customer_id": TEXT,
        "deal_id": TEXT,
        "returns": TEXT,
        "posted_at": TIMESTAMP,
    },
    "partners": {
        "partner_id": TEXT,
        "type": TEXT,
        "tier": TEXT,
        "region": TEXT,
        "status": TEXT,
        "currency": TEXT,
        "valid_from": DATE,
        "valid_to": DATE,
    },
    "products": {"product_id": TEXT},
    "customers": {"customer_id": TEXT},
    "deals": {"deal_id": TEXT},
    "hierarchy": {"partner_id": TEXT, "parent_id": TEXT, "valid_from": DATE, "valid_to": DATE},
    "targets": {
        "partner_id": TEXT,
        "target": TEXT,
        "period": TEXT,
        "valid_from": DATE,
        "valid_to": DATE,
        "amount": number(2),
    },
    "splits": {"sale_id": TEXT, "deal_id": TEXT, "partner_id": TEXT, "role": TEXT, "share": number(6), "overlay": BOOL},
    "certifications": {"partner_id": TEXT, "certification": TEXT, "valid_from": DATE, "valid_to": DATE},
    "scores": {"partner_id": TEXT, "score": TEXT, "value": number(4), "valid_from": DATE, "valid_to": DATE},
    "rates": {"currency": TEXT, "to": TEXT, "rate_name": TEXT, "date": DATE, "rate": number(10)},
    "assignments": {"partner_id": TEXT, "valid_from": DATE, "valid_to": DATE},
    "adjustments": {
        "id": TEXT,
        "partner_id": TEXT,
        "date": DATE,
        "amount": number(2),
        "reason": TEXT,
        "component": TEXT,
    },
    "balances": {"partner_id": TEXT, "account": TEXT, "amount": number(2)},
    "postings": {
        "partner_id": TEXT,
        "component": TEXT,
        "period": TEXT,
        "is_by_hand": BOOL,
        "reverses": TEXT,
        "posted_in": TEXT,
        "amount": number(4),
    },
}
"""Table → the columns that the engine itself reads. Every table may have more; missing ones are null."""

FRACTION = Decimal("0.000000000001")
"""What a share such as 1/3 is kept to."""

_NUMBER = re.compile(r"^-?\d+(\.\d+)?%?$")
_TIMESTAMP = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Table:
    """One fact table. `rows` in the order of `types`; or `path`, a Parquet or CSV file for the backend to read."""

    name: str
    types: Mapping[str, Type]
    rows: Sequence[Row] = ()
    path: str | None = None

    def records(self) -> Iterable[dict[str, Any]]:
        """Rows as dictionaries (in-memory tables only)."""
        names = list(self.types)
        return (dict(zip(names, row, strict=True)) for row in self.rows)


@dataclass
class Facts:
    """The tables of a run, by name."""

    tables: dict[str, Table] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]


class FactError(ValueError):
    """A fact that cannot be read: table, row, column, found, expected."""

    def __init__(self, table: str, row: str, column: str, found: object, expected: str) -> None:
        super().__init__(f"{table}, row {row}, column {column}: found {found!r}; expected {expected}")
        self.table, self.row, self.column, self.found, self.expected = table, row, column, found, expected


def long_names(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the short forms written out."""
    return {SHORT_FORMS.get(key, key): value for key, value in record.items()}


TRANSACTION = {"id": TEXT, "partner_id": TEXT, "date": DATE}
"""The columns that every table of transactions has."""


def inline_table(name: str, records: Iterable[Mapping[str, Any]], *, like: Iterable[Mapping[str, Any]] = ()) -> Table:
    """A table from hand-written rows: columns of the schema have its type, the others the type that fits all their values.

    `like`: rows that are not in the table but show what columns it has (those of later steps of a case).
    """
    found = [long_names(record) for record in records]
    if name == "splits":
        found = [{**record, "_row": i} for i, record in enumerate(found)]
    known = TABLES.get(name, TRANSACTION)
    shown = [long_names(record) for record in like]
    if shown:
        typed = inline_table(name, [*found, *shown])
        return Table(name, typed.types, typed.rows[: len(found)])
    columns = list(dict.fromkeys([*known, *(key for record in found for key in record)]))
    types: dict[str, Type] = {}
    values: dict[str, list[Any]] = {}
    for column in columns:
        raw = [record.get(column) for record in found]
        types[column], values[column] = _read_column(name, column, raw, known.get(column))
    return Table(name, types, list(zip(*values.values(), strict=True)) if found else [])


def _read_column(table: str, column: str, raw: list[Any], declared: Type | None) -> tuple[Type, list[Any]]:
    kind = declared.kind if declared else _kind_of(column, raw)
    if column == "date" and any(
        isinstance(v, datetime) or (isinstance(v, str) and _TIMESTAMP.match(v.strip())) for v in raw
    ):
        kind, declared = Kind.TIMESTAMP, None  # a moment in UTC: its day is that of the plan's time zone
    read = [_read(table, str(i + 1), column, value, kind) for i, value in enumerate(raw)]
    if kind is not Kind.NUMBER:
        return Type(kind), read
    scale = max([scale_of(v) for v in read if v is not None] + [declared.scale if declared else 0])
    return number(scale), read


def _kind_of(column: str, raw: list[Any]) -> Kind:
    if column in IDENTIFIERS:
        return Kind.TEXT
    if column in DATES:
        return Kind.DATE
    given = [value for value in raw if value is not None]
    if not given:
        return Kind.TEXT
    for kind, test in (
        (Kind.BOOL, _is_bool),
        (Kind.NUMBER, _is_number),
        (Kind.DATE, _is_day),
        (Kind.TIMESTAMP, _is_time),
    ):
        if all(test(value) for value in given):
            return kind
    return Kind.TEXT


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and (
        isinstance(value, int | Decimal) or (isinstance(value, str) and bool(_NUMBER.match(value.strip())))
    )


def _is_day(value: Any) -> bool:
    return (isinstance(value, date) and not isinstance(value, datetime)) or (
        isinstance(value, str) and bool(_DAY.match(value.strip()))
    )


def _is_time(value: Any) -> bool:
    return isinstance(value, date) or (
        isinstance(value, str) and bool(_TIMESTAMP.match(value.strip()) or _DAY.match(value.strip()))
    )


def scale_of(value: Decimal) -> int:
    """Number of decimals of a value."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _read(table: str, row: str, column: str, value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    try:
        return _READERS[kind](value)
    except (ValueError, InvalidOperation, TypeError, AttributeError):
        raise FactError(table, row, column, value, _EXPECTED[kind]) from None


def _read_number(value: Any) -> Decimal:
    if isinstance(value, bool | float):
        raise ValueError(value)
    if isinstance(value, str) and value.strip().endswith("%"):
        return Decimal(value.strip()[:-1]) / 100
    if isinstance(value, str) and value.count("/") == 1:
        top, bottom = (Decimal(part.strip()) for part in value.split("/"))
        return (top / bottom).quantize(FRACTION)
    read = Decimal(value.strip() if isinstance(value, str) else value)
    if not read.is_finite():
        raise ValueError(value)
    return read


def _read_day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value.strip()[:10])


def _read_time(value: Any) -> datetime:
    """A moment in UTC, without its zone: the column is UTC by contract."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def _read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[str(value).strip().lower()]


_READERS = {
    Kind.TEXT: lambda value: value.isoformat() if isinstance(value, date) else str(value),
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_day,
    Kind.TIMESTAMP: _read_time,
    Kind.BOOL: _read_bool,
}
_EXPECTED = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "an exact number such as 1234.50",
    Kind.DATE: "a date such as 2025-01-31",
    Kind.TIMESTAMP: "a timestamp such as 2025-01-31T10:00:00Z",
    Kind.BOOL: "true or false",
}
