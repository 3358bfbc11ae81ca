"""Which account the server runs as, and what that account can reach.

PostgreSQL refuses to run as root. Started by root it runs as the owner of the data when there is data, else as
`postgres`, else as `nobody`; rights of folders above ours are never changed, so what such an account cannot reach is
copied (programs) or refused (data).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from buoy.core.postgres.binaries import Binaries
from buoy.core.postgres.failures import FolderRefused, NoAccount


class RunAs(TypedDict, total=False):
    """Arguments of `subprocess` that change the account of a child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The account of the server."""

    name: str
    uid: int
    gid: int
    is_ours: bool
    """Whether it is the account of this process, so that nothing has to be changed."""

    @property
    def run_as(self) -> RunAs:
        """How to start a program of the server."""
        return {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path, mode: int) -> None:
        """Make a file or folder the account's own."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def can(self, what: str, path: Path) -> bool:
        """Whether the account may read (`r`), write (`w`) or enter and run (`x`) a path."""
        if self.is_ours:
            return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[what])
        return subprocess.run(["test", f"-{what}", path], check=False, **self.run_as).returncode == 0


def account_for(data: Path) -> Account:
    """The account for a server whose data is, or will be, in this folder. Raises NoAccount or FolderRefused."""
    me = os.geteuid()
    owner = data.stat().st_uid if data.exists() else me
    if me != 0:
        if owner != me:
            raise FolderRefused(
                f"{data} belongs to {_name(owner)}, and this is {_name(me)}. Start Buoy as {_name(owner)} (or as root)."
            )
        return _account(_entry(me), is_ours=True)
    if owner != 0:
        return _account(_entry(owner), is_ours=False)
    for name in ("postgres", "nobody"):
        try:
            return _account(pwd.getpwnam(name), is_ours=False)
        except KeyError:
            continue
    raise NoAccount(
        "PostgreSQL refuses to run as root, and there is neither an account `postgres` nor `nobody` for it. Create one "
        "(useradd --system postgres), or start Buoy as an ordinary user."
    )


def reachable(binaries: Binaries, account: Account, root: Path) -> Binaries:
    """The programs themselves, or a copy below `root` when the account cannot reach them. Raises FolderRefused."""
    if account.can("x", binaries.program("postgres")):
        return binaries
    if binaries.package is None:
        raise FolderRefused(
            f"The account {account.name}, which PostgreSQL runs as, cannot reach its programs in {binaries.folder}. "
            "Name a folder outside of private ones with BUOY_PG_BIN."
        )
    installed = binaries.folder.parent
    stamp = binaries.program("postgres").stat()
    copies = root / "binaries"
    copy = copies / f"{stamp.st_size}-{stamp.st_mtime_ns}"
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        unfinished = copies / "unfinished"
        shutil.copytree(installed, unfinished / binaries.package.name / installed.name, symlinks=True)
        # The programs look for their libraries in a folder beside the package.
        bundled = binaries.package.with_name(f"{binaries.package.name}.libs")
        if bundled.exists():
            shutil.copytree(bundled, unfinished / bundled.name)
        copies.chmod(0o755)
        unfinished.rename(copy)
    return Binaries(copy / binaries.package.name / installed.name / "bin", binaries.major, binaries.package)


def _account(entry: pwd.struct_passwd, *, is_ours: bool) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_ours)


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise NoAccount(
            f"The account with number {uid} has no name in /etc/passwd, and PostgreSQL does not start without one. Add "
            "it there, or name a running server with DATABASE_URL."
        ) from None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the account with number {uid}"
