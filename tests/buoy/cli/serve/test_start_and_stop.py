"""One command starts everything, and stopping it leaves nothing."""

import json
import subprocess
import sys

from tests.buoy.cli.conftest import environment_of
from tests.buoy.cli.serve.conftest import Served, processes
from tests.buoy.core.postgres.conftest import eventually


def gone(pids: list[int]) -> bool:
    """Whether none of them is there any more, other than as an exit code that nobody has asked for."""
    there = processes()
    return not any(there[pid][1] for pid in pids if pid in there)


def test_a_start_says_where_it_runs_and_answers_there(served: Served) -> None:
    assert f"Buoy runs at http://127.0.0.1:{served.port}" in served.said
    assert f"http://127.0.0.1:{served.port}/start/" in served.said
    assert served.status("/healthz") == 200
    assert all(served.part(name) for name in ("web", "worker", "postgres"))


def test_ctrl_c_stops_everything_in_order(served: Served) -> None:
    children = served.children()
    assert served.stop() == 0
    assert served.said.splitlines()[-1] == "Buoy has stopped."
    assert gone(children)


def test_a_killed_supervisor_leaves_nothing_running_and_the_next_start_works(served: Served) -> None:
    children = served.children()
    assert served.process
    served.process.kill()
    served.process.wait()
    assert eventually(lambda: gone(children), seconds=30)
    served.start().wait()
    assert served.is_ready()


def test_what_is_prepared_needs_no_supervisor(served: Served) -> None:
    served.stop()
    command = [sys.executable, "-m", "buoy", "prepare"]
    done = subprocess.run(command, env=environment_of(served.data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["applied"], told["administrators"]) == ([], [])
    assert told["first_link"].startswith("/start/")
