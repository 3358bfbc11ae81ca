"""A real Spark cluster — a standalone master and a worker, each a process — finds the same amounts as DuckDB.

A worked case is about a hundred small jobs, each a moment of planning: nearly all of the time of this file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buoy_engine.backends.duckdb import DuckDb
from tests.engine.parity.agreement import first_difference, relations
from tests.engine.parity.money_kernel import TOO_LARGE, WORKED, batches, calculate_too_large, difference, worked
from tests.engine.parity.random_plans import random_case
from tests.engine.parity.test_golden_cases_postgres import GOLDEN, outcome_of

if TYPE_CHECKING:
    from buoy_engine.backends.spark import Spark

pytestmark = pytest.mark.long


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_case_gives_the_same_as_on_duckdb(path: Path, spark: Callable[[], "Spark"]) -> None:
    found = outcome_of(path, spark)
    if found:
        assert found == outcome_of(path, lambda: DuckDb(threads=1))


def test_a_hundred_thousand_amounts_are_exact(spark: Callable[[], "Spark"]) -> None:
    backend = spark()
    assert [miss for batch in batches(100_000) for miss in difference(batch, backend)] == []


def test_the_worked_table_comes_out(spark: Callable[[], "Spark"]) -> None:
    assert worked(spark()) == WORKED


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_does_not_fit_is_refused(name: str, spark: Callable[[], "Spark"]) -> None:
    # Which class it is depends on where the error is met, on the driver or on the worker.
    with pytest.raises(Exception, match=r"NUMERIC_VALUE_OUT_OF_RANGE|ARITHMETIC_OVERFLOW"):
        calculate_too_large(name, spark())


@pytest.mark.parametrize("seed", range(3000, 3004))
def test_all_stages_of_random_plans_agree(seed: int, spark: Callable[[], "Spark"]) -> None:
    plan, facts = random_case(seed)
    embedded = DuckDb(threads=1)
    assert first_difference(relations(plan, facts, embedded), relations(plan, facts, spark())) == ""
    embedded.close()


def test_the_work_is_done_by_the_worker(spark: Callable[[], "Spark"]) -> None:
    context = spark().session.sparkContext
    assert context.master.startswith("spark://127.0.0.1:")
    executors = context._jsc.sc().statusTracker().getExecutorInfos()
    assert len(executors) == 2  # the driver counts as one
