"""Rows of a finished run, asked for by payee, period or line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from buoy_engine.run.calculate import Result

Record = Mapping[str, Any]


@dataclass
class Relations:
    """Rows of a result. With `whole`, relations are read once and kept by payee: right for all statements of a run."""

    result: Result
    whole: bool = False
    _kept: dict[str, dict[Any, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, relation: str, payee: str, columns: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
        """The rows of one payee; of the columns named, those that there are."""
        if columns is not None:
            columns = self.there(relation, columns)
        if not self.whole:
            return list(self.result.backend.read(relation, columns, equals("_payee", payee)))
        if relation not in self._kept:
            by_payee: dict[Any, list[dict[str, Any]]] = defaultdict(list)
            for row in self.result.backend.read(relation, columns):
                by_payee[row["_payee"]].append(row)
            self._kept[relation] = by_payee
        return self._kept[relation].get(payee, [])

    def there(self, relation: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the columns that a relation has."""
        types = next(stage.types for stage in self.result.program.stages if stage.name == relation)
        return tuple(column for column in columns if column in types)

    def where(self, relation: str, column: str, value: str) -> list[dict[str, Any]]:
        """The rows with a text in a column."""
        return list(self.result.backend.read(relation, None, equals(column, value)))

    def has(self, relation: str) -> bool:
        """Whether the run made the relation."""
        return any(stage.name == relation for stage in self.result.program.stages)


def equals(column: str, value: str) -> str:
    """A condition for `Backend.read`."""
    return f"\"{column}\" = '{value.replace(chr(39), chr(39) * 2)}'"


def by_period(rows: Iterable[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by the period in a column."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def in_order(trace: Iterable[Record]) -> list[Record]:
    """Rows in business order, what is on no row last."""
    return sorted(trace, key=business_key)


ORDER_COLUMNS = ("_seq", "_id", "_date", "posted_at")
"""What the business order of rows needs."""


def business_key(row: Record) -> tuple[Any, ...]:
    """Period, rows before what is loose, date, time of posting, id."""
    posted, line, day = row.get("posted_at"), row["_id"], row["_date"]
    return (row.get("_seq") or 0, line is None, day is not None, day, posted is not None, posted, line or "")
