"""Variants calculated over one crediting pay what a full calculation of each of them pays, to the cent."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts
from buoy_engine.run.cases import facts_of
from buoy_engine.run.simulate import Outcome, Variant, simulate, simulate_at_once, variants
from buoy_engine.run.whatif import NotLate
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source

PLAN: dict[str, Any] = {
    "buoy": 1,
    "plan": "late",
    "currency": "EUR",
    "period": "quarter",
    "parameters": {"rate": "3%", "edge": 500, "cap": 40, "bonus": 10, "line_rate": "1%"},
    "components": [
        {
            "id": "scale",
            "tiers": {"mode": "marginal", "bands": [{"from": 0, "rate": "1%"}, {"from": "edge", "rate": "rate"}]},
            "limits": [{"max": "cap", "per": "period"}],
        },
        {"id": "bonus_paid", "amount": "bonus", "when": {"few": "count() >= 3"}},
        {"id": "shown", "rate": "rate", "pays": False},
        {"id": "plain", "rate": "2%"},
        {"id": "lines", "where": {"other": "amount > 0"}, "rate": "line_rate"},
    ],
}


def plan_and_source() -> tuple[Plan, Source]:
    source = Source("late.yaml", PLAN)
    plan, problems = plan_of(PLAN, source)
    assert plan is not None, problems
    return plan, source


def facts(plan: Plan, seed: int) -> Facts:
    random = Random(seed)
    lines = [
        {
            "id": f"L{i}",
            "partner": random.choice("ABCD"),
            "date": f"2025-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
            "amount": f"{random.randint(-20_000, 90_000) / 100:.2f}",
        }
        for i in range(80)
    ]
    return facts_of(plan, {"lines": lines})


def backend() -> DuckDb:
    return DuckDb(threads=1)


def both(sets: dict[str, list[str]], seed: int, period: str | None) -> tuple[list[Outcome], list[Outcome]]:
    plan, source = plan_and_source()
    made: list[Variant] = variants(source, sets)
    read = facts(plan, seed)
    return simulate_at_once(plan, made, read, backend, period), list(simulate(made, read, backend, period))


SETS = [
    {"rate": ["2%", "7.5%", "0%"]},
    {"edge": ["100", "999.99"], "cap": ["5", "25.5", "1000"]},
    {"bonus": ["0", "12.34"], "rate": ["4%"]},
]


@pytest.mark.parametrize("period", [None, "2025-Q2"])
@pytest.mark.parametrize("sets", SETS, ids=lambda sets: "-".join(sets))
@pytest.mark.parametrize("seed", range(3))
def test_one_crediting_pays_what_full_runs_pay(seed: int, sets: dict[str, list[str]], period: str | None) -> None:
    at_once, in_full = both(sets, seed, period)
    assert at_once == in_full
    assert len({outcome.total for outcome in at_once}) > 1 or period is not None
    assert all(outcome.total != Decimal(0) for outcome in at_once)


def test_a_parameter_that_decides_about_rows_is_not_late() -> None:
    plan = Plan.model_validate({**PLAN, "components": [{"id": "c", "where": {"small": "amount > edge"}, "rate": "1%"}]})
    source = Source(
        "early.yaml", {**PLAN, "components": [{"id": "c", "where": {"small": "amount > edge"}, "rate": "1%"}]}
    )
    with pytest.raises(NotLate):
        simulate_at_once(plan, variants(source, {"edge": ["5", "10"]}), facts(plan, 0), backend, None)
