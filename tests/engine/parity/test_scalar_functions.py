"""Dates, moments, texts and nulls are the same on every engine as in Python."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.backends.postgres import Postgres
from tests.engine.parity.scalar_functions import differences

if TYPE_CHECKING:
    from buoy_engine.backends.spark import Spark


def test_on_duckdb() -> None:
    assert differences(DuckDb(threads=1)) == []


def test_on_postgres(postgres: Callable[[], Postgres]) -> None:
    assert differences(postgres()) == []


@pytest.mark.long
def test_on_spark(spark: Callable[[], "Spark"]) -> None:
    assert differences(spark()) == []
