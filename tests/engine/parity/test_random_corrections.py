"""Month after month is closed while facts change and rates move: engine and oracle post and pay the same."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.outcome import Outcome
from buoy_engine.spec.model import Plan

from .oracle import evaluate
from .oracle.statement import Ledger
from .random_plans import random_case

FIGURES = ("earned", "adjusted", "brought_forward", "carried_forward", "draw_debt")
Facts = dict[str, list[dict[str, Any]]]


def random_programme(seed: int) -> tuple[dict[str, Any], Facts]:
    """A plan by months, paid in the currency of each partner, whose returns follow their sale, with a clawback beside it."""
    random = Random(seed * 13 + 5)
    plan, facts = random_case(seed, lines=16)
    plan |= {"period": "month", "currency": "USD"}
    plan["settings"] |= {"returns": random.choice(["original", "unwind"])}
    plan["statement"] = {"currency": "partner", "negative": random.choice(["carry", "carry", "zero", "pay"])}
    if random.random() < 0.5:
        plan["statement"]["minimum"] = 30
    plan["components"] = [component for component in plan["components"] if "accumulate" not in component]
    plan["components"].append({"id": "base", "rate": "10%"})
    clawback = {
        "id": "clawback",
        "from": "cancellations",
        "credit": {"follow": "base"},
        "base": "-earned",
        "rate": "50%",
    }
    plan["components"].append(clawback)
    for row in facts["partners"]:
        row["currency"] = {"P1": "EUR", "P2": "JPY", "P3": "EUR"}.get(row["partner"], "USD")
    facts["rates"] = [
        {"currency": currency, "date": date(2025, month, 1), "rate": str(unit * random.randint(50, 200))}
        for currency, unit in (("EUR", Decimal("0.01")), ("JPY", Decimal("0.0001")))
        for month in range(1, 13)
    ]
    sales = [line for line in facts["lines"] if "returns" not in line]
    facts["cancellations"] = [
        {"id": f"X{place}", "sale": line["id"], "date": date(2025, random.randint(line["date"].month, 12), 28)}
        for place, line in enumerate(random.sample(sales, 4))
    ]
    facts["adjustments"] = []
    return plan, facts


CLOSED = (1, 2, 4, 8)
"""The months that are closed, with those before them."""


def months(seed: int, facts: Facts) -> Iterator[tuple[str, Facts]]:
    """Months with the facts known when they are closed: rows come, change and go."""
    random = Random(seed)
    for month in CLOSED:
        known = [line for line in facts["lines"] if line["date"].month <= month or random.random() < 0.1]
        for line in random.sample(known, min(3, len(known))):
            line["amount"] = f"{random.randint(-2000, 90000) / 100:.2f}"
        if random.random() < 0.3:
            day = date(2025, random.randint(1, month), 2)
            amount = f"{random.randint(-9000, 9000) / 100:.2f}"
            facts["adjustments"].append({"id": f"A{month}", "partner": "P1", "date": day, "amount": amount})
        yield f"2025-{month:02}", facts | {"lines": known}


def assert_agreement(seed: int) -> None:
    plan, facts = random_programme(seed)
    read, ledger = Plan.model_validate(plan), Ledger()
    closed: str | None = None
    postings: list[tuple[Any, ...]] = []
    for month, known in months(seed, facts):
        expected = evaluate(plan, known, ledger=ledger, close=month)
        made = facts_of(read, known, facts)
        result = calculate(read, made, DuckDb(threads=1), postings=postings, closed_through=closed, closing=month)
        found = {row["_payee"]: row for row in result.statement() if row["period"] == month}
        for (partner, period), page in expected.statements.items():
            if period == month:
                row = found[partner]
                assert {f: Fraction(row[f]) for f in FIGURES} == {f: page[f] for f in FIGURES}, (partner, month)
                assert Fraction(row["paid_amount"]) == page["payable"], (partner, month)
        closed, postings = month, Outcome(result, {}, []).postings_through(month)


@pytest.mark.parametrize("seed", range(5))
def test_engine_and_oracle_correct_closed_months_alike(seed: int) -> None:
    assert_agreement(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5, 200))
def test_engine_and_oracle_correct_closed_months_of_many_plans_alike(seed: int) -> None:
    assert_agreement(seed)
