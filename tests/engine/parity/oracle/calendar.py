"""Periods: which one holds a day, the one before, the same one of last year. Both days of a period belong to it.

Ids: 2025, 2025-H1, 2025-Q1, 2025-01, 2025-01-a (half month), 2025-W01. Fiscal and weekly calendars may also be
addressed as FY2025, FY2025-P01, FY2025-M01; the short form is the one written here.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

from .exact import Refused

DAY = timedelta(days=1)
GRAINS = ("day", "week", "half_month", "month", "quarter", "half_year", "year", "plan")
_MONTHS_IN = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_LETTER = {"month": "-{:02}", "quarter": "-Q{}", "half_year": "-H{}", "year": ""}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Period:
    """A stretch of days; `no` counts from 1 within the year numbered `year`."""

    grain: str
    id: str
    start: date
    end: date
    no: int
    year: int

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def weeks(self) -> Fraction:
        return Fraction(self.days, 7)

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


def clamped(year: int, month: int, day: int) -> date:
    """That day, or the last of a shorter month."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def add_months(day: date, count: int, anchor: int | None = None) -> date:
    """So many months later, clamped to the month's end, counted from the anchor day."""
    years, month = divmod(day.month - 1 + count, 12)
    return clamped(day.year + years, month + 1, anchor or day.day)


def whole_months_between(a: date, b: date) -> int:
    """The most whole months that fit from a to b; negative when b is earlier."""
    if b < a:
        return -whole_months_between(b, a)
    months = (b.year - a.year) * 12 + b.month - a.month
    return months if add_months(a, months) <= b else months - 1


def normal_id(text: str) -> str:
    """One spelling for FY2025-P01, FY2025-M01 and 2025-01."""
    return re.sub(r"-[PM](?=\d)", "-", text.removeprefix("FY"))


