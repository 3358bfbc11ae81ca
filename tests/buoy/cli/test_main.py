"""The `buoy` command itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.buoy.cli.conftest import Buoy, Shop

SOURCE = Path(__file__).resolve().parents[3] / "src"


def in_a_process(*words: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "buoy", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_version_is_printed(buoy: Buoy) -> None:
    assert buoy("--version").out.startswith("buoy ")


@pytest.mark.parametrize("words", [("plan",), ("plan", "nonsense"), ("nonsense",), ("plan", "run")])
def test_wrong_use_is_exit_code_two(buoy: Buoy, words: tuple[str, ...]) -> None:
    assert buoy(*words).code == 2


def test_nothing_is_printed_beside_the_answer_in_a_pipe(shop: Shop) -> None:
    done = in_a_process("plan", "show", "--json", shop.plan, cwd=shop.folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_bad_input_never_shows_a_traceback(shop: Shop) -> None:
    done = in_a_process("plan", "run", shop.plan, "--facts", shop.folder / "nowhere", cwd=shop.folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
