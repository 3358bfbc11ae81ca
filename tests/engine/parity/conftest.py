"""Engines for the parity tests."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from buoy_engine.backends.postgres import Postgres
from tests.engine.parity import pg, spark_cluster

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from buoy_engine.backends.spark import Spark


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


@pytest.fixture(scope="session")
def spark_session() -> Iterator["SparkSession"]:
    """A driver on a real standalone cluster of one worker, started once a session."""
    with pytest.MonkeyPatch.context() as patch, spark_cluster.cluster() as master:
        for key, value in spark_cluster.environment().items():
            patch.setenv(key, value)
        session = spark_cluster.driver(master)
        yield session
        session.stop()


@pytest.fixture
def spark(spark_session: "SparkSession") -> Iterator[Callable[[], "Spark"]]:
    """Makes backends, each a run of its own; all are closed after the test."""
    from buoy_engine.backends.spark import Spark

    made: list[Spark] = []

    def make() -> Spark:
        # A case has a handful of rows: more partitions than one, and a plan that adapts to them, only cost time.
        few = {"spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false"}
        made.append(Spark(spark_session, settings=few))
        return made[-1]

    yield make
    for backend in made:
        backend.close()
