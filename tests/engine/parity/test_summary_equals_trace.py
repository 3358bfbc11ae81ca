"""Summary mode and trace mode give the same earnings and statements, on worked cases and on random plans."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.summary import summable
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of, merge
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from tests.engine.worked_cases import case_files, read_case

from .random_plans import random_case

WITHOUT_STEPS = [case for case in case_files("golden") if "steps" not in read_case(case.values[0]).data]
"""Steps are about time, which is the same for both modes."""


@pytest.mark.parametrize("seed", range(1000, 1030))
def test_summary_equals_trace_on_random_plans(seed: int) -> None:
    plan, facts = random_case(seed)
    assert_same(Plan.model_validate(plan), facts)


@pytest.mark.parametrize("path", WITHOUT_STEPS)
def test_summary_equals_trace_on_worked_cases(path: Path) -> None:
    source = read_case(path)
    for change in (source.data.get("variants") or {"base": {}}).values():
        change = dict(change or {})
        facts = {**(source.data.get("facts") or {}), **(change.pop("facts", None) or {})}
        plan, _ = plan_of(merge(source.data["plan"], change), source)
        if plan is not None and plan.statement.currency != "row" and summable(plan):
            assert_same(plan, facts)


def assert_same(plan: Plan, facts: Mapping[str, Any]) -> None:
    found = [calculate(plan, facts_of(plan, facts), DuckDb(threads=1), summary=summary) for summary in (True, False)]
    summary, trace = (earnings(result) for result in found)
    assert summary == trace
    summary_statements, trace_statements = (statements(result) for result in found)
    assert summary_statements == trace_statements
    assert {key: amount for key, amount in shown(found[1]).items() if amount} == trace


def shown(result: Result) -> dict[tuple[str, str, str], Decimal]:
    """What the rows of a trace add up to."""
    found: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in result.trace():
        found[row["_payee"], row["component"], row["_period"]] += row["cents"]
    return found


def earnings(result: Result) -> dict[tuple[str, str, str], Decimal]:
    return {(r["_payee"], r["component"], r["_period"]): r["amount"] for r in result.earned() if r["amount"]}


def statements(result: Result) -> list[tuple[Any, ...]]:
    return sorted(
        (r["_payee"], r["period"], r["payable"], r["carried_forward"], r["draw_debt"]) for r in result.statement()
    )
