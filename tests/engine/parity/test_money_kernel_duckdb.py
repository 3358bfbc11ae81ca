"""The money kernel in DuckDB's SQL against Python's integers."""

from buoy_engine.backends.duckdb import DuckDb
from tests.engine.parity.money_kernel import WORKED, batches, difference, worked


def test_a_hundred_thousand_amounts_are_exact() -> None:
    backend = DuckDb()
    misses = [miss for batch in batches(100_000) for miss in difference(batch, backend)]
    backend.close()
    assert misses == []


def test_the_worked_table_comes_out() -> None:
    assert worked(DuckDb()) == WORKED
