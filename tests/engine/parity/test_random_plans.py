"""The SQL engine and the row-loop oracle agree on random plans: totals, rows and reasons, to the last cent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.amounts import round_to
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan

from .oracle import evaluate
from .random_plans import random_case

Totals = dict[tuple[str, str, str], Decimal]


@pytest.mark.parametrize("seed", range(40))
def test_engine_and_oracle_agree(seed: int) -> None:
    assert_agreement(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40, 1000))
def test_engine_and_oracle_agree_on_many_plans(seed: int) -> None:
    assert_agreement(seed)


def assert_agreement(seed: int) -> None:
    plan, facts = random_case(seed)
    expected = evaluate(plan, facts)
    with_engine = run(plan, facts)
    assert engine_totals(with_engine) == {k: v for k, v in oracle_totals(expected).items() if v}
    assert engine_rows(with_engine) == {k: v for k, v in oracle_rows(expected).items() if v}


def run(plan: Mapping[str, Any], facts: Mapping[str, Any]) -> Result:
    read = Plan.model_validate(plan)
    return calculate(read, facts_of(read, facts), DuckDb(threads=1))


def engine_totals(result: Result) -> Totals:
    return {(r["_payee"], r["component"], r["_period"]): r["amount"] for r in result.earned() if r["amount"]}


def engine_rows(result: Result) -> Totals:
    found: Totals = {}
    for r in result.trace():
        if r["_id"] is not None:
            key = (r["component"], r["_id"], r["_payee"])
            found[key] = found.get(key, Decimal(0)) + r["cents"]
    return {key: cents for key, cents in found.items() if cents}


def oracle_totals(result: Any) -> Totals:
    return {key: _decimal(amount) for key, amount in result.earned.items()}


def oracle_rows(result: Any) -> Totals:
    found: Totals = {}
    for line in result.lines:
        if line.row_id is not None:
            key = (line.component, line.row_id, line.payee)
            found[key] = found.get(key, Decimal(0)) + _decimal(line.cents)
    return found


def _decimal(amount: Any) -> Decimal:
    return round_to(Decimal(amount.numerator) / Decimal(amount.denominator), 12)
