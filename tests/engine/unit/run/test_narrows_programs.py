"""A narrowed program calculates the same values from fewer stages and columns."""

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.narrow import narrowed
from buoy_engine.compile.plan import rename
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan
from tests.engine.parity.random_plans import random_case


def calculated(seed: int) -> Result:
    raw, facts = random_case(seed)
    plan = Plan.model_validate(raw)
    return calculate(plan, facts_of(plan, facts), DuckDb(threads=1))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_wanted_has_the_same_rows(seed: int) -> None:
    result = calculated(seed)
    columns = ("_payee", "_period", "amount")
    wanted = {made.earned: columns for made in result.program.made.values()}
    stages = narrowed(result.program.stages, wanted)
    names = {stage.name: f"narrow_{stage.name}" for stage in stages}
    for stage in stages:
        made = rename(stage, names)
        result.backend.run(made, to_sql(made, "duckdb"))
    for name in wanted:
        whole = sorted(map(str, result.backend.read(name, columns)))
        assert sorted(map(str, result.backend.read(names[name]))) == whole


def test_stages_that_lead_nowhere_are_left_out() -> None:
    program = calculated(0).program
    name = next(iter(program.made.values())).earned
    stages = narrowed(program.stages, {name: ["_payee"]})
    assert len(stages) < len(program.stages)
    assert set(stages[-1].types) == {"_payee"}
    assert "statement" not in {stage.name for stage in stages}
