"""Dates and lengths of time that do not fit the plan."""

import pytest

from buoy_engine.kernel.problems import Severity
from tests.engine.unit.spec.plans import document, found, grave

ONE = "  - {id: c, amount: 5}\n"
YEAR = "valid: {from: 2025-01-01, to: 2025-12-31}\n"


@pytest.mark.parametrize(
    ("dates", "effect"),
    [
        ("{from: 2025-03-01, to: 2025-03-31}", None),
        ("{from: 2025-01-01, to: 2025-12-31}", None),
        ("{from: 2024-12-31}", "the days outside do not count"),
        ("{to: 2026-01-31}", "the days outside do not count"),
        ("{from: 2026-01-01}", "no day of it counts"),
        ("{to: 2024-12-31}", "no day of it counts"),
    ],
)
def test_days_of_a_component_outside_the_plan_are_a_warning(dates: str, effect: str | None) -> None:
    problems = found(document(f"  - {{id: c, amount: 5, dates: {dates}}}\n", YEAR), "outside-validity")
    assert [problem.severity for problem in problems] == ([Severity.WARNING] if effect else [])
    assert all(effect and problem.found.removesuffix(" (component c)").endswith(effect) for problem in problems)


def test_a_plan_without_dates_has_no_outside() -> None:
    assert grave(document("  - {id: c, amount: 5, dates: {from: 1999-01-01}}\n")) == []


def test_entries_of_lists_are_in_order_and_inside_the_plan() -> None:
    def listed(entry: str) -> list[str]:
        where = "  - {id: c, where: sku in skus, amount: 5}\n"
        return grave(document(where, f"{YEAR}lists: {{skus: [A1, {{value: B2, {entry}}}]}}\n"))

    assert listed("from: 2025-03-01, to: 2025-06-30") == []
    assert listed("from: 2024-03-01") == []  # a list may be older than the plan
    assert listed("from: 2025-06-30, to: 2025-03-01") == ["dates-reversed"]
    assert listed("to: 2024-12-31") == ["outside-validity"]
    assert listed("from: 2026-01-01") == ["outside-validity"]


@pytest.mark.parametrize(
    ("dates", "codes"),
    [
        (["2025-07-01", "2025-10-01"], []),
        (["2025-10-01", "2025-07-01"], ["version-order"]),
        (["2025-07-01", "2025-07-01"], ["version-order"]),
        (["2025-01-01"], ["outside-validity"]),
        (["2024-07-01"], ["outside-validity"]),
        (["2026-01-01"], ["outside-validity"]),
    ],
)
def test_dated_tables_come_in_order_and_inside_the_plan(dates: list[str], codes: list[str]) -> None:
    bands = "bands: [{from: 0, rate: 5%}]"
    versions = ", ".join(f"{{from: {day}, {bands}}}" for day in dates)
    scale = f"  - {{id: c, tiers: {{mode: marginal, {bands}, versions: [{versions}]}}}}\n"
    assert grave(document(scale, YEAR)) == codes


@pytest.mark.parametrize(
    ("period", "keys", "codes"),
    [
        ("month", "every: quarter", []),
        ("month", "every: month, accumulate: year", []),
        ("quarter", "every: month", ["every-too-short"]),
        ("quarter", "accumulate: quarter", []),
        ("year", "accumulate: quarter", ["accumulate-too-short"]),
        ("month", "every: year, accumulate: quarter", ["accumulate-too-short"]),
        ("month", "every: plan, accumulate: plan", []),
    ],
)
def test_nothing_is_calculated_more_often_than_statements_are_made(period: str, keys: str, codes: list[str]) -> None:
    assert grave(document(f"  - {{id: c, amount: 5, {keys}}}\n", f"period: {period}\n")) == codes


def test_a_draw_is_not_given_more_often_than_statements_are_made() -> None:
    draw = "period: quarter\nstatement: {draw: {amount: 500, every: month}}\n"
    (problem,) = found(document(ONE, draw), "every-too-short")
    assert problem.line == 3
