"""`buoy conformance`: worked cases on an execution engine."""

from pathlib import Path

import pytest

from tests.buoy.cli.conftest import Buoy
from tests.buoy.cli.test_cases import GOOD, written


def test_cases_are_run_on_the_embedded_engine(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("conformance", written(tmp_path, good=GOOD))
    assert (said.code, said.out) == (0, "1 passed, 0 failed\n")


def test_a_failed_case_fails_the_engine(buoy: Buoy, tmp_path: Path) -> None:
    assert buoy("conformance", written(tmp_path, bad=GOOD.replace('"5.00"', '"6.00"'))).code == 1


def test_postgres_needs_an_address(buoy: Buoy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUOY_DSN", raising=False)
    said = buoy("conformance", written(tmp_path, good=GOOD), "--engine", "postgres")
    assert said.code == 2
    assert "--at" in said.err
