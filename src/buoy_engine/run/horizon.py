"""How far a run goes: the days of its facts, the calendar around them, and the periods that have a statement.

A plan that does not say when it is valid is valid in the whole years that hold the dates and periods of its facts. Its
statements may have to go on for longer than it earns: until the last part of a payout is due, until the last amount by
hand, and one period past the last closed one, since a difference found later must be posted somewhere. A calendar of
listed years that ends there has no such period; then only a difference is a problem (`outcome.run_problems`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from buoy_engine.compile.prepare import ONE_DAY, World, build_world, calendar_rule
from buoy_engine.compile.scope import Misuse
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import TEXT, number
from buoy_engine.kernel.periods import Period, add_months, check_calendar
from buoy_engine.run.backend import Backend
from buoy_engine.run.relations import distinct, extent
from buoy_engine.spec.model import Plan


@dataclass(frozen=True)
class Horizon:
    """The calendar of a run; `settled`: the statement periods in order; `closed`: the last one that is closed."""

    world: World
    settled: tuple[Period, ...]
    closed: Period | None

    @property
    def opened(self) -> str | None:
        """The first period after the closed ones; None where none is closed, or the calendar ends with the last of them."""
        return next((p.id for p in self.settled if self.closed and p.start >= self.closed.end), None)

    def closing_table(self) -> Table:
        """The `closing` relation, one row: the number of the last closed period, and the first open one, if there is one."""
        assert self.closed is not None
        numbers = {p.id: Decimal(i) for i, p in enumerate(self.world.periods[self.world.plan.period])}
        types = {"last_seq": number(), "open_period": TEXT, "open_seq": number()}
        opened = self.opened
        row = (numbers[self.closed.id], opened, None if opened is None else numbers[opened])
        return Table("closing", types, [row])


def horizon_of(
    plan: Plan, tables: Mapping[str, Table], backend: Backend, *, closed_through: str | None, closing: str | None
) -> Horizon:
    """The horizon of a plan over facts. Raises `CalendarIncomplete`, and `Misuse` for a closed period that is none."""
    days = _Days(tables, backend)
    first, last = days.extent(plan)
    named = [_middle_of_year(name) for name in (closed_through, closing) if name is not None]
    world = build_world(plan, first, last, until=max([last, *named]))
    closed, ending = (name and _period(world, name) for name in (closed_through, closing))
    until = max([_last_due(world, days), *([ending.last_day] if ending else [])])
    if closed and not check_calendar(calendar_rule(plan.calendar), first, max(first, closed.end)):
        until = max(until, closed.end)
    if until > world.periods["year"][-1].last_day:
        world = build_world(plan, first, last, until=until)
    settled = (p for p in world.periods[plan.period] if p.end > world.valid_from and p.start <= until)
    return Horizon(world, tuple(settled), closed or None)


def _last_due(world: World, days: _Days) -> date:
    """The last day of the plan's validity, of its payouts, and of the amounts by hand."""
    due = [world.valid_to - ONE_DAY]
    for component in world.plan.components:
        for part in component.payout:
            months = part.after + part.parts - 1
            if part.on is not None:
                due += [add_months(day, months) for day in days.ends(part.on)]
            elif months:
                due.append(add_months(world.valid_to, months) - ONE_DAY)
    return max([*due, *days.ends("date", "adjustments")])


def _period(world: World, name: str) -> Period:
    """The statement period of that id."""
    periods = world.periods[world.plan.period]
    found = next((p for p in periods if p.id == name), None)
    if found is None:
        expected = f"a {world.plan.period.replace('_', ' ')} of the plan's calendar, such as {periods[-1].id}"
        raise Misuse(f"the closed period {name!r}", expected, "correct the name of the period")
    return found


def _middle_of_year(name: str) -> date:
    """A day that lies in the (fiscal) year of a period, as far as the calendar year in its name tells."""
    match = re.search(r"\d{4}", name)
    return date(int(match[0]), 7, 1) if match else date.min


@dataclass(frozen=True)
class _Days:
    """The days that the tables of a run hold."""

    tables: Mapping[str, Table]
    backend: Backend

    def extent(self, plan: Plan) -> tuple[date, date]:
        """First and last day that any row or target has; those of the plan, or 2025, where nothing has one."""
        found = self.ends("date")
        for table in self.tables.values():
            periods = distinct(self.backend, table, "period") if table.path is not None else values_in(table, "period")
            found += [_middle_of_year(p) for p in periods if re.search(r"\d{4}", p)]
        first = min(found, default=plan.valid.from_ or date(2025, 1, 1))
        return first, max(found, default=plan.valid.to or first)

    def ends(self, column: str, *only: str) -> list[date]:
        """Days in a column of all tables, or of some; among them the first and the last."""
        tables = [self.tables[name] for name in only or self.tables if name in self.tables]
        return [day for table in tables for day in self._of(table, column)]

    def _of(self, table: Table, column: str) -> Iterable[date]:
        """The days in a column; of a file only the first and the last."""
        if table.path is not None:
            return extent(self.backend, table, column) or ()
        return [value.date() if isinstance(value, datetime) else value for value in values_in(table, column)]


def values_in(table: Table, column: str) -> list[Any]:
    """The values in a column of a table in memory that are not null."""
    if column not in table.types:
        return []
    at = list(table.types).index(column)
    return [row[at] for row in table.rows if row[at] is not None]
