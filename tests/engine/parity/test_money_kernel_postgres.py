"""The money kernel in PostgreSQL's SQL against Python's integers."""

from collections.abc import Callable

import psycopg
import pytest

from buoy_engine.backends.postgres import Postgres
from tests.engine.parity.money_kernel import TOO_LARGE, WORKED, batches, calculate_too_large, difference, worked


def test_a_hundred_thousand_amounts_are_exact(postgres: Callable[[], Postgres]) -> None:
    backend = postgres()
    assert [miss for batch in batches(100_000) for miss in difference(batch, backend)] == []


def test_the_worked_table_comes_out(postgres: Callable[[], Postgres]) -> None:
    assert worked(postgres()) == WORKED


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_does_not_fit_is_refused(name: str, postgres: Callable[[], Postgres]) -> None:
    with pytest.raises(psycopg.Error):
        calculate_too_large(name, postgres())
