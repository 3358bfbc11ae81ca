"""Mistakes that other engines make (design/engine.md section 6): each file is one, named after it.

Below the files stand the parts that a case cannot say: an edited plan, feeds of a stored state, checks of facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.incremental import State
from buoy_engine.run.intake import check_facts
from buoy_engine.run.outcome import Outcome
from buoy_engine.run.report import reconcile, why_empty
from buoy_engine.spec.model import Plan
from tests.engine.worked_cases import case_files, misses_of, read_case

FILES = case_files("mistakes")
MISTAKES = {
    "gaps-between-bands-pay-nothing",
    "tiers-looked-up-per-line",
    "refund-at-the-small-bands-rate",
    "half-month-ends-a-day-early",
    "new-rate-rewrites-old-periods",
    "middle-slice-with-the-wrong-width",
    "two-partners-register-one-deal",
    "one-event-rewarded-twice",
    "partial-refund-voids-everything",
    "refund-after-payout-is-lost",
    "refund-that-matches-no-rule",
    "refunds-in-parts-take-too-much",
    "split-refused-for-floats",
    "credit-note-raises-commission",
    "true-up-ignores-settlements",
    "nothing-to-settle-without-a-reason",
}


@pytest.mark.parametrize("path", FILES)
def test_a_mistake_is_not_made(path: Any) -> None:
    assert misses_of(read_case(path)) == []


def test_every_mistake_has_its_file() -> None:
    assert {parameter.id for parameter in FILES} == MISTAKES


# --- Editing a rate rewrites old periods ------------------------------------------------------------------------

SALES = [
    {"id": "J1", "partner": "P1", "date": "2025-01-15", "amount": "1000.00"},
    {"id": "F1", "partner": "P1", "date": "2025-02-15", "amount": "2000.00"},
]


def flat_plan(rate: str) -> Plan:
    return Plan.model_validate(
        {"currency": "USD", "period": "month", "valid": {"from": "2025-01-01", "to": "2025-12-31"}}
        | {"components": [{"id": "commission", "rate": rate}]}
    )


def run(plan: Plan, rows: list[dict[str, Any]], postings: Iterable[Any] = (), closed: str | None = None) -> Result:
    return calculate(plan, facts_of(plan, {"lines": rows}), DuckDb(threads=1), postings=postings, closed_through=closed)


def asked(result: Result) -> Outcome:
    return Outcome(result, {}, [])


def test_an_edited_rate_leaves_closed_periods_and_posts_only_the_difference() -> None:
    january = asked(run(flat_plan("5%"), SALES[:1]))
    postings = january.postings_through("2025-01")
    assert january.statement(("P1", "2025-01", "payable")) == Decimal("50.00")

    edited = asked(run(flat_plan("6%"), SALES, postings, "2025-01"))
    assert edited.statement(("P1", "2025-01", "earned")) == Decimal("50.00")
    assert edited.statement(("P1", "2025-01", "payable")) == Decimal("50.00")
    assert edited.adjustment(("P1", "2025-01")) == Decimal("10.00")
    assert edited.statement(("P1", "2025-02", "earned")) == Decimal("120.00")
    assert edited.statement(("P1", "2025-02", "adjusted")) == Decimal("10.00")
    assert edited.statement(("P1", "2025-02", "payable")) == Decimal("130.00")


def test_what_is_posted_once_is_not_posted_again() -> None:
    postings = asked(run(flat_plan("5%"), SALES[:1])).postings_through("2025-01")
    again = asked(run(flat_plan("6%"), SALES, postings, "2025-01")).postings_through("2025-02")
    later = asked(run(flat_plan("6%"), SALES, again, "2025-02"))
    assert later.statement(("P1", "2025-02", "payable")) == Decimal("130.00")
    assert sum(amount for *_, posted_in, amount in again if posted_in == "2025-01") == Decimal("50.00")
    assert [r for r in later.result.entries() if r["posted_in"] not in ("2025-01", "2025-02") and r["amount"]] == []


# --- One event is rewarded several times ------------------------------------------------------------------------


def test_a_feed_that_is_delivered_three_times_is_rewarded_once() -> None:
    plan = flat_plan("5%")
    state = State(plan, facts_of(plan, {"lines": SALES[:1]}), lambda: DuckDb(threads=1))
    (row,) = facts_of(plan, {"lines": SALES[1:]})["lines"].rows
    first = state.feed([row, row, row])
    assert [(d.period, d.delta) for d in first] == [("2025-02", Decimal("100.00"))]
    assert state.feed([row]) == []
    assert state.feed([row, row]) == []
    assert state.earned == {
        ("P1", "commission", p): a for p, a in (("2025-01", Decimal(50)), ("2025-02", Decimal(100)))
    }


# --- Splits that floats cannot add up ---------------------------------------------------------------------------


@pytest.mark.parametrize("last, codes", [("14.26%", []), ("14.25%", ["split-sum"]), ("14.27%", ["split-sum"])])
def test_seven_shares_are_added_up_exactly(last: str, codes: list[str]) -> None:
    shares = ["14.29%"] * 6 + [last]
    splits = [{"sale": "J1", "partner": f"P{i}", "share": share} for i, share in enumerate(shares)]
    assert codes_of({"lines": SALES[:1], "splits": splits}) == codes


def codes_of(rows: dict[str, Any]) -> list[str]:
    plan = flat_plan("5%")
    facts: Facts = facts_of(plan, rows)
    with closing(DuckDb(threads=1)) as backend:
        _, problems = check_facts(facts, backend, plan)
    return [problem.code for problem in problems if problem.is_blocking]


# --- Nothing to settle, without a reason ------------------------------------------------------------------------


def component(**keys: Any) -> Plan:
    plan = {"currency": "USD", "period": "month", "valid": {"from": "2025-01-01", "to": "2025-12-31"}}
    return Plan.model_validate(plan | {"components": [{"id": "commission", **keys}]})


@pytest.mark.parametrize(
    "plan, rows, says",
    [
        (component(rate="5%"), [], "there are no rows in lines"),
        (component(rate="5%", where={"too_small": "amount > 5000"}), SALES, "none of 2 rows counts (2 too_small)"),
        (component(rate="5%", when={"below": "sum(amount) > 5000"}), SALES, "(below for 2 payees' periods)"),
        (component(rate="0%"), SALES, "on 2 rows: its rate or amount is zero there"),
        (component(rate="5%", dates={"from": "2025-03-01"}), SALES, "none of 2 rows counts (2 outside_dates)"),
    ],
    ids=["no-rows", "condition", "gate", "zero-rate", "dates"],
)
def test_an_empty_result_says_why(plan: Plan, rows: list[dict[str, Any]], says: str) -> None:
    (entry,) = reconciled = reconcile(run(plan, rows))
    assert entry.adds_up
    (sentence,) = why_empty(reconciled)
    assert sentence.startswith("commission earned nothing")
    assert says in sentence


def test_a_refund_that_matches_no_rule_is_accounted_for() -> None:
    refund = {"id": "R1", "partner": "P1", "date": "2025-02-20", "amount": "-400.00", "kind": "service"}
    sales = [sale | {"kind": "goods"} for sale in SALES]
    (entry,) = reconcile(run(component(rate="5%", where={"no_goods": 'kind == "goods"'}), [*sales, refund]))
    assert (entry.rows, entry.credited, entry.uncredited) == (3, 2, {"no_goods": 1})
    assert entry.adds_up
