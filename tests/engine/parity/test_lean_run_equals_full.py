"""A run of which only the files are wanted finds in them what a run finds that keeps everything."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.ir import Type
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.stored import trace_columns, wanted
from buoy_engine.spec.model import Plan
from tests.engine.parity.random_plans import random_case


@pytest.mark.parametrize("seed", range(4000, 4012))
def test_a_lean_run_has_the_same_rows(seed: int) -> None:
    raw, facts = random_case(seed)
    plan = Plan.model_validate(raw)
    full, lean = (calculate(plan, facts_of(plan, facts), DuckDb(threads=1), wanted=each) for each in (None, wanted))
    assert written(lean, full) == written(full, full)


def test_components_over_the_same_rows_share_their_order() -> None:
    program = of_two_alike().program
    assert [stage.name for stage in program.stages if stage.name.endswith("_running")] == ["c1_running"]
    assert program.made["c2"].rows == program.made["c1"].rows == "c1_rows"


def test_of_rows_only_their_shared_order_is_stored() -> None:
    stages = of_two_alike().program.stages
    of_rows = ("_source", "_credit", "_fail", "_rows", "_weighed", "_running", "_steps", "_trace")
    assert [stage.name for stage in stages if stage.keep and stage.name.endswith(of_rows)] == ["c1_running"]


def of_two_alike() -> Result:
    """Two components that differ in their rate only."""
    components = [{"id": "c1", "rate": "1%"}, {"id": "c2", "rate": "2%"}]
    raw = {"buoy": 1, "plan": "alike", "currency": "EUR", "period": "month", "components": components}
    plan = Plan.model_validate(raw)
    line = {"id": "L1", "date": "2025-01-05", "partner_id": "P1", "amount": "100.00"}
    return calculate(plan, facts_of(plan, {"lines": [line]}), DuckDb(threads=1), wanted=wanted)


def written(result: Result, full: Result) -> dict[str, list[dict[str, Any]]]:
    """The rows of what is written, in an order of their own."""
    found = {}
    for component in full.program.plan.components:
        here, there = result.program.made[component.id], full.program.made[component.id]
        found[f"{component.id} trace"] = rows(result, here.trace, trace_columns(full.program, component))
        for name in ("reward", "earned"):
            found[f"{component.id} {name}"] = rows(
                result, getattr(here, name), full.program.types[getattr(there, name)]
            )
    found["statement"] = rows(result, "statement", full.program.types["statement"])
    return found


def rows(result: Result, relation: str, types: Mapping[str, Type]) -> list[dict[str, Any]]:
    table: pa.Table = result.backend.table(relation, types)
    return sorted(table.to_pylist(), key=repr)
