"""One program that the supervisor keeps running.

It is started again whenever it ends, whatever its exit code: a worker whose database went away ends with 0. The first
time at once, then after a pause that doubles for as long as the program does not stay up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from buoy.core.postgres.children import die_with_parent

STAYED_UP_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Program:
    """A command, its process, and when to start it again. `say` is told of every end that was not asked for."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    on_death: signal.Signals
    """The signal that it gets when the supervisor dies."""
    inherit: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    failures: int = field(default=0, init=False)
    """How often in a row it has ended without having stayed up."""
    _started_at: float = field(default=0.0, init=False)
    _next_start_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start it, in a process group of its own: Ctrl-C on a terminal goes to the supervisor alone."""
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self.inherit,
            process_group=0,
            preexec_fn=die_with_parent(self.on_death),
        )

    def keep_up(self) -> None:
        """Called again and again: start it again when it has ended and its pause is over."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self._note_end(code, now)
        if now >= self._next_start_at:
            self.start()

    def end(self, how: signal.Signals) -> None:
        """Send the signal to it and to the processes it has started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, how)

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def _note_end(self, code: int, now: float) -> None:
        # What it has started may still run, and would answer beside its successor.
        self.end(signal.SIGKILL)
        self.process = None
        self.failures = 1 if now - self._started_at > STAYED_UP_SECONDS else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(LONGEST_PAUSE_SECONDS, 0.5 * 2.0 ** (self.failures - 2))
        self._next_start_at = now + pause
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self.say(f"{self.name} ended ({how}); it is started again{f' in {pause:.0f} s' if pause >= 1 else ''}.")
