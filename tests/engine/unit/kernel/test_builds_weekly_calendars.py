"""Calendars of weeks: the tables of docs/algorithms/calendars.md, and the laws of every pattern and year end."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.amounts import allocate
from buoy_engine.kernel.periods import (
    CalendarIncomplete,
    CalendarRuleInvalid,
    ClosestWeekday,
    LastWeekday,
    ListedYears,
    Period,
    PeriodKind,
    Weekday,
    WeeklyCalendar,
    WeekPattern,
    build_periods,
    check_calendar,
    period_on,
    weeks_in_year,
)

RETAIL = WeeklyCalendar(pattern=WeekPattern.W454, years=ClosestWeekday(Weekday.SATURDAY, month=1, day=31))


def of_kind(periods: list[Period], kind: PeriodKind) -> list[Period]:
    return [period for period in periods if period.kind is kind]


def named(periods: list[Period], id: str) -> Period:
    return next(period for period in periods if period.id == id)


def test_the_retail_years_of_53_weeks() -> None:  # CA-001
    assert [year for year in range(2000, 2025) if weeks_in_year(RETAIL, year) == 53] == [2000, 2006, 2012, 2017, 2023]


@pytest.mark.parametrize(("year", "left"), [(2016, 3), (2017, 4)])
def test_a_53rd_week_is_added_when_four_days_of_january_are_left(year: int, left: int) -> None:  # CA-001
    after_week_52 = RETAIL.year(year).start + timedelta(weeks=52)
    assert (date(year + 1, 2, 1) - after_week_52).days == left


def test_the_retail_year_2023() -> None:  # CA-001
    periods = build_periods(RETAIL, date(2023, 6, 1), date(2024, 6, 1))
    assert [year.id for year in of_kind(periods, PeriodKind.YEAR)] == ["2022", "2023", "2024"]
    year = named(periods, "2023")
    assert (year.start, year.last_day, year.weeks, year.days) == (date(2023, 1, 29), date(2024, 2, 3), 53, 371)
    assert [named(periods, f"2023-Q{no}").weeks for no in range(1, 5)] == [13, 13, 13, 14]
    assert [named(periods, f"2023-{no:02}").weeks for no in range(1, 13)] == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]
    assert [named(periods, f"2023-H{no}").weeks for no in (1, 2)] == [26, 27]


def test_week_53_belongs_to_the_last_period_and_has_no_twin() -> None:  # GR-104
    periods = build_periods(RETAIL, date(2024, 2, 3), date(2024, 2, 4))
    ids = [period_on(periods, kind, date(2024, 2, 3)).id for kind in (PeriodKind.WEEK, PeriodKind.MONTH)]
    assert ids == ["2023-W53", "2023-12"]
    assert named(periods, "2023-W53").year_ago is None
    first_of_2024 = period_on(periods, PeriodKind.WEEK, date(2024, 2, 4))
    assert (first_of_2024.prev, first_of_2024.year_ago) == ("2023-W53", "2023-W01")
    assert named(periods, "2024-02-04").year_ago == "2023-01-29"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [(WeekPattern.W445, [1, 1, 2, 2, 3, 3, 3, 4, 12]), (WeekPattern.W454, [1, 1, 2, 2, 2, 2, 3, 4, 12])],
)
def test_the_pattern_decides_the_period_of_a_date(pattern: WeekPattern, expected: list[int]) -> None:  # CA-101
    rule = WeeklyCalendar(pattern=pattern, years=ListedYears(2025, date(2025, 2, 2), (52,)))
    periods = build_periods(rule, date(2025, 2, 2), date(2026, 1, 31))
    dates = [
        date(2025, 2, 2), date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 29), date(2025, 3, 30), date(2025, 4, 5),
        date(2025, 5, 3), date(2025, 5, 4), date(2026, 1, 31),
    ]  # fmt: skip
    assert [period_on(periods, PeriodKind.MONTH, d).no for d in dates] == expected


def test_a_target_is_spread_by_the_weeks_of_the_quarters() -> None:  # CA-102
    quarters = [period for period in of_kind(build_periods(RETAIL, date(2023, 6, 1), date(2023, 6, 1)),
                                             PeriodKind.QUARTER) if period.year == "2023"]  # fmt: skip
    shares = allocate(Decimal("1060000.00"), [Decimal(quarter.weeks) for quarter in quarters], 2)
    assert [str(share) for share in shares] == ["260000.00", "260000.00", "260000.00", "280000.00"]


def test_years_around_new_year_are_named_once_each() -> None:
    rule = WeeklyCalendar(pattern=WeekPattern.W445, years=ClosestWeekday(Weekday.SATURDAY, month=12, day=31))
    years = of_kind(build_periods(rule, date(2019, 6, 1), date(2022, 6, 1)), PeriodKind.YEAR)
    assert [(year.id, str(year.start), year.weeks) for year in years] == [
        ("2018", "2017-12-31", 52),
        ("2019", "2018-12-30", 52),
        ("2020", "2019-12-29", 53),
        ("2021", "2021-01-03", 52),
        ("2022", "2022-01-02", 52),
    ]


def test_a_year_may_be_named_by_its_end() -> None:
    rule = WeeklyCalendar(pattern=WeekPattern.W445, years=LastWeekday(Weekday.SATURDAY, month=9, year_named_by="end"))
    year = rule.year(2023)
    assert (year.id, year.start, year.end, year.weeks) == ("2023", date(2022, 9, 25), date(2023, 10, 1), 53)


def test_listed_years_follow_one_another() -> None:
    rule = WeeklyCalendar(pattern=WeekPattern.W544, years=ListedYears(2023, date(2023, 1, 30), (53, 52)))
    assert [weeks_in_year(rule, year) for year in (2023, 2024)] == [53, 52]
    periods = build_periods(rule, date(2024, 2, 5), date(2024, 2, 5))
    assert [year.id for year in of_kind(periods, PeriodKind.YEAR)] == ["2023", "2024"]
    assert named(periods, "2024-01").start == date(2024, 2, 5)
    assert named(periods, "2024-01").weeks == 5
    with pytest.raises(LookupError, match="2025 is not listed"):
        weeks_in_year(rule, 2025)


def test_days_without_a_listed_year_are_a_gap() -> None:
    rule = WeeklyCalendar(pattern=WeekPattern.W445, years=ListedYears(2025, date(2025, 2, 2), (52,)))
    before, after = check_calendar(rule, date(2025, 1, 1), date(2026, 2, 28))
    assert (before.code, before.params["from"], before.params["to"]) == ("calendar-gap", "2025-01-01", "2025-02-01")
    assert (after.code, after.params["from"], after.params["to"]) == ("calendar-gap", "2026-02-01", "2026-02-28")
    with pytest.raises(CalendarIncomplete, match="list the missing years") as caught:
        build_periods(rule, date(2025, 1, 1), date(2026, 2, 28))
    assert caught.value.problems == (before, after)


def test_days_that_are_all_outside_the_listed_years_are_one_gap() -> None:
    rule = WeeklyCalendar(pattern=WeekPattern.W445, years=ListedYears(2025, date(2025, 2, 2), (52,)))
    assert [found.params["days"] for found in check_calendar(rule, date(2020, 1, 1), date(2020, 1, 31))] == [31]


@pytest.mark.parametrize("weeks", [(), (51,), (52, 54)])
def test_a_year_has_52_or_53_weeks(weeks: tuple[int, ...]) -> None:
    with pytest.raises(CalendarRuleInvalid, match="expected 52 or 53"):
        ListedYears(2025, date(2025, 2, 2), weeks)


def test_an_impossible_year_end_is_refused() -> None:
    with pytest.raises(CalendarRuleInvalid, match="month 13"):
        LastWeekday(Weekday.SATURDAY, month=13)


namings = st.sampled_from(["start", "end"])
year_ends = st.one_of(
    st.builds(ClosestWeekday, st.sampled_from(Weekday), st.integers(1, 12), st.integers(1, 31), namings),
    st.builds(LastWeekday, st.sampled_from(Weekday), st.integers(1, 12), namings),
)
rules = st.builds(WeeklyCalendar, pattern=st.sampled_from(WeekPattern), years=year_ends)
ranges = st.tuples(st.dates(date(1999, 1, 1), date(2040, 1, 1)), st.integers(0, 500)).map(
    lambda given: (given[0], given[0] + timedelta(days=given[1]))
)


@given(rules, ranges)
def test_periods_of_every_kind_tile_the_range_and_the_year_before(
    rule: WeeklyCalendar, asked: tuple[date, date]
) -> None:
    first, last = asked
    periods = build_periods(rule, first, last)
    assert check_calendar(rule, first, last) == []
    assert len({(period.kind, period.id) for period in periods}) == len(periods)
    year = period_on(periods, PeriodKind.YEAR, first)
    assert year.prev is not None
    before, after = named(periods, year.prev).start, period_on(periods, PeriodKind.YEAR, last).end
    for kind in {period.kind for period in periods}:
        tiles = of_kind(periods, kind)
        assert all(a.end == b.start and b.prev == a.id for a, b in pairwise(tiles))
        assert (tiles[0].start, tiles[-1].end) == (before, after)


@given(rules, ranges)
def test_years_have_52_or_53_weeks_and_quarters_13_or_14(rule: WeeklyCalendar, asked: tuple[date, date]) -> None:
    periods = build_periods(rule, *asked)
    for year in of_kind(periods, PeriodKind.YEAR):
        quarters = [quarter.weeks for quarter in of_kind(periods, PeriodKind.QUARTER) if quarter.year == year.id]
        months = [month.weeks for month in of_kind(periods, PeriodKind.MONTH) if month.year == year.id]
        assert quarters in ([13, 13, 13, 13], [13, 13, 13, 14])
        assert [sum(months[no : no + 3]) for no in (0, 3, 6, 9)] == quarters
        assert sum(quarters) == year.weeks


@given(rules, ranges)
def test_a_day_and_its_twin_fall_on_the_same_weekday(rule: WeeklyCalendar, asked: tuple[date, date]) -> None:
    days = of_kind(build_periods(rule, *asked), PeriodKind.DAY)
    for day in days:
        if day.year_ago is not None:
            assert date.fromisoformat(day.year_ago).weekday() == day.start.weekday()