class Calendar:
    """A plan's calendar."""

    def __init__(self, settings: dict[str, Any] | None, first: date, last: date) -> None:
        settings = settings or {}
        unknown = set(settings) - {"year_starts", "pattern", "first_day", "weeks", "year_ends", "anchor_day"}
        if unknown:
            raise Refused("calendar", f"unknown keys {sorted(unknown)}")
        self.settings = settings
        self.valid = Period("plan", "plan", first, last, 1, first.year)
        self.is_weekly = "pattern" in settings
        self.start_month, self.start_day = 1, int(settings.get("anchor_day", 1))
        if "year_starts" in settings:
            month, day = str(settings["year_starts"]).split("-")
            self.start_month, self.start_day = int(month), int(day)

    # --- Years --------------------------------------------------------------------------------------------------

    @cache  # noqa: B019 a calendar lives as long as its run
    def year_start(self, number: int) -> date:
        """The first day of the year of that number (the year is named by the calendar year it starts in)."""
        if not self.is_weekly:
            return clamped(number, self.start_month, self.start_day)
        if "first_day" in self.settings:
            return self._listed_year_start(number)
        return self._ruled_year_end(number - 1) + DAY

    def _listed_year_start(self, number: int) -> date:
        first: date = self.settings["first_day"]
        weeks = self.settings.get("weeks", 52)
        listed = [int(count) for count in (weeks if isinstance(weeks, list) else [weeks])]
        start = first
        for place in range(number - first.year):
            start += timedelta(weeks=listed[place] if place < len(listed) else 52)
        if number < first.year:
            start -= timedelta(weeks=52 * (first.year - number))
        return start

    def _ruled_year_end(self, number: int) -> date:
        """The last day of the year that starts in that calendar year: the weekday closest to a day."""
        rule = self.settings["year_ends"]
        month, day = (int(part) for part in str(rule["closest_to"]).split("-"))
        year = number if (month, day) == (12, 31) else number + 1
        nominal = clamped(year, month, day)
        weekday = _WEEKDAYS.index(str(rule["weekday"]).lower())
        offset = (weekday - nominal.weekday() + 3) % 7 - 3
        return nominal + timedelta(days=offset)

    def year_number(self, day: date) -> int:
        number = day.year + 1
        while self.year_start(number) > day:
            number -= 1
        return number

    # --- Periods ------------------------------------------------------------------------------------------------

    @cache  # noqa: B019
    def periods_of_year(self, grain: str, number: int) -> tuple[Period, ...]:
        """All periods of one grain in one year."""
        if self.is_weekly:
            return self._weekly(grain, number)
        if grain == "half_month":
            return self._half_months(number)
        if grain == "week":
            return _iso_weeks(number)
        return self._months(grain, number)

    def _months(self, grain: str, number: int) -> tuple[Period, ...]:
        step, start = _MONTHS_IN[grain], self.year_start(number)
        first = date(start.year, start.month, 1)
        edges = [add_months(first, months, self.start_day) for months in range(0, 13, step)]
        return _between(grain, number, edges)

    def _half_months(self, number: int) -> tuple[Period, ...]:
        found: list[Period] = []
        for month in self._months("month", number):
            middle = month.start + timedelta(days=15)
            for letter, start, end in (("a", month.start, middle - DAY), ("b", middle, month.end)):
                found.append(Period("half_month", f"{month.id}-{letter}", start, end, len(found) + 1, number))
        return tuple(found)

    def _weekly(self, grain: str, number: int) -> tuple[Period, ...]:
        start = self.year_start(number)
        weeks = (self.year_start(number + 1) - start).days // 7
        pattern = [int(part) for part in str(self.settings["pattern"]).split("-")] * 4
        pattern[-1] += weeks - 52
        lengths = {
            "week": [1] * weeks,
            "month": pattern,
            "quarter": [13, 13, 13, weeks - 39],
            "half_year": [26, weeks - 26],
            "year": [weeks],
        }[grain]
        edges = [start + timedelta(weeks=sum(lengths[:place])) for place in range(len(lengths) + 1)]
        return _between(grain, number, edges)

    def period(self, grain: str, day: date) -> Period:
        """The period of that grain that holds the day."""
        if grain == "day":
            return Period("day", day.isoformat(), day, day, day.timetuple().tm_yday, self.year_number(day))
        if grain == "plan":
            return self.valid
        if grain not in GRAINS:
            raise Refused("period", grain)
        around = self.year_number(day)
        for number in (around - 1, around, around + 1):
            for period in self.periods_of_year(grain, number):
                if period.holds(day):
                    return period
        raise Refused("calendar", f"no {grain} holds {day}")

    def shifted(self, period: Period, count: int) -> Period:
        """The period so many places later (earlier if negative)."""
        for _ in range(abs(count)):
            edge = period.end + DAY if count > 0 else period.start - DAY
            period = self.period(period.grain, edge)
        return period

    def year_ago(self, period: Period) -> Period | None:
        """The period with the same place in the year before."""
        if period.grain == "day":
            return self.period("day", add_months(period.start, -12))
        before = self.periods_of_year(period.grain, period.year - 1)
        return next((other for other in before if other.no == period.no), None)

    def between(self, grain: str, first: date, last: date) -> list[Period]:
        """All periods that touch the days from first to last."""
        found = [self.period(grain, first)]
        while found[-1].end < last:
            found.append(self.period(grain, found[-1].end + DAY))
        return found

    def by_id(self, text: str) -> Period | None:
        """The period with that id, of whatever grain."""
        text = normal_id(text)
        if re.match(r"\d{4}-\d{2}-\d{2}$", text):
            return self.period("day", date.fromisoformat(text))
        match = re.match(r"(\d{4})(.*)$", text)
        if match is None:
            return None
        number, rest = int(match.group(1)), match.group(2)
        grain = (
            "year"
            if not rest
            else "week"
            if rest.startswith("-W")
            else "quarter"
            if rest.startswith("-Q")
            else "half_year"
            if rest.startswith("-H")
            else "half_month"
            if rest.endswith(("-a", "-b"))
            else "month"
        )
        return next((period for period in self.periods_of_year(grain, number) if period.id == text), None)


def _between(grain: str, number: int, edges: list[date]) -> tuple[Period, ...]:
    letter = "-W{:02}" if grain == "week" else _LETTER[grain]
    return tuple(
        Period(grain, f"{number:04}" + letter.format(no), start, end - DAY, no, number)
        for no, (start, end) in enumerate(pairwise(edges), start=1)
    )


def _iso_weeks(number: int) -> tuple[Period, ...]:
    monday = date.fromisocalendar(number, 1, 1)
    found = []
    while monday.isocalendar().year == number:
        no = monday.isocalendar().week
        found.append(Period("week", f"{number:04}-W{no:02}", monday, monday + 6 * DAY, no, number))
        monday += 7 * DAY
    return tuple(found)
