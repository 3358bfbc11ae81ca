"""Folders for servers, and programs of their own that use one: what is tested is what real processes do."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from buoy.core.postgres.cluster import Cluster
from tests.house.repository import ROOT

Program = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """The folder of a server that has been made and stopped. Copied, since making one takes seconds."""
    root = Path(tempfile.mkdtemp(prefix="buoy-pg-"))
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        connection.execute("create table kept (number bigint primary key)")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a short path that every account can reach; pytest's own are private."""
    root = Path(tempfile.mkdtemp(prefix="buoy-pg-"))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def root(made_once: Path, folder: Path) -> Path:
    """The folder of a stopped server with one empty table."""
    copy = folder / "postgres"
    shutil.copytree(made_once, copy, ignore=shutil.ignore_patterns("socket"))
    owner = (made_once / "data").stat()
    if os.geteuid() == 0:
        for path in (copy, *copy.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
    return copy


@pytest.fixture
def program() -> Iterator[Program]:
    """Starts Python programs that have `Cluster`, `connect`, `root` and `wait`; those still running at the end are killed."""
    started: list[subprocess.Popen[str]] = []

    def start(root: Path, *lines: str) -> "subprocess.Popen[str]":
        begin = [
            "from pathlib import Path; import sys, time",
            "from buoy.core.postgres.cluster import Cluster",
            "from tests.buoy.core.postgres.conftest import connect",
            f"root = Path({str(root)!r})",
            "def say(word): print(word, flush=True)",
        ]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        code = "\n".join([*begin, *lines])
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


def connect(cluster: Cluster) -> psycopg.Connection:
    """A connection as the superuser that commits each statement."""
    return psycopg.connect(cluster.dsn(user="postgres", database="postgres"), autocommit=True)


def servers_of(root: Path) -> list[int]:
    """The processes of a server in a folder, its children included."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_text()
            works_in = str((entry / "cwd").readlink())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if "postgres" in words and works_in.startswith(str(root)):
            found.append(int(entry.name))
    return found


def eventually(what: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Whether something becomes true in time."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def kill(*pids: int) -> None:
    """`kill -9`; a process that has gone meanwhile is fine."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
