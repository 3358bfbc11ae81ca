"""The SQL of a few stages in every dialect, kept as text, so that a new SQLGlot shows what it prints otherwise.

After a change that is meant: `BUOY_UPDATE_GOLDEN=1 pytest tests/engine/unit/compile`, and read the difference.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from buoy_engine.compile.dialects import DIALECTS
from tests.engine.sql_text import inexact

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
ROOT = HERE.parents[3]
UPDATE = "BUOY_UPDATE_GOLDEN"


@cache
def printed(dialect: str) -> str:
    """What a process of its own prints: nothing that ran before can have a part in it."""
    asked = [sys.executable, "-m", "tests.engine.unit.compile.stages", dialect]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        asked, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    return done.stdout


def stages_of(text: str) -> dict[str, str]:
    """Stage → its SQL."""
    parts = text.removeprefix("-- ").split("\n-- ")
    return {part.split(":")[0]: part.split("\n", 1)[1] for part in parts}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_prints_what_it_printed_before(dialect: str) -> None:
    path = GOLDEN / f"{dialect}.sql"
    if os.environ.get(UPDATE):
        path.write_text(printed(dialect), encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    assert stages_of(printed(dialect)) == stages_of(before), f"set {UPDATE}=1 if this is meant"


def test_every_text_belongs_to_a_dialect() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(DIALECTS)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_an_engine_never_divides_money_and_reads_no_bare_decimal(dialect: str) -> None:
    stages = stages_of(printed(dialect))
    del stages["dates"]  # PostgreSQL counts days as seconds / 86400
    assert [what for text in stages.values() for what in inexact(text)] == []


def test_spark_divides_what_leaves_no_rest_and_reads_no_bare_decimal() -> None:
    found = inexact(printed("spark").replace("`", '"'))
    assert {what.split(":")[0] for what in found} == {"binary division"}
