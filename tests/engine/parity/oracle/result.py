"""`evaluate(plan, facts)`: everything a plan says about some facts, as one plain value."""

import copy
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from .calendar import Calendar, Period
from .contexts import Span
from .facts import MASTER_TABLES, OTHER_TABLES, Facts
from .payment import Cell
from .posting import Line
from .rules import read_plan
from .run import Run
from .statement import Ledger

RawFacts = dict[str, list[dict[str, Any]]]


@dataclass
class Result:
    """What was calculated. Amounts are exact Fractions; `earned` and `lines` hold what is posted."""

    run: Run
    earned: dict[tuple[str, str, str], Fraction]  # (partner, component, component period) → posted
    exact: dict[tuple[str, str, str], Fraction]  # the same before rounding
    lines: list[Line]
    cells: list[Cell]
    measures: dict[tuple[str, str, str], Fraction | None]  # (partner, measure, period)
    statements: dict[tuple[str, str], dict[str, Any]]  # (partner, statement period)
    adjustments: dict[tuple[str, str, str], Fraction]  # (partner, component, period it belongs to)
    uncredited: dict[str, dict[str, str]]  # row → component or source → reason
    taken: dict[str, dict[str, Fraction]]
    problems: set[str]


def evaluate(
    plan: dict[str, Any],
    facts: RawFacts,
    *,
    valid: tuple[date, date] | None = None,
    ledger: Ledger | None = None,
    close: str | None = None,
) -> Result:
    """Calculate a plan. With a `ledger` the statements go on from what it has closed, up to `close` for good and
    provisionally after it; without one all periods of the plan are closed one after the other."""
    run = prepare(plan, facts, valid)
    earned, exact, lines, cells = {}, {}, [], []
    for component in run.plan.components.values():
        for period in run.component_periods(component):
            posting = run.posted(component, period)
            lines += posting.lines
            cells += posting.cells
            for payee in posting.cents:
                earned[payee, component.id, period.id] = posting.cents[payee]
                exact[payee, component.id, period.id] = posting.exact[payee]
    statements, adjustments = _statements(run, ledger or Ledger(), close)
    _reject_undated(run)
    return Result(
        run,
        earned,
        exact,
        lines,
        cells,
        _measures(run),
        statements,
        adjustments,
        {row: dict(reasons) for row, reasons in run.uncredited.items()},
        run.taken,
        run.problems,
    )


def prepare(plan: dict[str, Any], facts: RawFacts, valid: tuple[date, date] | None = None) -> Run:
    """A plan and its facts, read."""
    first, last = valid or valid_days(plan, facts)
    read = read_plan(plan, (first, last))
    default_day = plan["valid"]["from"] if plan.get("valid") else _first_year(plan, facts)
    calendar = Calendar(read.calendar, first, last)
    return Run(read, Facts(facts, default_day, read.time_zone), calendar)


def valid_days(plan: dict[str, Any], facts: RawFacts) -> tuple[date, date]:
    """The plan's `valid`, or the whole years that hold the dates of the facts."""
    given = plan.get("valid")
    if given:
        return given["from"], given["to"]
    days = list(_fact_days(facts)) or [date(2025, 1, 1)]
    calendar = Calendar(plan.get("calendar"), min(days), max(days))
    first, last = calendar.period("year", min(days)), calendar.period("year", max(days))
    return first.start, last.end


def _first_year(plan: dict[str, Any], facts: RawFacts) -> date:
    return valid_days(plan, facts)[0]


def _fact_days(facts: RawFacts) -> Iterable[date]:
    for table, rows in facts.items():
        if table in OTHER_TABLES or table in MASTER_TABLES:
            continue
        for row in rows or []:
            when = row.get("date")
            if isinstance(when, str):
                when = date.fromisoformat(when[:10])
            if isinstance(when, datetime):
                when = when.date()
            if when is not None:
                yield when


def _statements(
    run: Run, ledger: Ledger, close: str | None
) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[tuple[str, str, str], Fraction]]:
    """Statements of all periods (later ones provisional) and the differences this run posts."""
    adjustments: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    open_periods = _open_periods(run, ledger, close)
    while close is not None and open_periods and open_periods[0].end <= _closing_day(run, close):
        ledger.close(run, open_periods.pop(0))
        for key, amount in ledger.adjustments.items():
            adjustments[key] += amount
    if close is None:
        adjustments |= ledger.differences(run)
    provisional = copy.deepcopy(ledger)
    for period in open_periods:
        provisional.close(run, period)
    return provisional.statements, dict(adjustments)


def _open_periods(run: Run, ledger: Ledger, close: str | None) -> list[Period]:
    """The periods of the plan that are not closed, and later ones up to the closing; at least one for differences."""
    found = [period for period in run.statement_periods if period.id not in ledger.closed]
    last = found[-1] if found else run.calendar.by_id(ledger.closed[-1])
    assert last is not None
    while not found or (close is not None and last.end < _closing_day(run, close)):
        last = run.calendar.shifted(last, 1)
        found.append(last)
    return found


def _closing_day(run: Run, close: str) -> date:
    period = run.calendar.by_id(str(close))
    if period is None:
        raise LookupError(f"no period {close}")
    return period.end


def _measures(run: Run) -> dict[tuple[str, str, str], Fraction | None]:
    """Every named measure of every partner and period (of the measure's own grain)."""
    found = {}
    for name, measure in run.plan.measures.items():
        for period in run.calendar.between(measure.every or run.plan.period, *run.plan.valid):
            for partner in run.partners:
                found[partner, name, period.id] = run.measure(name, partner, Span.of(period), period)
    return found


def _reject_undated(run: Run) -> None:
    """A row dated outside the plan's validity counts nowhere."""
    for component in run.plan.components.values():
        for credit in run.credits(component):
            if not run.is_in_force(credit.date):
                run.reject(component.id, credit.row.id, "outside_plan")


__all__ = ["Ledger", "Period", "Result", "evaluate"]
