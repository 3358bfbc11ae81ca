"""The oracle against the worked cases, against laws that hold for every plan, and against figures worked by hand."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.engine.parity.oracle import Refused, evaluate
from tests.engine.parity.oracle.case_runner import run_file
from tests.engine.parity.oracle.exact import currency_digits
from tests.engine.parity.oracle.expressions import parse
from tests.engine.parity.random_plans import random_case

ENGINE = Path(__file__).parents[1]
GOLDEN = sorted((ENGINE / "golden").rglob("*.yaml"))
RECIPES = [ENGINE / "recipes" / f"{name}.yaml" for name in ("late-line-last-period-closed",)]
"""Recipes in which the oracle once made the engine's own mistake."""
NOT_IN_THE_LANGUAGE = {"FL-006-oca-settlements-per-currency-and-half-month"}  # statements per currency of the row


@pytest.mark.parametrize(
    "path", [path for path in GOLDEN + RECIPES if path.stem not in NOT_IN_THE_LANGUAGE], ids=lambda p: p.stem
)
def test_worked_case(path: Path) -> None:
    assert [str(failure) for failure in run_file(path)] == []


# --- Laws -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_lines_add_up_and_amounts_have_the_minor_units_of_the_currency(seed: int) -> None:
    plan, facts = random_case(seed)
    result = evaluate(plan, facts)
    shown: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for line in result.lines:
        shown[line.payee, line.component, line.period.id] += line.cents
    assert {key: amount for key, amount in result.earned.items() if amount} == {
        key: amount for key, amount in shown.items() if amount
    }
    unit = 10 ** currency_digits(plan["currency"])
    assert all((amount * unit).denominator == 1 for amount in result.earned.values())


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_file_and_a_second_import_change_nothing(seed: int) -> None:
    plan, facts = random_case(seed)
    again = {table: list(rows) for table, rows in facts.items()}
    again["lines"] = again["lines"] + again["lines"]
    Random(seed).shuffle(again["lines"])
    first, second = evaluate(plan, facts), evaluate(plan, again)
    assert first.earned == second.earned
    assert first.statements == second.statements


@pytest.mark.parametrize("seed", range(10))
def test_what_is_earned_is_paid_or_carried(seed: int) -> None:
    plan, facts = random_case(seed)
    plan["statement"] = {"minimum": 50, "draw": {"amount": 20, "recover": "50%"}}
    result = evaluate(plan, facts)
    for partner in result.run.partners:
        pages = [page for (who, _), page in result.statements.items() if who == partner]
        paid = sum((page["payable"] for page in pages), Fraction(0))
        earned = sum((amount for (who, _, _), amount in result.earned.items() if who == partner), Fraction(0))
        assert paid + pages[-1]["carried_forward"] - pages[-1]["draw_debt"] == earned


@pytest.mark.parametrize("seed", range(10))
def test_a_full_return_that_follows_its_sale_takes_back_the_very_cents(seed: int) -> None:
    plan, facts = random_case(seed, lines=20)
    facts["lines"] = [line for line in facts["lines"] if "returns" not in line]
    # a cap is about the period, not the sale
    plan["components"] = [{k: v for k, v in c.items() if k != "limits"} for c in plan["components"]]
    plan["settings"] |= {"returns": "original"}
    returned = [
        line | {"id": f"X{line['id']}", "date": date(2025, 12, 30), "returns": line["id"], "amount": _negated(line)}
        for line in facts["lines"]
    ]
    result = evaluate(plan, facts | {"lines": facts["lines"] + returned})
    on_rows: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for line in result.lines:
        if line.row_id is not None and _amount_of(facts, line.row_id) != 0:
            on_rows[line.payee, line.component] += line.cents
    assert all(amount == 0 for amount in on_rows.values())


def _negated(line: dict[str, Any]) -> str:
    amount = line["amount"]
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def _amount_of(facts: dict[str, list[dict[str, Any]]], row_id: str) -> Fraction:
    return next(Fraction(line["amount"]) for line in facts["lines"] if line["id"] == row_id.removeprefix("X"))


# --- By hand ----------------------------------------------------------------------------------------------------


