"""Rows of a finished run, asked for by payee, period or line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from buoy_engine.compile.component import Made
from buoy_engine.compile.prepare import World
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Query, Stage, number
from buoy_engine.run.calculate import Result
from buoy_engine.run.relations import run
from buoy_engine.spec.model import Component, Plan

Record = Mapping[str, Any]
ZERO = Decimal(0)


@dataclass(frozen=True)
class Share:
    """What a line, or what is on no line (id None), has of the earning."""

    id: str | None
    date: Any
    base: Decimal | None
    factor: Decimal | None
    exact: Decimal
    cents: Decimal


Counts = Mapping[str | None, int]
"""Reason why rows do not count (None: they do) → how many."""


class Earned(Protocol):
    """What an explanation asks of a run, whether it has just been calculated or is on disk."""

    @property
    def plan(self) -> Plan:
        """The plan that was calculated."""

    @property
    def world(self) -> World:
        """The calendar of the run."""

    def knows(self, partner: str) -> bool:
        """Whether the run knows the partner."""

    def counts(self, component: Component, partner: str) -> Mapping[str, Counts]:
        """Period → the partner's rows by reason."""

    def cells(self, component: Component, partner: str) -> Sequence[Record]:
        """The partner's rewards: one row per period and group."""

    def earned(self, component: Component, partner: str) -> Sequence[Record]:
        """One row per period with an earning."""

    def shares(self, component: Component, partner: str) -> Mapping[str, Sequence[Share]]:
        """Period → what each of the partner's lines has of the earning, in business order."""

    def measure(self, name: str, partner: str) -> Sequence[Record]:
        """A measure of the plan, one row per period."""


_SHARED = ("_seq", "_id", "_date", "posted_at", "_payee", "_period", "base", "_factor", "exact", "cents")


@dataclass
class Relations:
    """The rows of a result that is in its backend."""

    result: Result
    _counted: set[str] = field(default_factory=set)

    @property
    def plan(self) -> Plan:
        """The plan that was calculated."""
        return self.result.program.plan

    @property
    def world(self) -> World:
        """The calendar of the run."""
        return self.result.world

    def knows(self, partner: str) -> bool:
        """Whether the run knows the partner."""
        return bool(self.where("payees", "partner_id", partner))

    def counts(self, component: Component, partner: str) -> Mapping[str, Counts]:
        """Period → the partner's rows by reason."""
        name = counted(self.result, component)
        if name not in self._counted:
            run(self.result.backend, counting(self.result, component))
            self._counted.add(name)
        found: dict[str, dict[str | None, int]] = defaultdict(dict)
        for row in self.of(name, partner):
            found[row["_period"]][row["_fail"]] = int(row["n"])
        return found

    def cells(self, component: Component, partner: str) -> Sequence[Record]:
        """The partner's rewards: one row per period and group."""
        return self.of(self._made(component).reward, partner)

    def earned(self, component: Component, partner: str) -> Sequence[Record]:
        """One row per period with an earning."""
        return self.of(self._made(component).earned, partner)

    def shares(self, component: Component, partner: str) -> Mapping[str, Sequence[Share]]:
        """Period → what each of the partner's lines has of the earning, in business order."""
        rows = by_period(self.of(self._made(component).trace, partner, _SHARED), "_period")
        return {period: [_share(row) for row in in_order(trace)] for period, trace in rows.items()}

    def measure(self, name: str, partner: str) -> Sequence[Record]:
        """A measure of the plan, one row per period."""
        return self.of(f"measure_{name}", partner)

    def _made(self, component: Component) -> Made:
        return self.result.program.made[component.id]

    def of(self, relation: str, payee: str, columns: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
        """The rows of one payee; of the columns named, those that there are."""
        wanted = None if columns is None else self.there(relation, columns)
        return list(self.result.backend.read(relation, wanted, equals("_payee", payee)))

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


def counted(result: Result, component: Component) -> str:
    """The relation that `counting` makes."""
    return f"{result.program.made[component.id].rows}_counted"


def counting(result: Result, component: Component) -> Stage:
    """How many rows of a component count, and do not: one row per payee, period and reason."""
    kind, rows = component.every or result.program.plan.period, result.program.made[component.id].rows
    keys: dict[str, Expr] = {
        "_payee": Col(TEXT, "_payee", "r"),
        "_period": Col(TEXT, f"_{kind}", "r"),
        "_fail": Col(TEXT, "_fail", "r"),
    }
    query = Query({**keys, "n": Agg(number(), "count", None)}, rows, "r", group_by=tuple(keys.values()))
    return Stage(counted(result, component), "one row per payee, period and reason", query)


def _share(row: Record) -> Share:
    exact, cents = row["exact"] or ZERO, row["cents"] or ZERO
    return Share(row["_id"], row["_date"], row.get("base"), row.get("_factor"), exact, cents)


def by_period(rows: Iterable[Record], column: str) -> dict[str, list[Record]]:
    """Rows by the period in a column."""
    found: dict[str, list[Record]] = defaultdict(list)
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
