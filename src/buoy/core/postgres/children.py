"""Starting the server so that it outlives neither us nor our wish."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from buoy.core.postgres.account import Account

_SET_PARENT_DEATH_SIGNAL = 1


def start_child(
    command: Sequence[str | Path], *, log: IO[bytes], cwd: Path, account: Account, on_death: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a server program in a process group of its own: Ctrl-C on a terminal comes to us, who stop it in order.

    `on_death` is the signal that it gets when we die.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        process_group=0,
        preexec_fn=die_with_parent(on_death),
        **account.run_as,
    )


def die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes another program: ask Linux for a signal when its parent ends, however that is.

    None on other systems, which have no such thing: what is left running there is ended by the next start.
    """
    if sys.platform != "linux":
        return None
    # Loaded here, since a child of a process with threads must not wait for the loader's locks.
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, how)
        if os.getppid() != parent:
            os._exit(1)

    return ask
