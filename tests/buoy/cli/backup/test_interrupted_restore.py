"""A restore that was killed can be repeated."""

import subprocess
import sys
import time
from pathlib import Path

from tests.buoy.cli.backup.conftest import contents, run
from tests.buoy.cli.conftest import environment_of


def test_a_restore_that_was_killed_can_be_repeated(full: Path, saved: Path, place: Path) -> None:
    other = place / "killed"
    command = [sys.executable, "-m", "buoy", "restore", str(saved)]
    first = subprocess.Popen(command, env=environment_of(other), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    first.kill()
    first.wait()
    again = run(other, "restore", saved)
    # When the database was complete already, only what comes after it was missing.
    assert again.returncode == 0 or ("is not empty" in again.stderr and run(other, "migrate").returncode == 0)
    assert contents(other) == contents(full)
