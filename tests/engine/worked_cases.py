"""Worked cases as tests: which files a folder holds, and what a run of one misses.

The SQL of every stage that runs is read on the way: it must be exact (see `sql_text`).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.ir import Stage
from buoy_engine.run.cases import run_case
from buoy_engine.spec.source import Source, load
from tests.engine.sql_text import inexact

HERE = Path(__file__).parent


class ExactDuckDb(DuckDb):
    """DuckDB that refuses SQL in which an amount could lose its exactness."""

    def run(self, stage: Stage, text: str) -> None:
        assert inexact(text) == [], stage.name
        super().run(stage, text)


def case_files(folder: str) -> list[Any]:
    """The case files of a folder below this one, as parameters of a test named after them."""
    return [pytest.param(path, id=path.stem) for path in sorted((HERE / folder).glob("*.yaml"))]


def read_case(path: Path) -> Source:
    """The file; a broken one fails with its place."""
    read = load(path.read_text(encoding="utf-8"), path.name)
    assert isinstance(read, Source), str(read)
    return read


def run_text(text: str, name: str = "case.yaml") -> list[str]:
    """What the case in a text misses."""
    read = load(text, name)
    assert isinstance(read, Source), str(read)
    return misses_of(read)


def misses_of(case: Source) -> list[str]:
    """One sentence per expectation that DuckDB does not meet."""
    with ExitStack() as made:

        def backend() -> DuckDb:
            engine = ExactDuckDb(threads=1)
            made.callback(engine.close)
            return engine

        return [str(miss) for miss in run_case(case, backend).misses]
