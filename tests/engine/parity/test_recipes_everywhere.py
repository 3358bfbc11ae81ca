"""What engines could read differently, such as null in a limit or equal places: the same on PostgreSQL and in the oracle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from buoy_engine.backends.postgres import Postgres
from buoy_engine.run.cases import run_case
from tests.engine.parity.oracle.case_runner import run_file
from tests.engine.worked_cases import read_case

RECIPES = Path(__file__).parents[1] / "recipes"
CASES = ["cap-without-a-target", "bounds-of-null", "best-sellers", "draw-forgiven", "return-left-out-by-a-source"]


@pytest.mark.parametrize("name", CASES)
def test_postgres_and_the_oracle_read_a_recipe_alike(name: str, postgres: Callable[[], Postgres]) -> None:
    assert run_case(read_case(RECIPES / f"{name}.yaml"), postgres).misses == []
    assert [str(failure) for failure in run_file(RECIPES / f"{name}.yaml")] == []
