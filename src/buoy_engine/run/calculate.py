"""One run: facts and a plan in, a result out. Builds S0, compiles, executes the stages in order.

The run is a pure function of its plan, its facts and the postings of closed periods: it reads no clock, and running it again
gives the same relations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from buoy_engine.compile.lean import lean
from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.plan import Program, compile_plan
from buoy_engine.compile.prepare import (
    World,
    calendar_table,
    closure_table,
    fx_table,
    periods_table,
    windows_table,
)
from buoy_engine.facts.tables import TABLES, Facts, Table
from buoy_engine.kernel.ir import number
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.backend import Backend
from buoy_engine.run.horizon import horizon_of, values_in
from buoy_engine.run.relations import partners_of, register
from buoy_engine.spec.model import Plan

ALWAYS = ("lines", "targets", "certifications", "scores")
"""Tables that a plan may name whether there are facts for them or not."""

Wanted = Callable[[Program], Mapping[str, Iterable[str]]]
"""Of a program, the relations that will be read and their columns."""

Programs = dict[str, tuple[Program, list[str]]]
"""One plan compiled over facts of several shapes: shape → its stages and their texts."""


@dataclass
class Result:
    """What a run found. Relations stay in the backend and are read when asked for."""

    program: Program
    world: World
    backend: Backend
    problems: list[Problem] = field(default_factory=list)
    compiled_with: Mapping[str, Any] = field(default_factory=dict)
    """What the plan was compiled over, to compile it again for a what-if."""
    opened: str | None = None
    """The statement period in which differences of closed ones are posted; None where no period is closed."""

    def read(self, relation: str) -> list[dict[str, Any]]:
        """All rows of a relation."""
        return list(self.backend.read(relation))

    def earned(self) -> list[dict[str, Any]]:
        """One row per payee, component and period of the component: exact and rounded amount, reason."""
        rows = []
        for name, made in self.program.made.items():
            rows += [{"component": name, **row} for row in self.read(made.earned)]
        return rows

    def trace(self) -> list[dict[str, Any]]:
        """One row per component and credited row (row id None: a remainder)."""
        rows = []
        for name, made in self.program.made.items():
            if made.trace:
                rows += [{"component": name, **row} for row in self.read(made.trace)]
        return rows

    def entries(self) -> list[dict[str, Any]]:
        """One row per payee, component, period, what it reverses, and posting period."""
        return self.read("entries")

    def statement(self) -> list[dict[str, Any]]:
        """One row per payee and statement period."""
        return self.read("statement") if any(s.name == "statement" for s in self.program.stages) else []


def calculate(
    plan: Plan,
    facts: Facts,
    backend: Backend,
    *,
    postings: Iterable[tuple[Any, ...]] = (),
    closed_through: str | None = None,
    closing: str | None = None,
    summary: bool = False,
    wanted: Wanted | None = None,
    programs: Programs | None = None,
) -> Result:
    """Runs the plan over the facts. Raises `Misuse` for a plan that means nothing over these facts.

    `closed_through` is the last statement period that is closed, `closing` the one that is to be closed on the result.
    `wanted`: the relations of the program, and their columns, that will be read; without it every one can be.
    `programs`: what the same plan was compiled to before, over facts of the same shape; it is looked up there and added.
    """
    tables = {**{name: Table(name, TABLES[name]) for name in ALWAYS}, **facts.tables}
    for table in tables.values():
        register(backend, table)
    horizon = horizon_of(plan, tables, backend, closed_through=closed_through, closing=closing)
    world = horizon.world
    if closed_through is not None:
        tables["postings"] = Table(
            "postings", {**TABLES["postings"], "amount": number(_scale_of(postings := list(postings)))}, postings
        )
        tables["closing"] = horizon.closing_table()
        for name in ("postings", "closing"):
            backend.register(tables[name])
    types = {name: dict(table.types) or dict(backend.describe(name)) for name, table in tables.items()}
    closure, problems = closure_table(
        tables.get("hierarchy"),
        _partners(tables) | partners_of(backend, (t for t in tables.values() if t.path is not None)),
    )
    fx = fx_table("fx", tables.get("rates"), world, plan_rates=plan.setting("fx") == "plan_rate")
    fx_pay = fx_table("fx_pay", tables.get("rates"), world, plan_rates=plan.setting("pay_rate") == "plan_rate")
    options: dict[str, Any] = {
        "facts": types,
        "settle_ids": tuple(p.id for p in horizon.settled),
        "zone_offsets": zone_offsets(plan, world),
        "fx_scale": fx.types["rate"].scale,
        "fx_inverse": any(row[3] is not None for row in (*fx.rows, *fx_pay.rows)),
        "summary": summary,
    }
    program, texts = _compiled(plan, options, backend.dialect, wanted, programs)
    for table in (
        calendar_table(world),
        periods_table(world),
        windows_table(world, program.windows),
        fx,
        fx_pay,
        closure,
    ):
        backend.register(table)
    for stage, text in zip(program.stages, texts, strict=True):
        backend.run(stage, text)
    return Result(program, world, backend, problems, options, horizon.opened)


def _compiled(
    plan: Plan, options: Mapping[str, Any], dialect: str, wanted: Wanted | None, programs: Programs | None
) -> tuple[Program, list[str]]:
    """The program and the texts of its stages, of those known the one over facts of this shape."""
    shape = repr((options, dialect))
    if programs is not None and shape in programs:
        return programs[shape]
    program = compile_plan(plan, **options)
    if wanted is not None:
        program = lean(program, wanted(program))
    compiled = program, [to_sql(stage, dialect) for stage in program.stages]
    if programs is not None:
        programs[shape] = compiled
    return compiled


def _partners(tables: Mapping[str, Table]) -> set[str]:
    """Every partner named in tables held in memory; the closure's level 0."""
    return {p for table in tables.values() for column in ("partner_id", "parent_id") for p in values_in(table, column)}


def _scale_of(postings: list[tuple[Any, ...]]) -> int:
    exponents = [row[-1].as_tuple().exponent for row in postings if isinstance(row[-1], Decimal)]
    return max([-e for e in exponents if isinstance(e, int)] + [2])


def zone_offsets(plan: Plan, world: World) -> tuple[tuple[str, int], ...]:
    """Transitions of the plan's time zone in the calendar's years: UTC moment and minutes ahead of UTC from it."""
    if plan.time_zone == "UTC":
        return ()
    zone = ZoneInfo(plan.time_zone)
    years = world.periods["year"]
    moment = datetime(years[0].start.year - 1, 1, 1, tzinfo=UTC)
    end = datetime(years[-1].end.year + 1, 1, 1, tzinfo=UTC)
    found = [(moment, _minutes(moment, zone))]
    while moment < end:
        step = moment + timedelta(days=1)
        if _minutes(step, zone) != found[-1][1]:
            found.append((_transition(moment, step, zone), _minutes(step, zone)))
        moment = step
    return tuple((m.replace(tzinfo=None).isoformat(sep=" "), minutes) for m, minutes in found)


def _minutes(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _transition(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first minute with the new offset."""
    before = _minutes(low, zone)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        middle = middle.replace(second=0, microsecond=0)
        if middle in (low, high):
            break
        low, high = (middle, high) if _minutes(middle, zone) == before else (low, middle)
    return high
