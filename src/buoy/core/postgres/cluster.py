"""The life of an embedded PostgreSQL: made once, started or joined, stopped when the last user has gone.

    with Cluster(folder).running() as cluster:
        connect(cluster.dsn(user="postgres", database="postgres"))

Everything lies in one folder: `data`, `socket`, `postgres.log`, two locks, and a copy of the programs where one is
needed. Who starts the server holds `owner.lock` and is its parent; who finds it running joins it and holds `users.lock`
shared. An owner stops the server when nobody has joined it; `buoy serve`, which must be the owner, waits for short
commands that own it, and does not wait for those that have joined.

What can have happened before, and what is done:

- The machine crashed: PostgreSQL repairs its data by itself; a process number that has been reused does not stop it.
- `initdb` was interrupted: it works in another folder, which is renamed when it is complete, and thrown away here.
- The owner was killed: Linux tells the server, which ends; a new owner waits for that, or ends it (macOS).
- The socket's path is too long for the system: the socket goes to the folder for temporary files, under a name made
  from the path, which must belong to the right account.
- The shared memory of a container is small: dynamic shared memory is kept in files.

Connections come through the socket only, and PostgreSQL asks the system which account is at the other end: root, the
server's own and the one that started it may be any PostgreSQL role, others none.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from buoy.core.postgres import failures, postmaster
from buoy.core.postgres.account import Account, account_for, reachable
from buoy.core.postgres.binaries import Binaries, find
from buoy.core.postgres.children import start_child
from buoy.core.postgres.lock import Lock
from buoy.core.postgres.settings import access, ident, locale, server_settings
from buoy.core.postgres.sockets import socket_folder

START_SECONDS = 120.0
"""Enough for the recovery after a crash under load."""
STOP_SECONDS = 30.0
_BIGGEST_LOG = 10_000_000


class Cluster:
    """A PostgreSQL whose files are in one folder."""

    def __init__(
        self,
        root: Path,
        *,
        binaries: Path | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`durable=False` trades safety for speed, for data that nobody will miss. `settings` go to the server."""
        if os.name == "nt":
            raise failures.NoBinaries(
                "Buoy starts no PostgreSQL of its own on Windows. Install one and name it with DATABASE_URL."
            )
        # One spelling for all processes, since a server is known by the path that it was started with.
        self.root = root.resolve()
        self.data = self.root / "data"
        self.log = self.root / "postgres.log"
        self._configured = binaries
        self._durable = durable
        self._settings = dict(settings or {})
        self._owner = Lock(self.root / "owner.lock")
        self._users = Lock(self.root / "users.lock")
        self._process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[Cluster]:
        """The server, for as long as the context lasts."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def dsn(self, *, user: str, database: str) -> str:
        """How to connect to the running server as one of its roles."""
        folder = str(socket_folder(self.root))
        quoted = folder.replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{quoted}' port={postmaster.PORT} user={user} dbname={database}"

    def binaries(self) -> Binaries:
        """The programs that belong to this server, readable by its account. Raises PostgresFailure."""
        return reachable(find(self._configured), account_for(self.data), self.root)

    def start(self, *, as_owner: bool = False, patience: float = START_SECONDS) -> None:
        """Start the server, or join the one that another process has started.

        `as_owner` does not join: it waits until the other process has stopped its server. Raises PostgresFailure, Busy
        among them when the other process keeps it longer than `patience` seconds.
        """
        self._make_root()
        until = time.monotonic() + patience
        while not self._owner.take():
            if not as_owner and self._join():
                return
            if time.monotonic() > until:
                raise failures.Busy(
                    f"The PostgreSQL in {self.root} is held by process {self._owner.holder}, which has not "
                    f"{'let go of it' if as_owner else 'made it ready'} in {patience:.0f} seconds. Stop that process first."
                )
            time.sleep(0.05)
        try:
            self._start()
        except BaseException:
            self._owner.release()
            raise

    def is_alive(self) -> bool:
        """Whether the server that this process has started is still there. Reaps it when it is not."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Start the server again after it died, keeping it this process's own. Raises PostgresFailure."""
        self._start()

    def stop(self, *, at_once: bool = False) -> None:
        """Let go of the server, and stop it when this process has started it.

        Waits for processes that have joined it, unless told to stop `at_once`.
        """
        try:
            if self._process is None:
                return
            while not at_once and not self._users.take():
                time.sleep(0.05)
            if not postmaster.end(self.data, seconds=STOP_SECONDS):
                self._process.kill()
            self._process.wait()
        finally:
            self._process = None
            self._users.release()
            self._owner.release()

    def _join(self) -> bool:
        """Use the server of another process. Not possible while its owner is about to stop it."""
        if not self._users.take(shared=True):
            return False
        server = postmaster.postmaster_of(self.data)
        if server is not None and server.is_ready():
            return True
        self._users.release()
        return False

    def _make_root(self) -> None:
        try:
            account = account_for(self.data)
            self._make_folders(account)
            if not os.access(self.root, os.W_OK):
                raise PermissionError
            account.give(self.root, 0o700)
        except PermissionError as error:
            raise failures.FolderRefused(
                f"{self.root} cannot be written to by this account. Choose another folder with BUOY_DATA, or give it to "
                "the account that Buoy runs as."
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise failures.FolderRefused(f"{error.filename} is a file; expected a folder, for {self.root}") from error
        if not account.can("w", self.root):
            raise failures.FolderRefused(
                f"Started by root, PostgreSQL runs as the account {account.name}, which cannot reach {self.root}: a "
                "folder above it is private. Choose a folder outside of it with BUOY_DATA, such as /var/lib/buoy."
            )

    def _make_folders(self, account: Account) -> None:
        """The root, and what is missing above it; the server's account must come through whatever root's umask is."""
        for folder in reversed([self.root, *self.root.parents]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                if not account.is_ours:
                    folder.chmod(0o755)
        self.root.mkdir(exist_ok=True)

    def _start(self) -> None:
        """Make what is missing and start the server; the owner's lock is held."""
        account = account_for(self.data)
        binaries = reachable(find(self._configured), account, self.root)
        if not (self.data / "PG_VERSION").exists():
            self._make_data(binaries, account)
        self._refuse_another_version(binaries)
        if not postmaster.end(self.data, seconds=STOP_SECONDS):
            raise failures.Busy(f"A PostgreSQL that works in {self.data} does not end. Stop it, then start again.")
        postmaster.disown_reused_number(self.data)
        self._write_access(account)
        for path in (self._owner.path, self._users.path, self.log):
            path.touch()
            account.give(path, 0o600)
        until = time.monotonic() + START_SECONDS
        while (said := self._attempt(binaries, account, until)) is not None:
            # Processes of a killed predecessor end by themselves, a moment later.
            if "shared memory block" not in said or time.monotonic() > until:
                raise failures.failure_of(said, doing="Starting PostgreSQL", log=str(self.log))
            time.sleep(0.2)

    def _attempt(self, binaries: Binaries, account: Account, until: float) -> str | None:
        """Start the server once. None when it is ready, else what it said."""
        with self._open_log() as log:
            begin = log.tell()
            settings = server_settings(durable=self._durable) | self._settings
            words = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            command: list[str | Path] = [
                binaries.program("postgres"),
                "-D",
                self.data,
                "-k",
                self._make_sockets(account),
                *words,
            ]
            self._process = start_child(command, log=log, cwd=self.root, account=account, on_death=signal.SIGINT)
        while self._process.poll() is None and time.monotonic() < until:
            server = postmaster.postmaster_of(self.data)
            if server is not None and server.is_ready():
                return None
            time.sleep(0.01)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process = None
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")

    def _make_data(self, binaries: Binaries, account: Account) -> None:
        for left in self.root.glob("unfinished-*"):
            # Programs of an interrupted start may still be writing there, for a moment; what stays is taken next time.
            shutil.rmtree(left, ignore_errors=True)
        unfinished = self.root / f"unfinished-{secrets.token_hex(4)}"
        command: list[str | Path] = [binaries.program("initdb"), "-D", unfinished, "-U", "postgres", "-A", "peer"]
        command += ["-E", "UTF8", "--data-checksums", "--no-instructions", *locale(binaries.major)]
        command += [] if self._durable else ["--no-sync"]
        with tempfile.TemporaryFile() as said:
            made = start_child(command, log=said, cwd=self.root, account=account, on_death=signal.SIGKILL).wait()
            said.seek(0)
            words = said.read().decode(errors="replace")
        if made != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise failures.failure_of(words, doing=f"Creating the database in {self.root}", log="initdb")
        unfinished.rename(self.data)

    def _refuse_another_version(self, binaries: Binaries) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        if written_by != str(binaries.major):
            raise failures.WrongVersion(
                f"The data in {self.data} was written by PostgreSQL {written_by}; the programs in {binaries.folder} are of "
                f"version {binaries.major}. Start with those of version {written_by} (BUOY_PG_BIN names their folder), make "
                f"a `buoy backup`, and restore it into an empty installation with version {binaries.major}."
            )

    def _write_access(self, account: Account) -> None:
        for name, text in (("pg_hba.conf", access()), ("pg_ident.conf", ident(account))):
            path = self.data / name
            path.write_text(text)
            account.give(path, 0o600)

    def _make_sockets(self, account: Account) -> Path:
        folder = socket_folder(self.root)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account.uid):
            raise failures.FolderRefused(f"{folder} is where PostgreSQL's socket goes, and it is not ours. Remove it.")
        account.give(folder, 0o700)
        return folder

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > _BIGGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")
