"""What became of the rows: in each component credited or not, why not, and what was earned.

    rows in = rows credited + rows not credited, each with one reason

A component's rows are counted once each, however many payees they have. A row that counts for somebody is credited; one
that counts for nobody has the reason of its first payee by name. The counting is done by the engine, so that only a few
rows per component come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from buoy_engine.compile.component import Made
from buoy_engine.compile.lower import to_sql
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Query, Stage, Type, number
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.calculate import Result
from buoy_engine.run.outcome import run_problems
from buoy_engine.run.wording import money
from buoy_engine.spec.model import Component

NOBODY = "no_payee"
"""The reason of a row that the credit rule gives to nobody."""


@dataclass(frozen=True)
class Reconciled:
    """One component: its rows, and what was earned. `withheld`: reason → payees' periods that a gate refused."""

    component: str
    title: str
    table: str
    rows: int
    credited: int
    uncredited: Mapping[str, int]
    withheld: Mapping[str, int]
    earned: Decimal

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.credited + sum(self.uncredited.values())


def problems_of(result: Result, before: Iterable[Problem] = ()) -> list[Problem]:
    """Everything found wrong, in the plan (`before`), the facts and the calculation."""
    return [*before, *result.problems, *run_problems(result)]


def reconcile(result: Result) -> list[Reconciled]:
    """One entry per component, in the order of the plan."""
    return [_reconciled(result, component) for component in result.program.plan.components]


def _reconciled(result: Result, component: Component) -> Reconciled:
    made = result.program.made[component.id]
    counted = _count(result, component, made)
    rows = _rows_in(result, component, made)
    uncredited = {reason: n for reason, n in counted.items() if reason is not None}
    if lost := rows - sum(counted.values()):
        uncredited[NOBODY] = lost
    return Reconciled(
        component=component.id,
        title=component.title or component.id,
        table=component.from_,
        rows=rows,
        credited=counted.get(None, 0),
        uncredited=dict(sorted(uncredited.items())),
        withheld=_withheld(result, component, made),
        earned=money(_earned(result, made), result.program.plan.currency),
    )


def _earned(result: Result, made: Made) -> Decimal:
    return sum((row["amount"] for row in result.backend.read(made.earned, ["amount"])), Decimal(0))


def _count(result: Result, component: Component, made: Made) -> dict[str | None, int]:
    """Reason (None: credited) → rows."""
    types = _types(result, made.rows)
    r = {name: Col(types[name], name, "r") for name in ("_id", "_fail")}
    columns: dict[str, ir.Expr] = {
        "_id": r["_id"],
        "_credited": Agg(number(), "max", ir.case([(ir.is_null(r["_fail"]), ir.ONE)], ir.ZERO)),
        "_reason": Agg(TEXT, "min", r["_fail"]),
    }
    by_row = f"{component.id}_reconciled_rows"
    _run(result, Stage(by_row, "one row per row", Query(columns, made.rows, "r", group_by=(r["_id"],)), keep=False))
    return _by_reason(result, component, by_row)


def _by_reason(result: Result, component: Component, by_row: str) -> dict[str | None, int]:
    credited = ir.eq(Col(number(), "_credited", "c"), ir.ONE)
    reason = ir.case([(ir.is_not(credited), Col(TEXT, "_reason", "c"))], ir.lit(None))
    total = f"{component.id}_reconciled"
    query = Query({"reason": reason, "n": Agg(number(), "count", None)}, by_row, "c", group_by=(reason,))
    _run(result, Stage(total, "one row per reason", query, keep=False))
    found: Counter[str | None] = Counter()
    for row in result.backend.read(total):
        found[row["reason"]] += int(row["n"])
    return found


def _rows_in(result: Result, component: Component, made: Made) -> int:
    name = f"{component.id}_reconciled_in"
    _run(result, Stage(name, "one row", Query({"n": Agg(number(), "count", None)}, made.source, "s"), keep=False))
    return int(next(iter(result.backend.read(name)))["n"])


def _withheld(result: Result, component: Component, made: Made) -> dict[str, int]:
    """Payees' periods with rows whose gate failed, by reason. A component calculated row by row tells it of its rows."""
    if component.per == "row":
        return {}
    columns = ("_reason", "_rows", "_live")
    rows = result.backend.read(made.reward, columns, '"_reason" IS NOT NULL')
    return dict(sorted(Counter(str(r["_reason"]) for r in rows if r["_live"] and r["_rows"]).items()))


def _types(result: Result, relation: str) -> Mapping[str, Type]:
    return next(stage.types for stage in result.program.stages if stage.name == relation)


def _run(result: Result, stage: Stage) -> None:
    result.backend.run(stage, to_sql(stage, result.backend.dialect))


def why_empty(reconciled: Iterable[Reconciled]) -> list[str]:
    """For every component that earned nothing at all: why, in a sentence."""
    said = []
    for entry in reconciled:
        if entry.earned:
            continue
        reasons = [f"{n:,} {reason}" for reason, n in entry.uncredited.items()]
        withheld = [f"{reason} for {n:,} payees' periods" for reason, n in entry.withheld.items()]
        if not entry.rows:
            said.append(f"{entry.component} earned nothing: there are no rows in {entry.table}")
        elif not entry.credited:
            said.append(f"{entry.component} earned nothing: none of {entry.rows:,} rows counts ({', '.join(reasons)})")
        elif withheld:
            said.append(f"{entry.component} earned nothing: its gate did not hold ({', '.join(withheld)})")
        else:
            said.append(
                f"{entry.component} earned nothing on {entry.credited:,} rows: its rate or amount is zero there"
            )
    return said
