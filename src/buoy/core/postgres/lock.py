"""Locks between processes that end with the process that holds them, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Lock:
    """A lock on a file. One process can hold it exclusively, or several can share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Take it if it can be had now. The file names an exclusive holder, for messages to those who wait."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        if not shared:
            os.ftruncate(fd, 0)
            os.write(fd, str(os.getpid()).encode())
        self.release()
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go of it; nothing happens when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    @property
    def holder(self) -> str:
        """The process that holds it exclusively, as its number."""
        return self.path.read_text() or "unknown"
