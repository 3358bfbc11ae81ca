"""The command says whether the audit trail is whole, and by which words it is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from buoy.cli import app
from buoy.core import daily
from buoy.core.audit import record
from buoy.core.scope import acting
from tests.cast import JOB

Run = Callable[..., Any]


@pytest.fixture
def buoy(committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command on the tests' server; what it prints is in `output`."""
    monkeypatch.setenv("BUOY_DATABASE_URL", "postgresql://buoy_app@localhost/buoy_tests")
    monkeypatch.setattr(daily, "ANCHORS", tmp_path / "anchors")
    with acting(JOB):
        record(JOB, action="thing.changed", object_type="thing", object_id="1")
        record(JOB, action="thing.changed", object_type="thing", object_id="2")
    return lambda *words: CliRunner().invoke(app, words)


def test_a_whole_trail_is_called_whole(buoy: Run) -> None:
    found = buoy("audit", "verify")
    assert (found.exit_code, "is whole: 2 rows, 0 anchors" in found.output) == (0, True)
    assert "run `buoy audit anchor`" in found.output


def test_a_cut_end_is_found_by_the_anchor(buoy: Run, postgres_host: str) -> None:
    made = buoy("audit", "anchor")
    assert (made.exit_code, len(made.stdout.split())) == (0, 3)
    assert buoy("audit", "verify").exit_code == 0
    with psycopg.connect(f"host={postgres_host} user=postgres dbname=buoy_tests", autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        superuser.execute("delete from core_auditevent where number = 2")
    found = buoy("audit", "verify")
    assert found.exit_code == 1
    assert "knows 2 rows, and row 2 is not there" in found.output


def test_a_file_of_anchors_that_cannot_be_read_stops_it(buoy: Run) -> None:
    daily.ANCHORS.write_text("nonsense\n")
    found = buoy("audit", "verify")
    assert (found.exit_code, "found 'nonsense', expected an anchor" in found.output) == (2, True)
