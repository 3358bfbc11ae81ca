"""The calendar of months: the civil year, or a fiscal year that starts on any day of any month.

The problem
    A fiscal year that starts in April, a month that runs from the 5th to the 4th, and one that is anchored on the
    31st are the same thing: twelve month starts, each the anchor day or the last day of a shorter month. Everything
    longer is made of months, everything shorter is cut from them.

A worked example
    `GregorianCalendar(year_starts=(1, 31))`: the months of 2025 start on 31 January, 28 February, 31 March, 30
    April … and the year ends before 31 January 2026.

Chosen steps
    1. Month k starts k months after the year's first month, counted from the original anchor (no drift).
    2. A quarter is three months, a half-year six, a year twelve.
    3. A half-month is the first fifteen days of a month, and the rest: 1–15 and 16–end when the anchor is 1.
    4. Weeks are ISO weeks (Monday to Sunday, week 1 holds 4 January) and belong to the ISO year, whatever the fiscal
       year is. They are not cut at a month's end and so the first and last of them stick out of the years built.
    5. The year-ago of a day is the same day and month, so 29 February has none, and a leap year does not shift the
       days behind it.

Ids: 2025, 2025-H1, 2025-Q1, 2025-01, 2025-01-a, 2025-W01, 2025-01-31. Years, halves and quarters are those of the fiscal
year; a month has the name of the month in which it starts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from buoy_engine.kernel.periods.dates import add_months, clamped_date
from buoy_engine.kernel.periods.period import Period, PeriodKind, Unlinked
from buoy_engine.kernel.periods.rule import CalendarRule, CalendarRuleInvalid, YearNamedBy
from buoy_engine.kernel.problems import Problem

_DAY = timedelta(days=1)
_HALF_MONTH = timedelta(days=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class GregorianCalendar(CalendarRule):
    """Years of twelve months, from `year_starts` = (month, day)."""

    year_starts: tuple[int, int] = (1, 1)
    year_named_by: YearNamedBy = "start"

    def __post_init__(self) -> None:
        month, day = self.year_starts
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise CalendarRuleInvalid(
                f"year_starts is (month, day), found ({month}, {day}): expected a month 1 to 12 and a day 1 to 31."
            )
        if self.year_named_by not in ("start", "end"):
            raise CalendarRuleInvalid(f"year_named_by is {self.year_named_by!r}: expected 'start' or 'end'.")

    def drafts(self, first: date, last: date) -> Iterator[Unlinked]:
        """Whole years around [first, last] and one before. `year` 2025 here is the one that starts in 2025."""
        opening, closing = self._year_on(first) - 1, self._year_on(last)
        for year in range(opening, closing + 1):
            yield from self._months_and_longer(year)
            yield from self._half_months(year)
            yield from self._days(year)
        yield from _iso_weeks(self._month_start(opening, 0), self._month_start(closing, 12))

    def problems(self, first: date, last: date) -> list[Problem]:
        """None: months cover all of time."""
        return []

    def _month_start(self, year: int, months: int) -> date:
        month, day = self.year_starts
        return add_months(date(year, month, 1), months, anchor_day=day)

    def _year_on(self, d: date) -> int:
        return d.year if d >= clamped_date(d.year, *self.year_starts) else d.year - 1

    def _year_id(self, year: int) -> str:
        ends_later = self.year_named_by == "end" and self.year_starts != (1, 1)
        return f"{year + ends_later:04}"

    def _month_id(self, year: int, no: int) -> str:
        """A month keeps its own name in every fiscal year: the one that its first day has in the calendar."""
        return f"{self._month_start(year, no - 1):%Y-%m}"

    def _months_and_longer(self, year: int) -> Iterator[Unlinked]:
        name = self._year_id(year)
        for no in range(1, 13):
            yield self._block(PeriodKind.MONTH, self._month_id(year, no), year, no, months=1)
        for no in range(1, 5):
            yield self._block(PeriodKind.QUARTER, f"{name}-Q{no}", year, no, months=3)
        for no in range(1, 3):
            yield self._block(PeriodKind.HALF_YEAR, f"{name}-H{no}", year, no, months=6)
        yield self._block(PeriodKind.YEAR, name, year, 1, months=12)

    def _block(self, kind: PeriodKind, id: str, year: int, no: int, months: int) -> Unlinked:
        start, end = self._month_start(year, (no - 1) * months), self._month_start(year, no * months)
        return Unlinked(Period(kind, id, start, end, no, self._year_id(year)), year, no)

    def _half_months(self, year: int) -> Iterator[Unlinked]:
        for month in range(12):
            start, end = self._month_start(year, month), self._month_start(year, month + 1)
            middle = start + _HALF_MONTH
            for half, letter, begins, ends in ((1, "a", start, middle), (2, "b", middle, end)):
                id, no = f"{self._month_id(year, month + 1)}-{letter}", 2 * month + half
                yield Unlinked(Period(PeriodKind.HALF_MONTH, id, begins, ends, no, self._year_id(year)), year, no)

    def _days(self, year: int) -> Iterator[Unlinked]:
        start, end, name = self._month_start(year, 0), self._month_start(year, 12), self._year_id(year)
        for no in range(1, (end - start).days + 1):
            d = start + timedelta(days=no - 1)
            period = Period(PeriodKind.DAY, d.isoformat(), d, d + _DAY, no, name)
            yield Unlinked(period, d.year, d.month * 100 + d.day)


def _iso_weeks(start: date, end: date) -> Iterator[Unlinked]:
    """The ISO weeks that touch [start, end)."""
    monday = start - timedelta(days=start.weekday())
    while monday < end:
        year, no, _ = monday.isocalendar()
        period = Period(PeriodKind.WEEK, f"{year:04}-W{no:02}", monday, monday + 7 * _DAY, no, f"{year:04}")
        yield Unlinked(period, year, no)
        monday += 7 * _DAY
