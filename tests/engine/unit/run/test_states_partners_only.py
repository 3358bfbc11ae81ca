"""Statements are those of partners: never of the one that stands in for an owner until a reward is shared."""

from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan

FACTS: dict[str, list[dict[str, Any]]] = {
    "lines": [
        {"id": "L1", "partner": "A", "deal": "D1", "amount": "100.00"},
        {"id": "L2", "deal": "D2", "amount": "100.00"},
    ],
    "splits": [{"deal": "D2", "partner": "B", "share": "1"}],
}


@pytest.mark.parametrize("credit", ["owner", "splits", {"splits": "reward"}])
def test_everybody_with_a_statement_is_a_partner(credit: Any) -> None:
    plan = Plan.model_validate(
        {"currency": "USD", "period": "month", "components": [{"id": "c", "credit": credit, "rate": "10%"}]}
    )
    result = calculate(plan, facts_of(plan, FACTS), DuckDb(threads=1))
    assert {row["_payee"] for row in result.statement()} == {"A", "B"}
    assert {row["_payee"] for row in result.earned() if row["amount"]} <= {"A", "B"}
