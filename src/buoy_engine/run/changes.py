"""Facts as they would be: one value changed, one row added. What-if questions are answered by running them.

Tables are read into memory for this. That is right for one question about a programme's usual facts; it is not how a
million questions are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from buoy_engine.facts.files import in_memory
from buoy_engine.facts.tables import Facts, Table
from buoy_engine.kernel.ir import Kind

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """One value of one row. `key`: column → value that names the row; `on`: the day whose version of it is meant."""

    table: str
    key: Mapping[str, Any]
    column: str
    found: Any
    needed: Any
    on: date | None = None


class CannotChange(LookupError):
    """The facts have no such row to change."""


def changed(facts: Facts, changes: Iterable[Change]) -> Facts:
    """The facts with the changes made. Raises `CannotChange`."""
    made = Facts(dict(facts.tables))
    for change in changes:
        if change.table not in made.tables:
            raise CannotChange(change.table)
        table = in_memory(made.tables[change.table])
        made.tables[change.table] = _with_change(table, change)
    return made


def _with_change(table: Table, change: Change) -> Table:
    names = list(table.types)
    at = names.index(change.column)
    rows, hits = [], 0
    for row in table.rows:
        record = dict(zip(names, row, strict=True))
        if all(record.get(k) == v for k, v in change.key.items()) and _holds_on(record, change.on):
            row = (*row[:at], change.needed, *row[at + 1 :])
            hits += 1
        rows.append(row)
    if not hits:
        raise CannotChange(f"{change.table} {change.key}")
    return Table(table.name, table.types, rows)


def _holds_on(record: Mapping[str, Any], day: date | None) -> bool:
    """Whether a dated row is the version in force on the day."""
    if day is None:
        return True
    start, end, last = (record.get(name) for name in ("valid_from", "valid_to", "valid_through"))
    if end is None and last is not None:
        end = last + ONE_DAY
    return (start is None or start <= day) and (end is None or day < end)


def with_row(facts: Facts, table: str, record: Mapping[str, Any]) -> Facts:
    """The facts with one row more; columns that the record does not name are null. Raises `CannotChange`."""
    if table not in facts:
        raise CannotChange(f"there is no table {table}")
    held = in_memory(facts[table])
    if unknown := set(record) - set(held.types):
        raise CannotChange(f"{table} has no column {', '.join(sorted(unknown))}")
    row = tuple(_as(record.get(name), kind.kind) for name, kind in held.types.items())
    made = Facts(dict(facts.tables))
    made.tables[table] = Table(table, held.types, [*held.rows, row])
    return made


def _as(value: Any, kind: Kind) -> Any:
    """A day where the column holds moments is its midnight."""
    if kind is Kind.TIMESTAMP and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 the column is UTC by contract
    return value
