"""The SQL engine and the row-loop oracle agree on the statements of random plans: draws, instalments, minimum, carrying."""

from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from .oracle import evaluate
from .random_plans import random_case
from .test_random_plans import run

FIGURES = ("earned", "adjusted", "topped_up", "recovered", "draw_debt", "brought_forward", "carried_forward")


def random_statements(seed: int) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A random plan with random rules for its statements, amounts by hand and open balances."""
    plan, facts = random_case(seed, lines=20)
    random = Random(seed * 7 + 1)
    plan["statement"] = {"negative": random.choice(["carry", "carry", "zero", "pay"])}
    if random.random() < 0.5:
        plan["statement"]["minimum"] = random.choice([5, 50])
    if random.random() < 0.3:
        plan["statement"]["cap"] = 250
    if random.random() < 0.8:
        plan["statement"]["draw"] = _draw(random, plan["period"])
    if random.random() < 0.5:
        later = {"share": "40%", "after": f"{random.randint(1, 4)} months", "parts": random.randint(1, 3)}
        plan["components"][0]["payout"] = [{"share": "60%"}, later]
    if random.random() < 0.3:
        component = random.choice([None, "c1"])
        facts["adjustments"] = [{"partner": "P1", "date": date(2025, 3, 5), "amount": "-40", "component": component}]
    if random.random() < 0.3:
        carried = {"partner": "P1", "account": "carried", "amount": "-20"}
        facts["balances"] = [{"partner": "P2", "account": "draw", "amount": "500"}, carried]
    return plan, facts


def _draw(random: Random, period: str) -> dict[str, Any]:
    draw = {
        "amount": random.choice([0, 100, 333]),
        "every": random.choice([period, "quarter", "year"]),
        "recoverable": random.random() < 0.6,
        "recover": random.choice(["100%", "50%"]),
        "paid": random.choice(["end", "start"]),
    }
    if random.random() < 0.3:
        draw["forgive"] = random.choice(["quarter", "half_year", "year"])
    return draw | {"cumulative": True} if draw["paid"] == "end" and random.random() < 0.3 else draw


def assert_agreement(seed: int) -> None:
    plan, facts = random_statements(seed)
    found = {(row["_payee"], row["period"]): row for row in run(plan, facts).statement()}
    for key, page in evaluate(plan, facts).statements.items():
        assert {f: Fraction(found[key][f]) for f in FIGURES} == {f: page[f] for f in FIGURES}, key
        assert Fraction(found[key]["paid_amount"]) == page["payable"], key
        # Of a part that is due before it is posted one calls `held` what the other calls `released`, both below zero.
        assert Fraction(found[key]["held"] - found[key]["released"]) == page["held"] - page["released"], key


@pytest.mark.parametrize("seed", range(12))
def test_engine_and_oracle_make_the_same_statements(seed: int) -> None:
    assert_agreement(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12, 300))
def test_engine_and_oracle_make_the_same_statements_of_many_plans(seed: int) -> None:
    assert_agreement(seed)
