"""Given calendars are believed only when they tile: gaps, overlaps and other faults come back as values."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.periods import (
    CalendarIncomplete,
    CustomCalendar,
    CustomRow,
    Period,
    PeriodKind,
    build_periods,
    check_calendar,
    period_on,
)

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 30)
YEARS = [
    CustomRow(PeriodKind.YEAR, "2024", date(2024, 7, 1), date(2024, 12, 31), line=2),
    CustomRow(PeriodKind.YEAR, "2025", date(2025, 1, 1), date(2025, 6, 30), line=3),
]


def season(id: str, start: date, end: date, line: int | None = None) -> CustomRow:
    return CustomRow(PeriodKind.QUARTER, id, start, end, line)


WINTER_BEFORE = season("2024-winter", date(2024, 7, 1), date(2024, 12, 31), line=4)
WINTER = season("2025-winter", date(2025, 1, 1), date(2025, 3, 31), line=5)
SPRING = season("2025-spring", date(2025, 4, 1), date(2025, 6, 30), line=6)


def calendar(*rows: CustomRow) -> CustomCalendar:
    return CustomCalendar(rows=(*YEARS, *rows), is_end_inclusive=True, where="calendar.csv")


def said(rule: CustomCalendar) -> list[str]:
    return [str(problem) for problem in check_calendar(rule, FIRST, LAST)]


def test_given_rows_become_linked_periods_whatever_their_order() -> None:
    periods = build_periods(calendar(SPRING, WINTER_BEFORE, WINTER), FIRST, LAST)
    assert period_on(periods, PeriodKind.QUARTER, date(2025, 6, 30)) == Period(
        PeriodKind.QUARTER, "2025-spring", date(2025, 4, 1), date(2025, 7, 1), 2, "2025", "2025-winter", None
    )
    winter = period_on(periods, PeriodKind.QUARTER, date(2025, 3, 31))
    assert (winter.prev, winter.year_ago) == ("2024-winter", "2024-winter")


def test_ends_may_be_the_day_after() -> None:
    rows = tuple(CustomRow(row.kind, row.id, row.start, row.end + timedelta(days=1)) for row in YEARS)
    exclusive = build_periods(CustomCalendar(rows=rows), FIRST, LAST)
    assert exclusive == build_periods(CustomCalendar(rows=tuple(YEARS), is_end_inclusive=True), FIRST, LAST)


def test_a_gap_is_reported_with_its_days_and_its_line() -> None:
    late = season("2025-spring", date(2025, 4, 5), date(2025, 6, 30), line=6)
    assert said(calendar(WINTER_BEFORE, WINTER, late)) == [
        "calendar.csv:6 calendar-gap: found no quarter covers 2025-04-01 to 2025-04-04 (4 days); expected every day "
        "to be in exactly one quarter; do add a row for these days, or move an edge of 2025-spring"
    ]


def test_an_overlap_is_reported_with_both_rows() -> None:
    early = season("2025-spring", date(2025, 3, 31), date(2025, 6, 30), line=6)
    (problem,) = check_calendar(calendar(WINTER_BEFORE, WINTER, early), FIRST, LAST)
    assert str(problem) == (
        "calendar.csv:6 calendar-overlap: found 2025-winter and 2025-spring both claim 2025-03-31 to 2025-03-31 "
        "(1 days); expected every day to be in exactly one quarter; do end 2025-winter before 2025-03-31, or start "
        "2025-spring on 2025-04-01"
    )
    assert problem.rows == ("2025-spring", "2025-winter")
    assert problem.params == {"kind": "quarter", "from": "2025-03-31", "to": "2025-03-31", "days": 1}


def test_a_row_inside_another_is_an_overlap_and_no_gap() -> None:
    inside = season("carnival", date(2025, 2, 1), date(2025, 2, 10), line=7)
    problems = check_calendar(calendar(WINTER_BEFORE, WINTER, inside, SPRING), FIRST, LAST)
    assert [(problem.code, problem.params["days"]) for problem in problems] == [("calendar-overlap", 10)]


def test_days_before_the_first_row_and_after_the_last_are_gaps() -> None:
    problems = check_calendar(calendar(season("mid", date(2025, 2, 1), date(2025, 5, 31))), FIRST, LAST)
    assert [(problem.params["from"], problem.params["to"]) for problem in problems] == [
        ("2025-01-01", "2025-01-31"),
        ("2025-06-01", "2025-06-30"),
    ]


def test_a_row_that_ends_before_it_begins_is_reported_and_left_out() -> None:
    backwards = season("oops", date(2025, 4, 2), date(2025, 4, 1), line=9)
    (problem,) = check_calendar(calendar(WINTER_BEFORE, WINTER, SPRING, backwards), FIRST, LAST)
    assert (problem.code, problem.line) == ("calendar-empty-row", 9)
    assert "from 2025-04-02 to 2025-04-01" in problem.found


def test_a_row_without_a_year_is_reported() -> None:
    before = season("2023-winter", date(2024, 1, 1), date(2024, 6, 30), line=9)
    (problem,) = check_calendar(calendar(before, WINTER_BEFORE, WINTER, SPRING), FIRST, LAST)
    assert (problem.code, problem.row) == ("calendar-no-year", "2023-winter")


def test_an_id_stands_once_in_its_kind() -> None:
    twin = season("2025-winter", SPRING.start, SPRING.end, line=9)
    (problem,) = check_calendar(calendar(WINTER_BEFORE, WINTER, twin), FIRST, LAST)
    assert (problem.code, problem.line) == ("calendar-duplicate-id", 9)


def test_a_calendar_with_problems_builds_no_table() -> None:
    with pytest.raises(CalendarIncomplete, match="calendar-gap") as caught:
        build_periods(calendar(WINTER), FIRST, LAST)
    assert [problem.code for problem in caught.value.problems] == ["calendar-gap"]


@pytest.mark.parametrize("rows", [(), (WINTER, SPRING)])
def test_a_calendar_without_years_is_reported_once(rows: tuple[CustomRow, ...]) -> None:
    (problem,) = check_calendar(CustomCalendar(rows=rows, is_end_inclusive=True), FIRST, LAST)
    assert (problem.code, problem.params["kind"], problem.params["days"]) == ("calendar-gap", "year", 181)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_rows_that_tile_have_no_problem_and_any_shifted_edge_has_one(lengths: list[int]) -> None:
    edges = [FIRST]
    for length in lengths:
        edges.append(edges[-1] + timedelta(days=length))
    rows = [season(f"P{no}", a, b) for no, (a, b) in enumerate(pairwise(edges))]
    year = CustomRow(PeriodKind.YEAR, "2025", edges[0], edges[-1])
    last = edges[-1] - timedelta(days=1)
    assert check_calendar(CustomCalendar(rows=(year, *reversed(rows))), FIRST, last) == []
    longer = season(rows[0].id, rows[0].start, rows[0].end + timedelta(days=1))
    codes = {problem.code for problem in check_calendar(CustomCalendar(rows=(year, longer, *rows[1:])), FIRST, last)}
    assert codes == ({"calendar-overlap"} if len(rows) > 1 else set())
    if len(rows) > 1:
        problems = check_calendar(CustomCalendar(rows=(year, *rows[1:])), FIRST, last)
        assert [(found.code, found.params["days"]) for found in problems] == [("calendar-gap", lengths[0])]
