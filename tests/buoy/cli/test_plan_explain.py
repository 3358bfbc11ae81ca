"""`buoy plan explain`: partners, lines, failing conditions and what would have paid."""

from decimal import Decimal

import pytest

from tests.buoy.cli.conftest import Buoy, Shop


def test_a_partner_is_told_the_arithmetic(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--partner", "alpha", "--period", "2025-01")
    assert said.code == 0
    assert "commission (commission), 2025-01: 580.00" in said.out
    assert "band 2: 1,000.00 × 8 % = 80.00" in said.out
    assert "gate few_orders: count() >= 3 does not hold" in said.out
    assert "), 2025-02:" not in said.out


def test_a_partner_comes_as_json(buoy: Buoy, shop: Shop) -> None:
    words = ("--partner", "alpha", "--period", "2025-01", "--component", "commission", "--json")
    (found,) = buoy("plan", "explain", shop.plan, "--facts", shop.facts, *words).json["components"]
    assert found["amount"] == "580.00"
    (cell,) = found["cells"]
    assert cell["tier"] == 2
    assert [Decimal(step["value"]) for step in cell["steps"]] == [500, 80, 580]
    assert [share["id"] for share in found["shares"]] == ["L1", "L2"]


def test_a_run_of_the_same_plan_and_facts_is_read_and_says_the_same(buoy: Buoy, shop: Shop) -> None:
    runs = shop.folder / "runs"
    run = buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", runs, "--json").json["run"]
    words = ("plan", "explain", shop.plan, "--facts", shop.facts, "--runs")
    for partner in ("alpha", "beta"):
        stored, anew = (
            buoy(*words, where, "--partner", partner, "--json").json for where in (runs, shop.folder / "none")
        )
        assert (stored.pop("run"), anew.pop("run")) == (run, None)
        assert stored == anew
    assert f"From run {run[:12]} in {runs}, of the same plan and facts" in buoy(*words, runs, "--partner", "beta").out


def test_a_run_of_other_facts_is_not_read(buoy: Buoy, shop: Shop) -> None:
    runs = shop.folder / "runs"
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", runs)
    lines = (shop.facts / "lines.csv").read_text(encoding="utf-8")
    shop.write("facts/lines.csv", lines.replace("9000.00", "9100.00"))
    words = ("--partner", "alpha", "--period", "2025-01", "--component", "commission", "--runs", runs, "--json")
    found = buoy("plan", "explain", shop.plan, "--facts", shop.facts, *words).json
    assert (found["run"], found["components"][0]["amount"]) == (None, "588.00")


def test_a_partner_that_a_run_does_not_know_is_told(buoy: Buoy, shop: Shop) -> None:
    runs = shop.folder / "runs"
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", runs)
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--runs", runs, "--partner", "gamma")
    assert said.code == 2
    assert "found no partner gamma" in said.err


def test_a_line_is_told_in_every_component(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--line", "L2")
    assert said.code == 0
    assert "brings the running total from 9,000.00 to 11,000.00" in said.out
    assert "1,000.00 in band 2 × 8 % = 80.00" in said.out


def test_a_line_that_earned_nothing_names_the_condition_and_the_smallest_change(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--line", "L3", "--component", "commission")
    assert "does not count: too_small" in said.out
    assert "amount >= 100 does not hold: amount is 99.5" in said.out
    assert "would have counted if amount were 100 instead of 99.5 (0.5 more)" in said.out


def test_a_date_moves_to_the_nearest_day_inside(buoy: Buoy, shop: Shop) -> None:
    found = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--line", "L1", "--json").json
    (failure,) = [entry["failure"] for entry in found["entries"] if entry["component"] == "bikes"]
    assert failure["reason"] == "not_in_season"
    assert [(c["column"], c["found"], c["needed"]) for c in failure["change"]] == [("date", "2025-01-10", "2025-02-01")]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--partner", "gamma", "found no partner gamma"),
        ("--line", "L99", "found no line L99"),
    ],
)
def test_what_is_not_there_is_said(buoy: Buoy, shop: Shop, option: str, value: str, expected: str) -> None:
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, option, value)
    assert said.code == 2
    assert expected in said.err


@pytest.mark.parametrize(("option", "value"), [("--component", "bonus_of_the_moon"), ("--period", "1999-12")])
def test_an_unknown_component_or_period_is_wrong_use(buoy: Buoy, shop: Shop, option: str, value: str) -> None:
    said = buoy("plan", "explain", shop.plan, "--facts", shop.facts, "--partner", "alpha", option, value)
    assert said.code == 2
    assert value in said.err


def test_somebody_must_be_named(buoy: Buoy, shop: Shop) -> None:
    assert buoy("plan", "explain", shop.plan, "--facts", shop.facts).code == 2
