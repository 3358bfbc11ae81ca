"""An installation with something in it, made once, and its backup."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from buoy.core.postgres.cluster import Cluster
from tests.buoy.cli.conftest import environment_of

Run = Callable[..., "subprocess.CompletedProcess[str]"]
FILES = {"2026/11/a1": b"", "2026/11/b2": bytes(range(256)) * 5000, "c3": "Łódź أحمد".encode()}


def run(data: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    """`buoy` in a process of its own, on an installation."""
    command = [sys.executable, "-m", "buoy", *map(str, words)]
    return subprocess.run(command, env=environment_of(data), capture_output=True, text=True, check=False)


def contents(data: Path) -> dict[str, tuple[object, ...]]:
    """Of each table: a digest of its rows, its rights, its policies."""
    found = {}
    with Cluster(data / "postgres").running() as cluster, connect(cluster) as connection:
        tables = connection.execute(
            "select c.relname, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity,"
            " (select array_agg(polname || pg_get_expr(polqual, polrelid) order by polname) from pg_policy"
            "   where polrelid = c.oid)"
            " from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        for name, *rest in tables:
            rows = connection.execute(f"select md5(string_agg(t::text, '|' order by t::text)) from {name} t").fetchone()
            assert rows
            found[name] = (rows[0], *rest)
    return found


def connect(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.dsn(user="postgres", database="buoy"), autocommit=True)


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder with a short path that every account can reach."""
    root = Path(tempfile.mkdtemp(prefix="buoy-backup-"))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def full(place: Path) -> Path:
    """The data folder of an installation with rows and files."""
    data = place / "full"
    made = run(data, "migrate")
    assert made.returncode == 0, made.stderr
    with Cluster(data / "postgres").running() as cluster, connect(cluster) as connection:
        connection.execute(
            "insert into django_session select 'key' || n, 'Łódź أحمد ' || n, now() from generate_series(1, 1000) n"
        )
        connection.execute(
            "insert into partners_partner (id, name, country, language, is_active, created_at)"
            " select gen_random_uuid(), 'Partner ' || n, 'PL', 'pl', true, now() from generate_series(1, 50) n"
        )
    for key, content in FILES.items():
        path = data / "files" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (data / "audit-anchors").write_text('{"at": "2026-11-25T03:00:00+00:00", "hash": "00", "number": 0}\n')
    (data / "secret-key").write_text("a secret that signs")
    return data


@pytest.fixture(scope="session")
def saved(full: Path, place: Path) -> Path:
    """A backup of that installation."""
    path = place / "saved.buoy-backup"
    done = run(full, "backup", path)
    assert done.returncode == 0, done.stderr
    return path
