"""DuckDB and PostgreSQL find the same rows in every stage of random plans."""

from collections.abc import Callable

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.backends.postgres import Postgres
from tests.engine.parity.agreement import first_difference, relations
from tests.engine.parity.random_plans import random_case


@pytest.mark.parametrize("seed", range(2000, 2020))
def test_all_stages_agree(seed: int, postgres: Callable[[], Postgres]) -> None:
    assert_agreement(seed, postgres)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2020, 2300))
def test_all_stages_agree_on_many_plans(seed: int, postgres: Callable[[], Postgres]) -> None:
    assert_agreement(seed, postgres)


def assert_agreement(seed: int, postgres: Callable[[], Postgres]) -> None:
    plan, facts = random_case(seed)
    embedded = DuckDb(threads=1)
    assert first_difference(relations(plan, facts, embedded), relations(plan, facts, postgres())) == ""
    embedded.close()
