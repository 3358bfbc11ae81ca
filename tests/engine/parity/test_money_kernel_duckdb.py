"""The money kernel in DuckDB's SQL against Python's integers."""

import duckdb
import pytest

from buoy_engine.backends.duckdb import DuckDb
from tests.engine.parity.money_kernel import TOO_LARGE, WORKED, batches, calculate_too_large, difference, worked


def test_a_hundred_thousand_amounts_are_exact() -> None:
    backend = DuckDb()
    misses = [miss for batch in batches(100_000) for miss in difference(batch, backend)]
    backend.close()
    assert misses == []


def test_the_worked_table_comes_out() -> None:
    assert worked(DuckDb()) == WORKED


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(duckdb.Error):
        calculate_too_large(name, DuckDb(threads=1))
