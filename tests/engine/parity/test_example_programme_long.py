"""The example programme on the AdventureWorks sales: 60,855 lines from files, the same rows on three engines."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.backends.postgres import Postgres
from buoy_engine.facts.files import open_facts
from buoy_engine.facts.tables import Facts
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source, load
from tests.engine.parity.agreement import first_difference, rows_of

if TYPE_CHECKING:
    from buoy_engine.backends.spark import Spark

pytestmark = pytest.mark.long

EXAMPLE = Path(__file__).parents[3] / "examples" / "adventureworks"


@pytest.fixture(scope="module")
def plan() -> Plan:
    source = load((EXAMPLE / "programme.yaml").read_text(encoding="utf-8"), "programme.yaml")
    assert isinstance(source, Source)
    plan, problems = plan_of(source.data, source)
    assert plan is not None, problems
    return plan


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    facts, problems = open_facts(EXAMPLE / "facts", tmp_path_factory.mktemp("facts"))
    assert not [problem for problem in problems if problem.is_blocking]
    return facts


@pytest.fixture(scope="module")
def embedded(plan: Plan, facts: Facts) -> Iterator[Result]:
    backend = DuckDb()
    yield calculate(plan, facts, backend)
    backend.close()


def test_every_stored_stage_is_the_same_on_postgres(
    plan: Plan, facts: Facts, embedded: Result, postgres: Callable[[], Postgres]
) -> None:
    found = calculate(plan, facts, postgres())
    for stage in embedded.program.stages:
        if stage.keep:
            assert first_difference(rows_of(embedded, stage.name), rows_of(found, stage.name)) == ""


def test_what_is_earned_traced_and_stated_is_the_same_on_spark(
    plan: Plan, facts: Facts, embedded: Result, spark: Callable[[], "Spark"]
) -> None:
    found = calculate(plan, facts, spark())
    names = [made.earned for made in embedded.program.made.values()]
    names += [made.trace for made in embedded.program.made.values() if made.trace]
    for name in [*names, "statement"]:
        assert first_difference(rows_of(embedded, name), rows_of(found, name)) == ""
