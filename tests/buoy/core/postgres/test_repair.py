"""What a start makes of what a crash has left."""

import contextlib
import itertools
import subprocess
import sys
from pathlib import Path

import psycopg

from buoy.core.postgres.cluster import Cluster
from tests.buoy.core.postgres.conftest import Program, connect, eventually, kill, servers_of


def write_until_killed(cluster: Cluster, numbers: "itertools.count[int]", *, seconds: float) -> list[int]:
    """Insert until every process of the server is killed; the numbers whose commit was acknowledged."""
    acknowledged: list[int] = []
    # Some of them end by themselves when the first is killed, so that the last of these kills finds nothing.
    pids = " ".join(map(str, servers_of(cluster.root)))
    killer = subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -9 {pids} 2>/dev/null"])
    with contextlib.suppress(psycopg.OperationalError), connect(cluster) as connection:
        for number in numbers:
            connection.execute("insert into kept values (%s)", [number])
            acknowledged.append(number)
    killer.wait()
    return acknowledged


def test_no_acknowledged_row_is_lost_when_the_server_is_killed_while_writing(root: Path) -> None:
    numbers = itertools.count()
    acknowledged: list[int] = []
    cluster = Cluster(root)
    cluster.start(as_owner=True)
    for round_ in range(3):
        acknowledged += write_until_killed(cluster, numbers, seconds=0.3 + 0.1 * round_)
        assert eventually(lambda: not cluster.is_alive())
        cluster.restart()
        with connect(cluster) as connection:
            found = {number for (number,) in connection.execute("select number from kept")}
        assert set(acknowledged) <= found
    cluster.stop()
    assert len(acknowledged) > 100


def test_a_process_number_that_another_process_has_now_does_not_stop_a_start(root: Path) -> None:
    cluster = Cluster(root, durable=False)
    cluster.start()
    left = (root / "data/postmaster.pid").read_text()
    kill(*servers_of(root))
    assert eventually(lambda: not cluster.is_alive())
    cluster.stop()
    foreign = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (root / "data/postmaster.pid").write_text("\n".join([str(foreign.pid), *left.splitlines()[1:], ""]))
        with Cluster(root, durable=False).running() as again, connect(again) as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (0,)
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_an_interrupted_initdb_is_thrown_away(folder: Path, program: Program) -> None:
    root = folder / "new"
    making = program(root, "Cluster(root, durable=False).start()")
    assert eventually(lambda: bool(list(root.glob("unfinished-*/base/1/*"))))
    making.kill()
    assert not (root / "data").exists()
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert list(root.glob("unfinished-*")) == []


def test_processes_of_a_killed_server_do_not_stop_a_start(root: Path) -> None:
    cluster = Cluster(root, durable=False)
    cluster.start()
    with connect(cluster):
        kill(int((root / "data/postmaster.pid").read_text().splitlines()[0]))
        assert eventually(lambda: not cluster.is_alive())
        cluster.restart()
    with connect(cluster) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    cluster.stop()
    assert servers_of(root) == []
