"""Engines for the parity tests."""

from collections.abc import Callable, Iterator

import pytest

from buoy_engine.backends.postgres import Postgres
from tests.engine.parity import pg


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """A real PostgreSQL, started once a session."""
    with pg.server() as dsn:
        yield dsn


@pytest.fixture
def postgres(postgres_dsn: str) -> Iterator[Callable[[], Postgres]]:
    """Makes backends, each a run of its own; all are closed after the test."""
    made: list[Postgres] = []

    def make() -> Postgres:
        made.append(Postgres(postgres_dsn))
        return made[-1]

    yield make
    for backend in made:
        backend.close()
