"""Calendars as tables: a rule, and the periods it makes.

The problem
    "The same quarter of last year" is one line of a plan and a dozen opinions: fiscal years that start in April,
    months from the 5th to the 4th, half-months, retail years of 52 or 53 weeks. If each formula did its own date
    arithmetic they would disagree on the last day of February. So dates are looked up, never computed: a rule makes a
    table once, and everything else joins to it.

A worked example
    >>> from datetime import date
    >>> retail = WeeklyCalendar(pattern=WeekPattern.W454, years=ClosestWeekday(Weekday.SATURDAY, month=1, day=31))
    >>> table = build_periods(retail, date(2024, 2, 1), date(2024, 2, 29))
    >>> period = period_on(table, PeriodKind.MONTH, date(2024, 2, 3))
    >>> period.id, str(period.start), str(period.end), period.weeks, period.prev, period.year_ago
    ('2023-12', '2023-12-31', '2024-02-04', 5, '2023-11', '2022-12')

Chosen steps
    1. Intervals are half-open: a period is [start, end). Only what is asked for (`first`, `last`) includes its end.
    2. The table holds the whole years that touch the days asked for, and one whole year before them, so that `prev`
       and `year_ago` are known for every period that is calculated.
    3. The periods of one kind tile the table without gap or overlap. A calendar that cannot do that is refused with
       the list of what is wrong (`check_calendar` returns it, `build_periods` raises it).

What this package does not do
    It knows no time of day and no time zone: a sale has its date before it comes here.

Source: docs/algorithms/calendars.md.
"""

from collections.abc import Iterable
from datetime import date

from buoy_engine.kernel.periods.custom import CustomCalendar, CustomRow
from buoy_engine.kernel.periods.dates import add_months, overlap_days, whole_months_between
from buoy_engine.kernel.periods.gregorian import GregorianCalendar
from buoy_engine.kernel.periods.period import Period, PeriodKind, link
from buoy_engine.kernel.periods.rule import CalendarRule, CalendarRuleInvalid, YearNamedBy
from buoy_engine.kernel.periods.weekly import (
    ClosestWeekday,
    LastWeekday,
    ListedYears,
    Weekday,
    WeeklyCalendar,
    WeekPattern,
    weeks_in_year,
)
from buoy_engine.kernel.problems import Problem

__all__ = [
    "CalendarIncomplete",
    "CalendarRule",
    "CalendarRuleInvalid",
    "ClosestWeekday",
    "CustomCalendar",
    "CustomRow",
    "GregorianCalendar",
    "LastWeekday",
    "ListedYears",
    "Period",
    "PeriodKind",
    "WeekPattern",
    "Weekday",
    "WeeklyCalendar",
    "YearNamedBy",
    "add_months",
    "build_periods",
    "check_calendar",
    "overlap_days",
    "period_on",
    "weeks_in_year",
    "whole_months_between",
]


class CalendarIncomplete(ValueError):
    """A table was asked for that the calendar cannot give; `problems` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def check_calendar(rule: CalendarRule, first: date, last: date) -> list[Problem]:
    """What stops the calendar from covering every day from `first` to `last`, both included. Empty when it can."""
    if last < first:
        raise ValueError(f"A calendar from {first} to {last}: the last day is before the first.")
    return rule.problems(first, last)


def build_periods(rule: CalendarRule, first: date, last: date) -> list[Period]:
    """The table of periods: whole years that cover `first` to `last`, both included, and one year before.

    One row per kind and period, ordered by kind (day to year) and start. The year before is left out only where the
    calendar itself does not reach so far back. Raises `CalendarIncomplete` with the problems of `check_calendar`.
    """
    blocking = [problem for problem in check_calendar(rule, first, last) if problem.is_blocking]
    if blocking:
        raise CalendarIncomplete(blocking)
    return link(rule.drafts(first, last))


def period_on(periods: Iterable[Period], kind: PeriodKind, d: date) -> Period:
    """The period of a kind that holds a day. Raises LookupError if the table has none."""
    for period in periods:
        if period.kind is kind and d in period:
            return period
    raise LookupError(f"No {kind} of the calendar holds {d}. Build the table for a range that includes it.")
