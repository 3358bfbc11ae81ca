"""The calendar of weeks: 4-4-5 and its sisters, with a 53rd week every five or six years.

The problem
    A retailer compares Saturdays with Saturdays. So the year is 52 whole weeks, a quarter 13, and "months" are 4, 4
    and 5 weeks in some order. 52 weeks are a day or two short of a year; when a week has been lost, a 53rd is added.

A worked example (case CA-001)
    `WeeklyCalendar(pattern=WeekPattern.W454, years=ClosestWeekday(Weekday.SATURDAY, month=1, day=31))` is the calendar
    of the American retail federation. The Saturday closest to 31 January 2023 is the 28th, the one closest to 31
    January 2024 is 3 February. So 2023 runs from Sunday 2023-01-29 to Saturday 2024-02-03: 371 days, 53 weeks.

Chosen steps
    1. The year's end is a rule (closest weekday to a day, or last weekday of a month) or the years are listed.
    2. The 53rd week belongs to the last period of the fourth quarter: 4-4-5 becomes 4-4-6 there.
    3. By a rule, the year has the number of its *nominal* first (or last) day: years ending closest to 31 December
       are named 2020 and 2021 even though one starts on 29 December 2019. By actual days none would be named 2020.
    4. Days and weeks are linked to the year before by number, so weekdays meet weekdays. Week 53 has no twin.

What this module does not do
    It has no half-months, and no year whose extra week lies elsewhere than at the end.

Ids: 2023, 2023-H1, 2023-Q4, 2023-12, 2023-W53, 2024-02-03.
Source: nrf.com/resources/4-5-4-calendar; docs/algorithms/calendars.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise

from buoy_engine.kernel.periods.dates import clamped_date
from buoy_engine.kernel.periods.period import Period, PeriodKind, Unlinked
from buoy_engine.kernel.periods.rule import CalendarRule, CalendarRuleInvalid, YearNamedBy
from buoy_engine.kernel.problems import Problem, Severity

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Weekday(StrEnum):
    """The days of the week, Monday first as in `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return list(Weekday).index(self)


class WeekPattern(StrEnum):
    """Weeks in the three periods of a quarter."""

    W445 = "4-4-5"
    W454 = "4-5-4"
    W544 = "5-4-4"

    @property
    def weeks(self) -> tuple[int, ...]:
        """The three numbers."""
        return tuple(int(number) for number in self.value.split("-"))


@dataclass(frozen=True, slots=True)
class ClosestWeekday:
    """A year ends on the `weekday` closest to a day: at most three days before it or after it."""

    weekday: Weekday
    month: int
    day: int
    year_named_by: YearNamedBy = "start"

    def __post_init__(self) -> None:
        _require_day(self.month, self.day)

    @property
    def nominal_end(self) -> tuple[int, int]:
        """Month and day that the end is close to."""
        return self.month, self.day

    def end_in(self, year: int) -> date:
        """The last day of the year whose nominal end is in `year`. It may lie just over a New Year."""
        nominal = clamped_date(year, self.month, self.day)
        later = (self.weekday.number - nominal.weekday()) % 7
        return nominal + timedelta(days=later if later <= 3 else later - 7)


@dataclass(frozen=True, slots=True)
class LastWeekday:
    """A year ends on the last `weekday` of a month."""

    weekday: Weekday
    month: int
    year_named_by: YearNamedBy = "start"

    def __post_init__(self) -> None:
        _require_day(self.month, 31)

    @property
    def nominal_end(self) -> tuple[int, int]:
        """Month and day that the end is never after."""
        return self.month, 31

    def end_in(self, year: int) -> date:
        """The last day of the year that ends in `year`."""
        month_end = clamped_date(year, self.month, 31)
        return month_end - timedelta(days=(month_end.weekday() - self.weekday.number) % 7)


@dataclass(frozen=True, slots=True)
class ListedYears:
    """Years one after the other from `first_day`, numbered from `first_year`, each of 52 or 53 weeks."""

    first_year: int
    first_day: date
    weeks: tuple[int, ...]

    def __post_init__(self) -> None:
        wrong = [weeks for weeks in self.weeks if weeks not in (52, 53)]
        if wrong or not self.weeks:
            found = ", ".join(map(str, wrong)) or "no year at all"
            raise CalendarRuleInvalid(f"weeks of listed years: found {found}; expected 52 or 53 for each year.")


@dataclass(frozen=True, slots=True)
class YearOfWeeks:
    """One year of a weekly calendar, [start, end)."""

    number: int
    start: date
    weeks: int

    @property
    def id(self) -> str:
        """Its number."""
        return f"{self.number:04}"

    @property
    def end(self) -> date:
        """The first day of the next year."""
        return self.start + self.weeks * _WEEK


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyCalendar(CalendarRule):
    """Years of 52 or 53 weeks, cut into quarters of 13 and periods by the pattern."""

    pattern: WeekPattern
    years: ClosestWeekday | LastWeekday | ListedYears

    def drafts(self, first: date, last: date) -> Iterator[Unlinked]:
        """The years that touch [first, last] and, if there is one, the year before."""
        for year in self._years_around(first, last):
            for kind, label, lengths in self._divisions(year.weeks):
                yield from _cut(year, kind, label, lengths)
            yield from _days(year)

    def problems(self, first: date, last: date) -> list[Problem]:
        """Days of [first, last] for which no year is listed; a rule has no such days."""
        if not isinstance(self.years, ListedYears):
            return []
        listed = _listed(self.years)
        gaps = (first, min(last, listed[0].start - _DAY)), (max(first, listed[-1].end), last)
        return [_unlisted(begins, ends) for begins, ends in gaps if begins <= ends]

    def year(self, number: int) -> YearOfWeeks:
        """The year of that number. Raises LookupError if years are listed and it is not among them."""
        if isinstance(self.years, ListedYears):
            found = [year for year in _listed(self.years) if year.number == number]
            if not found:
                raise LookupError(f"Year {number} is not listed in the calendar. Add its number of weeks.")
            return found[0]
        return _ruled(self.years, number)

    def _years_around(self, first: date, last: date) -> list[YearOfWeeks]:
        if isinstance(self.years, ListedYears):
            candidates = _listed(self.years)
        else:
            # A year's number is at most two away from the calendar year of its days: one because of the name, and
            # one because a year that ends close to New Year may end just after it. One more is the year before.
            candidates = [_ruled(self.years, number) for number in range(first.year - 3, last.year + 3)]
        touched = [year.number for year in candidates if year.start <= last and first < year.end]
        if not touched:
            return []
        return [year for year in candidates if touched[0] - 1 <= year.number <= touched[-1]]

    def _divisions(self, weeks: int) -> list[tuple[PeriodKind, str, list[int]]]:
        """Each kind with the letter of its ids and the lengths of its periods in weeks."""
        months = [*self.pattern.weeks] * 4
        months[-1] += weeks - 52
        return [
            (PeriodKind.WEEK, "-W{:02}", [1] * weeks),
            (PeriodKind.MONTH, "-{:02}", months),
            (PeriodKind.QUARTER, "-Q{}", [13, 13, 13, weeks - 39]),
            (PeriodKind.HALF_YEAR, "-H{}", [26, weeks - 26]),
            (PeriodKind.YEAR, "", [weeks]),
        ]


def weeks_in_year(calendar: WeeklyCalendar, year: int) -> int:
    """52 or 53."""
    return calendar.year(year).weeks


def _require_day(month: int, day: int) -> None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise CalendarRuleInvalid(f"A year cannot end near month {month}, day {day}: expected 1 to 12 and 1 to 31.")


def _listed(years: ListedYears) -> list[YearOfWeeks]:
    starts = accumulate((weeks * _WEEK for weeks in years.weeks[:-1]), initial=timedelta())
    return [
        YearOfWeeks(years.first_year + place, years.first_day + offset, weeks)
        for place, (offset, weeks) in enumerate(zip(starts, years.weeks, strict=True))
    ]


def _ruled(rule: ClosestWeekday | LastWeekday, number: int) -> YearOfWeeks:
    """The year of that number by a rule: from the day after one end to the next end."""
    starts_with_its_calendar_year = rule.nominal_end == (12, 31)
    is_named_by_its_end = rule.year_named_by == "end" or starts_with_its_calendar_year
    ends_in = number if is_named_by_its_end else number + 1
    start = rule.end_in(ends_in - 1) + _DAY
    return YearOfWeeks(number, start, (rule.end_in(ends_in) + _DAY - start).days // 7)


def _cut(year: YearOfWeeks, kind: PeriodKind, label: str, lengths: Iterable[int]) -> Iterator[Unlinked]:
    """The year cut into periods of the given lengths in weeks."""
    edges = pairwise(accumulate(lengths, initial=0))
    for no, (begins, ends) in enumerate(edges, start=1):
        start, end = year.start + begins * _WEEK, year.start + ends * _WEEK
        yield Unlinked(Period(kind, year.id + label.format(no), start, end, no, year.id), year.number, no)


def _days(year: YearOfWeeks) -> Iterator[Unlinked]:
    for no in range(1, year.weeks * 7 + 1):
        d = year.start + timedelta(days=no - 1)
        yield Unlinked(Period(PeriodKind.DAY, d.isoformat(), d, d + _DAY, no, year.id), year.number, no)


def _unlisted(begins: date, ends: date) -> Problem:
    days = (ends - begins).days + 1
    return Problem(
        code="calendar-gap",
        severity=Severity.BLOCKING,
        where="calendar",
        found=f"no year covers {begins} to {ends} ({days} days)",
        expected="listed years to cover every day that is calculated",
        fix="list the missing years with their number of weeks",
        params={"kind": PeriodKind.YEAR.value, "from": begins.isoformat(), "to": ends.isoformat(), "days": days},
    )
