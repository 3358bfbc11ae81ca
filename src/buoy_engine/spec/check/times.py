"""Dates and lengths of time that do not fit the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.check.lint import WARNING, Lint
from buoy_engine.spec.model import Dates
from buoy_engine.spec.source import Path

LENGTHS = ("day", "week", "half_month", "month", "quarter", "half_year", "year", "plan")
"""From short to long."""


def check_lengths(lint: Lint) -> Iterator[Problem]:
    """Nothing is calculated more often than statements are made, or accumulated over less than it is calculated for."""
    period = lint.plan.period
    for path, component in lint.components():
        every = component.every or period
        if _shorter(every, period):
            yield _too_often(lint, (*path, "every"), every)
        elif component.accumulate is not None and _shorter(component.accumulate, every):
            yield lint.problem(
                (*path, "accumulate"),
                "accumulate-too-short",
                found=f"accumulate: {component.accumulate} of something calculated every {every}",
                expected=f"a running total over more than a {every}",
                fix="accumulate over a longer time, or calculate more often (every)",
            )
    draw = lint.plan.statement.draw
    if draw is not None and draw.every is not None and _shorter(draw.every, period):
        yield _too_often(lint, ("statement", "draw", "every"), draw.every)
    if draw is not None and draw.forgive is not None and _shorter(draw.forgive, period):
        yield _too_often(lint, ("statement", "draw", "forgive"), draw.forgive)


def _too_often(lint: Lint, path: Path, often: str) -> Problem:
    period, key = lint.plan.period, path[-1]
    return lint.problem(
        path,
        "every-too-short",
        found=f"{key}: {often} in a plan with a statement per {period}",
        expected=f"{period} or longer",
        fix=f"write period: {often} for the plan, or remove {key}",
    )


def _shorter(one: str, other: str) -> bool:
    return LENGTHS.index(one) < LENGTHS.index(other)


def check_component_dates(lint: Lint) -> Iterator[Problem]:
    """Days of a component outside the plan do not count."""
    for path, component in lint.components():
        if component.dates is not None:
            yield from _outside(lint, (*path, "dates"), component.dates.from_, component.dates.to, "dates")


def check_lists(lint: Lint) -> Iterator[Problem]:
    """Dated entries of lists: in order, and inside the plan."""
    for name, entries in lint.plan.lists.items():
        for at, entry in enumerate(entries):
            path = ("lists", name, at)
            if entry.from_ and entry.to and entry.to < entry.from_:
                yield lint.problem(
                    (*path, "to"),
                    "dates-reversed",
                    found=f"the entry {entry.value} ends ({entry.to}) before it begins ({entry.from_})",
                    expected="an end on or after the beginning",
                    fix="exchange or correct the dates",
                )
            elif _apart(lint.plan.valid, entry.from_, entry.to):
                yield from _outside(lint, path, entry.from_, entry.to, f"the entry {entry.value}")


def _outside(lint: Lint, path: Path, start: date | None, end: date | None, what: str) -> Iterator[Problem]:
    valid = lint.plan.valid
    early = start is not None and valid.from_ is not None and start < valid.from_
    late = end is not None and valid.to is not None and end > valid.to
    apart = _apart(valid, start, end)
    if early or late or apart:
        effect = "no day of it counts" if apart else "the days outside do not count"
        yield lint.problem(
            path,
            "outside-validity",
            found=f"{what} from {start or 'ever'} to {end or 'ever'} in a plan"
            f" from {valid.from_ or 'ever'} to {valid.to or 'ever'}: {effect}",
            expected="days inside the plan",
            fix="correct the dates here, or valid of the plan",
            severity=WARNING,
        )


def _apart(valid: Dates, start: date | None, end: date | None) -> bool:
    """Whether two spans of days have no day in common."""
    too_late = start is not None and valid.to is not None and start > valid.to
    too_early = end is not None and valid.from_ is not None and end < valid.from_
    return too_late or too_early
