"""The server process as other processes see it: by the file `postmaster.pid` in its data folder.

PostgreSQL writes into that file its process number, its socket's folder and whether it is ready. After a crash the file
stays; when the number in it has been given to another process meanwhile (common in containers, where numbers are small),
PostgreSQL would refuse to start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PORT = 5432
"""Part of the socket's name; nothing listens on it."""


@dataclass(frozen=True)
class Postmaster:
    """A live server process of one data folder."""

    pid: int
    sockets: Path
    status: str

    def is_ready(self) -> bool:
        """Whether it takes connections now."""
        if self.status != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True


def postmaster_of(data: Path) -> Postmaster | None:
    """The server of a data folder, or None when none lives."""
    lines = _lines(data)
    if not lines or not lines[0].isdigit() or not _serves(int(lines[0]), data):
        return None
    return Postmaster(
        pid=int(lines[0]),
        sockets=Path(lines[4]) if len(lines) > 4 else data,
        status=lines[7].strip() if len(lines) > 7 else "starting",
    )


def disown_reused_number(data: Path) -> None:
    """Keep PostgreSQL from taking a foreign process for its predecessor.

    The number in a file that was left over is replaced by our own, which PostgreSQL knows for its parent and does not
    mind. The rest of the file stays: by it PostgreSQL still finds out whether processes of the predecessor live.
    """
    lines = _lines(data)
    if lines and lines[0].isdigit() and _is_alive(int(lines[0])) and not _serves(int(lines[0]), data):
        # Written in place, not replaced, so that the file keeps its owner.
        (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]))


def end(data: Path, *, seconds: float) -> bool:
    """Stop the server of a data folder, whoever started it: sessions are ended, then it is killed when it takes too long.

    Returns whether it has ended.
    """
    for how, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 10.0)):
        until = time.monotonic() + patience
        sent_to = None
        while (server := postmaster_of(data)) is not None:
            if server.pid != sent_to:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(server.pid, how)
                sent_to = server.pid
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        else:
            return True
    return False


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # It lives, as another account's.
    return True


def _serves(pid: int, data: Path) -> bool:
    """Whether a process is the server of this folder, by the words that it was started with.

    Its working folder would say the same, and root in a container may not look at that.
    """
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return words[0].endswith("postgres") and str(data) in words
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "postgres" in asked.stdout and str(data) in asked.stdout
