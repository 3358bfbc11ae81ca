"""A stored run explains what the calculated one does: every partner, component, step and share."""

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.explain import Explainer, NothingThere
from buoy_engine.run.reading import Relations
from buoy_engine.run.stored import StoredRun, write_relations
from buoy_engine.spec.model import Plan
from tests.engine.parity.random_plans import random_case

SEEDS = range(10)


def calculated(seed: int, threads: int = 1) -> Result:
    raw, facts = random_case(seed)
    plan = Plan.model_validate(raw)
    return calculate(plan, facts_of(plan, facts), DuckDb(threads=threads))


def stored(result: Result, folder: Path) -> Path:
    folder.mkdir()
    write_relations(result, {}, folder)
    return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stored_run_explains_the_same(seed: int, tmp_path: Path) -> None:
    result = calculated(seed)
    plan, folder = result.program.plan, stored(result, tmp_path / "run")
    live, whole = Explainer(Relations(result)), Explainer(StoredRun(folder, plan))
    partners = [row["partner_id"] for row in result.backend.read("payees", ("partner_id",))]
    assert partners
    for partner in partners:
        expected = live.explain(partner)
        assert whole.explain(partner) == expected
        assert Explainer(StoredRun(folder, plan, partner)).explain(partner) == expected
    with pytest.raises(NothingThere):
        whole.explain("nobody at all")


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_runs_are_equal_files(seed: int, tmp_path: Path) -> None:
    folders = [stored(calculated(seed, threads), tmp_path / str(threads)) for threads in (1, 2)]
    one, other = ({str(f.relative_to(d)): f.read_bytes() for f in d.rglob("*") if f.is_file()} for d in folders)
    assert one == other


@pytest.mark.parametrize("seed", SEEDS)
def test_the_trace_adds_up_and_is_sorted(seed: int, tmp_path: Path) -> None:
    result = calculated(seed)
    trace = pq.read_table(stored(result, tmp_path / "run") / "trace.parquet").to_pylist()
    order = [component.id for component in result.program.plan.components]
    places = [(row["partner"], order.index(row["component"])) for row in trace]
    assert places == sorted(places)
    shown = sum((row["amount"] for row in trace), Decimal(0))
    assert shown == sum((row["cents"] for row in result.trace()), Decimal(0))
