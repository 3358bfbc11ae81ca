"""A running Buoy, as people start it: `buoy serve` in a process of its own, in a folder of its own."""

import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from buoy.core.postgres.sockets import socket_folder
from tests.buoy.cli.conftest import environment_of
from tests.buoy.core.postgres.conftest import eventually

START_SECONDS = 120
"""A start takes seconds; a machine that does other work may need many."""
PARTS = {"web": "gunicorn", "worker": "procrastinate", "postgres": "postgres"}


@dataclass
class Served:
    """`buoy serve` with its output in a file."""

    data: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Served":
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "buoy", "serve"],
                stdout=out,
                stderr=out,
                env=environment_of(self.data, **{"BUOY_PORT": str(self.port), "BUOY_WEB_WORKERS": "1"} | self.settings),
            )
        return self

    @property
    def output(self) -> Path:
        # By port too: a second start with the same data must not write over what the first has said.
        return self.data.with_suffix(f".{self.port}.out")

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def is_ready(self) -> bool:
        return self.status("/readyz") == 200

    def status(self, path: str) -> int | None:
        """The status of an answer, None when there is none."""
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            door.request("GET", path, headers={"Host": "localhost"})
            return door.getresponse().status
        except OSError:
            return None
        finally:
            door.close()

    def wait(self) -> "Served":
        """Until it says that it runs."""
        started = eventually(lambda: "Buoy runs at" in self.said or not self.is_running(), seconds=START_SECONDS)
        assert started, self.said
        assert self.is_running(), self.said
        return self

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def children(self) -> list[int]:
        """All processes below the supervisor."""
        assert self.process
        return below(self.process.pid)

    def part(self, name: str) -> int | None:
        """The web server's, the worker's or PostgreSQL's first process."""
        assert self.process
        mine = [
            pid for pid, (parent, words) in processes().items() if parent == self.process.pid and PARTS[name] in words
        ]
        return mine[0] if mine else None

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)

    def connect(self, role: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(socket_folder(self.data / "postgres")), user=role, dbname="buoy", autocommit=True
        )


def processes() -> dict[int, tuple[int, str]]:
    """The parent and the words of every process; one that has ended and is not yet reaped has no words."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            found[int(entry.name)] = int(parent), (entry / "cmdline").read_text(errors="replace").replace("\0", " ")
    return found


def below(top: int) -> list[int]:
    """The children of a process, theirs, and so on."""
    all_of_them = processes()
    found = [top]
    for pid in found:
        found += [child for child, (parent, _) in all_of_them.items() if parent == pid]
    return found[1:]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder with a short path that every account can reach."""
    root = Path(tempfile.mkdtemp(prefix="buoy-serve-"))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def installation(place: Path) -> Iterator[Served]:
    """An installation for all tests, since a start costs seconds. The end of the session stops it by a signal."""
    made = Served(place / "data", free_port()).start().wait()
    yield made
    if made.is_running():
        assert made.stop(signal.SIGTERM) == 0, made.said


@pytest.fixture
def served(installation: Served) -> Served:
    """The installation, running, whatever the test before has done to it."""
    if not installation.is_running():
        installation.start().wait()
    assert eventually(installation.is_ready, seconds=60), installation.said
    return installation


@pytest.fixture
def refused(place: Path) -> Callable[..., tuple[int, str]]:
    """Starts Buoy where it cannot start, and gives exit code and what it said."""

    def start(data: Path | None = None, **environment: str) -> tuple[int, str]:
        other = Served(data or place / f"other-{time.monotonic_ns()}", free_port(), environment).start()
        assert other.process
        return other.process.wait(START_SECONDS), other.said

    return start
