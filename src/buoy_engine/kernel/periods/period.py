"""A period, and how periods of one kind are linked to the one before and to the same one of last year.

The problem
    Growth compares with the year before, a true-up with the period before. In a calendar with 53-week years or
    clamped months, "minus 364 days" or "minus one month" finds the wrong period on some day of some year. So the
    links are part of the table, made once, when the whole table is known.

A worked example
    The 53-week year 2023 has week 2023-W53. 2022 and 2024 have 52 weeks. Then

    2024-W01   prev 2023-W53   year_ago 2023-W01
    2023-W53   prev 2023-W52   year_ago none: 2022 has no week 53

What this module does not do
    It does not restate a baseline. Whether week 1 or week 53 is left out when 2024 is compared with 2023 is a
    setting of the growth rule (GR-104); `days` and `weeks` are what it needs to say by how much the two differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class PeriodKind(StrEnum):
    """The kinds, from short to long."""

    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """One row of a calendar: the days from `start` up to but without `end`.

    `no` counts from 1 within the year whose id is `year`. `prev` is the id of the period of this kind that ends where
    this one starts, `year_ago` the id of the one with the same place in the year before; None where the table has none.
    """

    kind: PeriodKind
    id: str
    start: date
    end: date
    no: int
    year: str
    prev: str | None = None
    year_ago: str | None = None

    @property
    def days(self) -> int:
        """Length in calendar days."""
        return (self.end - self.start).days

    @property
    def weeks(self) -> int:
        """Whole weeks in it: exact in a weekly calendar, rounded down in any other."""
        return self.days // 7

    @property
    def last_day(self) -> date:
        """The last day that belongs to it, for display; reckon with `end`."""
        return date.fromordinal(self.end.toordinal() - 1)

    def __contains__(self, d: date) -> bool:
        return self.start <= d < self.end


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A period before its links are known, with the year and the place in it by which its twin is found."""

    period: Period
    year_number: int
    place: int


def link(drafts: Iterable[Unlinked]) -> list[Period]:
    """The periods in order of kind and start, each with its links."""
    kinds = list(PeriodKind)
    ordered = sorted(drafts, key=lambda draft: (kinds.index(draft.period.kind), draft.period.start))
    ids = {(draft.period.kind, draft.year_number, draft.place): draft.period.id for draft in ordered}
    ending = {(draft.period.kind, draft.period.end): draft.period.id for draft in ordered}
    return [
        replace(
            draft.period,
            prev=ending.get((draft.period.kind, draft.period.start)),
            year_ago=ids.get((draft.period.kind, draft.year_number - 1, draft.place)),
        )
        for draft in ordered
    ]
