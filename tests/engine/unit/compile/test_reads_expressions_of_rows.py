"""What the words of the plan language find on a row: dates that are clamped, zones that change, texts, nulls."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan

ROW = {
    "id": "L1",
    "partner": "P1",
    "date": date(2025, 1, 31),
    "amount": "12.50",
    "zero": "0",
    "code": " ab-C ",
    "nothing": None,
    "on": True,
}


def found(expressions: dict[str, str], rows: list[dict[str, Any]], zone: str = "UTC") -> list[dict[str, Any]]:
    """The expressions on every row, rows by id."""
    plan = Plan.model_validate(
        {
            "currency": "USD",
            "period": "month",
            "time_zone": zone,
            "valid": {"from": "2024-01-01", "to": "2025-12-31"},
            "sources": {"shown": {"from": "lines", "columns": expressions}},
            "components": [{"id": "commission", "from": "shown", "rate": "1%"}],
        }
    )
    with closing(DuckDb(threads=1)) as backend:
        result = calculate(plan, facts_of(plan, {"lines": rows}), backend)
        read = sorted(result.read("source_shown"), key=lambda row: row["id"])
    return [{name: row[name] for name in expressions} for row in read]


def test_words_on_one_row() -> None:
    expected: dict[str, tuple[str, Any]] = {
        "months_to_a_short_month": ("months_between(date, 2025-02-28)", 1),  # its last day stands for the 31st
        "months_to_the_day_before": ("months_between(date, 2025-02-27)", 0),
        "months_to_the_day_after": ("months_between(date, 2025-03-01)", 1),
        "months_of_a_year": ("months_between(date, 2026-01-31)", 12),
        "months_less_a_day": ("months_between(date, 2026-01-30)", 11),
        "months_from_a_leap_day": ("months_between(2024-02-29, 2025-02-28)", 12),
        "months_back": ("months_between(2025-03-15, 2025-01-15)", -2),
        "a_month_later": ("add_months(date, 1)", date(2025, 2, 28)),
        "a_month_earlier": ("add_months(2025-03-31, -1)", date(2025, 2, 28)),
        "into_a_leap_year": ("add_months(date, -11)", date(2024, 2, 29)),
        "thirty_days_later": ("add_days(date, 30)", date(2025, 3, 2)),
        "days": ("days_between(date, 2025-03-01)", 29),
        "days_back": ("days_between(date, 2024-12-31)", -31),
        "parts": ("year(date) * 10000 + month(date) * 100 + day(date)", 20250131),
        "key": ('replace(upper(trim(code)), "-", "")', "ABC"),
        "low": ("lower(code)", " ab-c "),
        "joined": ('concat(trim(code), "/", product_id)', "ab-C/"),
        "starts": ('starts_with(trim(code), "ab")', True),
        "starts_otherwise": ('starts_with(trim(code), "AB")', False),
        "contains": ('contains(code, "-")', True),
        "contains_no_pattern": ('contains(code, "%")', False),
        "first_given": ("coalesce(nothing, code)", " ab-C "),
        "without_else": ("if(amount > 100, 1)", None),
        "undefined": ("amount / zero", None),
        "undefined_is_no_condition": ("if(amount / zero > 1, 1, 2)", 2),
        "half_away_from_zero": ("round(-amount / 100, 2)", Decimal("-0.13")),
        "down": ("floor(-amount)", -13),
        "up": ("ceil(-amount)", -12),
        "size": ("abs(-amount)", Decimal("12.50")),
        "smallest": ("min(amount, 12, 13.75)", 12),
        "largest": ("max(amount, 12, 13.75)", Decimal("13.75")),
        "percent": ("5% * amount", Decimal("0.625")),
        "exact": ("0.1 + 0.2 == 0.3", True),
        "a_third_thrice": ("amount / 3 * 3 == amount", True),
    }
    (row,) = found({name: text for name, (text, _) in expected.items()}, [ROW])
    assert row == {name: value for name, (_, value) in expected.items()}


MOMENTS = [
    ("2025-03-09T04:59:59Z", "New York, winter: five hours behind", date(2025, 3, 8)),
    ("2025-03-09T05:00:00Z", "midnight in winter", date(2025, 3, 9)),
    ("2025-03-10T03:59:59Z", "after the change four hours behind", date(2025, 3, 9)),
    ("2025-03-10T04:00:00Z", "midnight in summer", date(2025, 3, 10)),
    ("2025-11-02T03:59:59Z", "the last summer day", date(2025, 11, 1)),
    ("2025-11-03T04:59:59Z", "the day of the change has 25 hours", date(2025, 11, 2)),
    ("2025-11-03T05:00:00Z", "midnight in winter again", date(2025, 11, 3)),
    ("2025-01-01T00:00:00+14:00", "a moment with a zone of its own", date(2024, 12, 31)),
]


def test_a_moment_has_the_local_date_of_the_plans_zone() -> None:
    rows = [{**ROW, "id": f"L{i}", "sold_at": moment} for i, (moment, *_) in enumerate(MOMENTS)]
    days = found({"local": "local_date(sold_at)"}, rows, "America/New_York")
    assert [row["local"] for row in days] == [day for *_, day in MOMENTS]


@pytest.mark.parametrize(
    "zone, day",
    [("UTC", date(2025, 6, 30)), ("Asia/Kolkata", date(2025, 7, 1)), ("Pacific/Kiritimati", date(2025, 7, 1))],
)
def test_zones_of_half_hours_and_beyond_twelve(zone: str, day: date) -> None:
    (row,) = found({"local": "local_date(sold_at)"}, [{**ROW, "sold_at": "2025-06-30T18:30:00Z"}], zone)
    assert row["local"] == day
