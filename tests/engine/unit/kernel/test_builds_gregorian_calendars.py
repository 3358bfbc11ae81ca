"""Calendars of months: the tables of docs/algorithms/calendars.md, and the laws of every year start."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.amounts import divide
from buoy_engine.kernel.periods import (
    CalendarRuleInvalid,
    GregorianCalendar,
    Period,
    PeriodKind,
    build_periods,
    check_calendar,
    overlap_days,
    period_on,
)

CIVIL = GregorianCalendar()
APRIL = GregorianCalendar(year_starts=(4, 1))


def of_kind(periods: list[Period], kind: PeriodKind) -> list[Period]:
    return [period for period in periods if period.kind is kind]


def named(periods: list[Period], id: str) -> Period:
    return next(period for period in periods if period.id == id)


@pytest.mark.parametrize(
    ("kind", "id", "start", "end", "no", "prev", "year_ago"),
    [
        (PeriodKind.DAY, "2025-05-20", date(2025, 5, 20), date(2025, 5, 21), 140, "2025-05-19", "2024-05-20"),
        (PeriodKind.WEEK, "2025-W21", date(2025, 5, 19), date(2025, 5, 26), 21, "2025-W20", "2024-W21"),
        (PeriodKind.HALF_MONTH, "2025-05-b", date(2025, 5, 16), date(2025, 6, 1), 10, "2025-05-a", "2024-05-b"),
        (PeriodKind.MONTH, "2025-05", date(2025, 5, 1), date(2025, 6, 1), 5, "2025-04", "2024-05"),
        (PeriodKind.QUARTER, "2025-Q2", date(2025, 4, 1), date(2025, 7, 1), 2, "2025-Q1", "2024-Q2"),
        (PeriodKind.HALF_YEAR, "2025-H1", date(2025, 1, 1), date(2025, 7, 1), 1, "2024-H2", "2024-H1"),
        (PeriodKind.YEAR, "2025", date(2025, 1, 1), date(2026, 1, 1), 1, "2024", "2024"),
    ],
)
def test_the_civil_year(kind: PeriodKind, id: str, start: date, end: date, no: int, prev: str, year_ago: str) -> None:
    periods = build_periods(CIVIL, date(2025, 5, 20), date(2025, 5, 20))
    assert period_on(periods, kind, date(2025, 5, 20)) == Period(kind, id, start, end, no, "2025", prev, year_ago)


def test_half_months_are_1_to_15_and_16_to_the_end() -> None:  # FL-006
    periods = build_periods(CIVIL, date(2022, 1, 1), date(2022, 2, 28))
    days = [date(2022, 1, 1), date(2022, 1, 15), date(2022, 1, 16), date(2022, 1, 31), date(2022, 2, 28)]
    found = [period_on(periods, PeriodKind.HALF_MONTH, d).id for d in days]
    assert found == ["2022-01-a", "2022-01-a", "2022-01-b", "2022-01-b", "2022-02-b"]
    assert [period.days for period in of_kind(periods, PeriodKind.HALF_MONTH) if period.year == "2022"][:4] == [
        15, 16, 15, 13,
    ]  # fmt: skip


def test_a_leap_year_has_a_day_more_and_does_not_shift_the_days_after_it() -> None:  # GR-104
    periods = build_periods(CIVIL, date(2024, 1, 1), date(2025, 12, 31))
    assert [named(periods, year).days for year in ("2023", "2024", "2025")] == [365, 366, 365]
    assert named(periods, "2024-02").days == 29
    assert named(periods, "2024-02-29").year_ago is None
    assert named(periods, "2025-03-01").year_ago == "2024-03-01"


def test_months_may_run_from_the_5th_to_the_4th() -> None:  # PR-008
    periods = build_periods(GregorianCalendar(year_starts=(1, 5)), date(2025, 3, 28), date(2026, 2, 4))
    active = date(2025, 3, 28), date(2026, 2, 5)
    months = [month for month in of_kind(periods, PeriodKind.MONTH) if overlap_days(month.start, month.end, *active)]
    used = [overlap_days(month.start, month.end, *active) for month in months]
    assert sum(used) == 314
    assert (months[0].start, months[0].last_day, months[0].days, used[0]) == (
        date(2025, 3, 5), date(2025, 4, 4), 31, 8,
    )  # fmt: skip
    assert [month.days for month in months[1:]] == used[1:]
    assert len(used[1:]) == 10
    assert divide(Decimal("90.00") * (10 * 31 + 8), Decimal(31), 2) == Decimal("923.23")


def test_an_anchor_on_the_31st_clamps_and_comes_back() -> None:
    periods = build_periods(GregorianCalendar(year_starts=(1, 31)), date(2024, 2, 1), date(2025, 1, 31))
    starts = [month.start for month in of_kind(periods, PeriodKind.MONTH) if month.year in ("2024", "2025")]
    assert starts[:4] == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
    assert starts[12:15] == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]


def test_a_fiscal_year_is_named_by_the_year_it_starts_in() -> None:
    periods = build_periods(APRIL, date(2026, 3, 31), date(2026, 3, 31))
    on_the_last_day = {kind: period_on(periods, kind, date(2026, 3, 31)) for kind in PeriodKind}
    assert {kind.value: period.id for kind, period in on_the_last_day.items()} == {
        "day": "2026-03-31",
        "week": "2026-W14",
        "half_month": "2026-03-b",
        "month": "2026-03",
        "quarter": "2025-Q4",
        "half_year": "2025-H2",
        "year": "2025",
    }
    assert named(periods, "2025-04").start == date(2025, 4, 1)
    assert on_the_last_day[PeriodKind.DAY].no == 365
    assert on_the_last_day[PeriodKind.MONTH].year_ago == "2025-03"


def test_a_fiscal_year_may_be_named_by_the_year_it_ends_in() -> None:
    rule = GregorianCalendar(year_starts=(4, 1), year_named_by="end")
    periods = build_periods(rule, date(2025, 4, 1), date(2025, 4, 1))
    assert period_on(periods, PeriodKind.YEAR, date(2025, 4, 1)).id == "2026"


def test_weeks_are_iso_weeks_of_the_iso_year() -> None:
    periods = build_periods(CIVIL, date(2021, 1, 1), date(2021, 12, 31))
    first = period_on(periods, PeriodKind.WEEK, date(2021, 1, 1))
    assert (first.id, first.year, first.no, first.start) == ("2020-W53", "2020", 53, date(2020, 12, 28))
    assert (first.prev, first.year_ago) == ("2020-W52", None)
    assert named(periods, "2021-W01").year_ago == "2020-W01"


def test_the_first_year_of_the_table_has_no_year_before() -> None:
    periods = build_periods(CIVIL, date(2025, 6, 1), date(2025, 6, 30))
    assert [period.id for period in of_kind(periods, PeriodKind.YEAR)] == ["2024", "2025"]
    assert (named(periods, "2024-01").prev, named(periods, "2024-01").year_ago) == (None, None)


def test_a_day_outside_the_table_is_refused_with_what_to_do() -> None:
    with pytest.raises(LookupError, match="Build the table for a range that includes it"):
        period_on(build_periods(CIVIL, date(2025, 1, 1), date(2025, 1, 1)), PeriodKind.DAY, date(2026, 1, 1))


def test_an_impossible_year_start_is_refused() -> None:
    with pytest.raises(CalendarRuleInvalid, match=r"found \(13, 1\)"):
        GregorianCalendar(year_starts=(13, 1))
    with pytest.raises(CalendarRuleInvalid, match="'middle'"):
        GregorianCalendar(year_named_by="middle")  # type: ignore[arg-type]


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="the last day is before the first"):
        build_periods(CIVIL, date(2025, 1, 2), date(2025, 1, 1))


rules = st.builds(
    GregorianCalendar,
    year_starts=st.tuples(st.integers(1, 12), st.integers(1, 31)),
    year_named_by=st.sampled_from(["start", "end"]),
)
ranges = st.tuples(st.dates(date(1999, 1, 1), date(2040, 1, 1)), st.integers(0, 500)).map(
    lambda given: (given[0], given[0] + timedelta(days=given[1]))
)


@given(rules, ranges)
def test_periods_of_every_kind_tile_the_range_and_the_year_before(
    rule: GregorianCalendar, asked: tuple[date, date]
) -> None:
    first, last = asked
    periods = build_periods(rule, first, last)
    assert check_calendar(rule, first, last) == []
    assert len({(period.kind, period.id) for period in periods}) == len(periods)
    year = period_on(periods, PeriodKind.YEAR, first)
    for kind in PeriodKind:
        tiles = of_kind(periods, kind)
        assert all(a.end == b.start and b.prev == a.id for a, b in pairwise(tiles))
        assert tiles[0].start <= year.start - timedelta(days=365)
        assert tiles[-1].end > last


@given(rules, ranges)
def test_longer_periods_are_made_of_shorter_ones(rule: GregorianCalendar, asked: tuple[date, date]) -> None:
    periods = build_periods(rule, *asked)
    years = of_kind(periods, PeriodKind.YEAR)
    counts = {PeriodKind.HALF_MONTH: 24, PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.HALF_YEAR: 2}
    for year in years:
        for kind, count in counts.items():
            parts = [period for period in of_kind(periods, kind) if period.year == year.id]
            assert [part.no for part in parts] == list(range(1, count + 1))
            assert (parts[0].start, parts[-1].end) == (year.start, year.end)


@given(rules, ranges)
def test_every_period_of_months_has_its_twin_a_year_before(rule: GregorianCalendar, asked: tuple[date, date]) -> None:
    periods = build_periods(rule, *asked)
    by_id = {(period.kind, period.id): period for period in periods}
    earliest = of_kind(periods, PeriodKind.YEAR)[0].id
    for period in periods:
        if period.kind in (PeriodKind.DAY, PeriodKind.WEEK) or period.year == earliest:
            continue
        assert period.year_ago is not None
        twin = by_id[period.kind, period.year_ago]
        assert twin.no == period.no
        assert abs((period.start - twin.start).days - 365) <= 1
