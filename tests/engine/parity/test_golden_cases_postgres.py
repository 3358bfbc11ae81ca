"""Every worked case gives on PostgreSQL what it gives on DuckDB: the same amounts, or the same misses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.backends.postgres import Postgres
from buoy_engine.run.backend import Backend
from buoy_engine.run.cases import run_case
from buoy_engine.spec.source import Source, load

GOLDEN = sorted((Path(__file__).parents[1] / "golden").rglob("*.yaml"))


def case_of(path: Path) -> Source:
    read = load(path.read_text(encoding="utf-8"), path.name)
    assert isinstance(read, Source), read
    return read


def outcome_of(path: Path, backend: Callable[[], Backend]) -> list[str]:
    """The misses; what a run raises counts as one, so that it must be the same on both engines."""
    try:
        return [str(miss) for miss in run_case(case_of(path), backend).misses]
    except (ArithmeticError, LookupError, ValueError, TypeError) as error:
        return [f"{type(error).__name__}: {error}"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_case_gives_the_same_as_on_duckdb(path: Path, postgres: Callable[[], Postgres]) -> None:
    found = outcome_of(path, postgres)
    # A case without a miss is one that gives what its file says, as on DuckDB by the tests of the cases themselves.
    if found:
        assert found == outcome_of(path, lambda: DuckDb(threads=1))