def earned(component: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> dict[str, Fraction]:
    """Partner → what one component earns in January 2025."""
    tables = {key: more.pop(key) for key in list(more) if isinstance(more[key], list) and key != "components"}
    plan = {
        "valid": {"from": date(2025, 1, 1), "to": date(2025, 1, 31)},
        "components": [{"id": "c"} | component],
    } | more
    result = evaluate(plan, {"lines": rows} | tables)
    return {partner: amount for (partner, _, _), amount in result.earned.items() if amount}


def line(amount: str, partner: str = "P", **more: Any) -> dict[str, Any]:
    return {"partner": partner, "amount": amount} | more


BANDS = [{"from": 0, "rate": "5%"}, {"from": 100, "rate": "10%"}]


@pytest.mark.parametrize(
    ("component", "amount", "expected"),
    [
        ({"tiers": {"mode": "marginal", "bands": BANDS}}, "150", "10"),
        ({"tiers": {"mode": "marginal", "bands": BANDS}}, "-40", "-2"),
        ({"tiers": {"mode": "retroactive", "bands": BANDS}}, "100", "10"),
        ({"tiers": {"mode": "retroactive", "bands": BANDS, "edges": "exceed"}}, "100", "5"),
        ({"tiers": {"mode": "retroactive", "bands": [{"up_to": 100, "rate": "5%"}, {"rate": "10%"}]}}, "100", "5"),
        ({"curve": {"points": [[0, 0], [100, 50], [200, 90]]}}, "150", "70"),
        ({"curve": {"points": [[0, 0], [100, 50], [200, 90]]}}, "900", "90"),
        ({"curve": {"points": [[0, "1%"], [100, "3%"]], "pays": "rate"}}, "50", "1"),
        ({"blocks": {"size": 100, "pays": 2}}, "299", "4"),
        ({"blocks": {"size": 100, "pays": 2, "started": True}}, "201", "6"),
        ({"rate": "10%", "limits": [{"max": 8, "per": "period"}]}, "100", "8"),
        ({"rate": "10%", "limits": [{"min": 12, "per": "period"}]}, "100", "12"),
        ({"rate": "10%", "when": {"hurdle": "sum(amount) > 100"}, "otherwise": {"rate": "3%"}}, "100", "3"),
        ({"rate": "10%", "multiply": "1.5"}, "100", "15"),
        ({"amount": "if(sum(amount) >= 100, 7)"}, "100", "7"),
    ],
)
def test_rate_functions(component: dict[str, Any], amount: str, expected: str) -> None:
    assert earned(component, [line(amount)]) == {"P": Fraction(expected)}


def test_a_carried_excess_is_paid_when_there_is_room() -> None:
    plan = {
        "valid": {"from": date(2025, 1, 1), "to": date(2025, 3, 31)},
        "components": [{"id": "c", "rate": "10%", "limits": [{"max": 50, "excess": "carry"}]}],
    }
    lines = [line("800", date=date(2025, 1, 5)), line("100", date=date(2025, 2, 5)), line("400", date=date(2025, 3, 5))]
    found = evaluate(plan, {"lines": lines}).earned
    assert [found["P", "c", month] for month in ("2025-01", "2025-02", "2025-03")] == [50, 40, 40]


def test_passed_up_reward_goes_to_the_next_active_partner() -> None:
    active = 'payee.status != "off"'
    credit = {"upline": {"inactive": "pass_up", "active": active, "levels": 2}}
    component = {"credit": credit, "rate": {"by": "level", 1: "2%", 2: "1%"}}
    hierarchy = [{"partner": "S", "parent": "A"}, {"partner": "A", "parent": "B"}, {"partner": "B", "parent": "C"}]
    partners = [{"partner": "A", "status": "off"}, {"partner": "B", "status": "on"}, {"partner": "C", "status": "on"}]
    assert earned(component, [line("100", "S")], hierarchy=hierarchy, partners=partners) == {"B": 3}


def test_take_cuts_the_row_that_crosses() -> None:
    component = {"take": {"of": "quantity", "up_to": 10}, "base": "quantity", "rate": 1}
    rows = [line("0", quantity=7, id="A"), line("0", quantity=7, id="B"), line("0", quantity=1, id="C")]
    assert earned(component, rows) == {"P": 10}
    whole = component | {"take": {"of": "quantity", "up_to": 10, "fit": "all_or_nothing"}}
    assert earned(whole, rows) == {"P": 8}


def test_best_of_compares_money_and_otherwise_pays_only_where_nothing_was_earned() -> None:
    components = [
        {"id": "base", "per": "row", "amount": 1},
        {"id": "big", "where": "amount >= 50", "rate": "10%"},
        {"id": "flat", "where": 'kind == "x"', "per": "row", "amount": 6},
    ]
    plan = {
        "valid": {"from": date(2025, 1, 1), "to": date(2025, 1, 31)},
        "components": components,
        "combine": [{"best_of": ["big", "flat"], "otherwise": "base"}],
    }
    rows = [line("55", kind="x", id="A"), line("80", kind="x", id="B"), line("10", kind="y", id="C")]
    found = evaluate(plan, {"lines": rows}).earned
    assert {name: found["P", name, "2025-01"] for name in ("base", "big", "flat")} == {"base": 1, "big": 8, "flat": 6}


@pytest.mark.parametrize(
    "text", ["1 +", "f(2)", "a < b < c", "sum(", "x in", "'open", "year over", "amount over never"]
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(Refused):
        parse(text)


@pytest.mark.parametrize(
    "component",
    [
        {"rate": 1, "amount": 1},
        {"tiers": {"bands": BANDS}},
        {"tiers": {"mode": "marginal", "bands": [{"from": 10, "rate": 1}]}},
        {"tiers": {"mode": "marginal", "bands": [{"up_to": 10, "rate": 1}]}},
        {"tiers": {"mode": "marginal", "bands": [*BANDS, {"from": 50, "rate": 1}]}},
        {"rate": 1, "typo": 2},
    ],
)
def test_what_is_no_plan(component: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        earned(component, [])


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        earned({"rate": 0.05}, [line("100")])
