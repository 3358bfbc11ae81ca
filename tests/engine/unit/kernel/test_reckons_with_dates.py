"""Months that clamp without drifting, and the days that two intervals share."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.periods import add_months, overlap_days, whole_months_between

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "anchor", "expected"),
    [
        (date(2025, 1, 31), 1, None, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, None, date(2024, 2, 29)),
        (date(2025, 1, 31), 2, None, date(2025, 3, 31)),
        (date(2025, 2, 28), 1, 31, date(2025, 3, 31)),
        (date(2025, 2, 28), 1, None, date(2025, 3, 28)),
        (date(2025, 11, 30), 3, None, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, None, date(2025, 2, 28)),
        (date(2025, 1, 15), -1, None, date(2024, 12, 15)),
        (date(2025, 3, 31), -13, None, date(2024, 2, 29)),
        (date(2025, 6, 1), 0, None, date(2025, 6, 1)),
    ],
)
def test_months_are_added_from_the_anchor_and_clamped(
    start: date, months: int, anchor: int | None, expected: date
) -> None:
    assert add_months(start, months, anchor) == expected


@pytest.mark.parametrize(
    ("a", "b", "months"),
    [
        (date(2025, 1, 15), date(2025, 3, 15), 2),
        (date(2025, 1, 15), date(2025, 3, 14), 1),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 1), date(2026, 1, 1), 12),
        (date(2025, 3, 15), date(2025, 1, 15), -2),
        (date(2025, 1, 1), date(2025, 1, 1), 0),
    ],
)
def test_whole_months_are_those_that_fit(a: date, b: date, months: int) -> None:
    assert whole_months_between(a, b) == months


def test_days_in_common_are_counted_half_open() -> None:
    january = date(2024, 1, 1), date(2024, 2, 1)
    assert overlap_days(*january, date(2024, 1, 15), date(2024, 2, 1)) == 17  # PR-002
    assert overlap_days(*january, *january) == 31
    assert overlap_days(*january, date(2024, 2, 1), date(2024, 3, 1)) == 0
    assert overlap_days(*january, date(2025, 1, 1), date(2025, 2, 1)) == 0


@given(days, st.integers(-120, 120))
def test_adding_months_lands_in_the_right_month_and_never_past_the_anchor(d: date, n: int) -> None:
    later = add_months(d, n)
    assert (later.year * 12 + later.month) - (d.year * 12 + d.month) == n
    assert later.day <= d.day
    assert later.day == d.day or (later + timedelta(days=1)).day == 1


@given(days, days)
def test_whole_months_fit_and_one_more_does_not(a: date, b: date) -> None:
    low, high = sorted((a, b))
    months = whole_months_between(low, high)
    assert add_months(low, months) <= high < add_months(low, months + 1)


@given(days, days, days, days)
def test_overlap_counts_the_days_in_both(a: date, b: date, c: date, d: date) -> None:
    (a, b), (c, d) = sorted((a, b)), sorted((c, d))
    shared = set(range(a.toordinal(), b.toordinal())) & set(range(c.toordinal(), d.toordinal()))
    assert overlap_days(a, b, c, d) == overlap_days(c, d, a, b) == len(shared)
