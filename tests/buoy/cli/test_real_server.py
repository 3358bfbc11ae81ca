"""An installation on a PostgreSQL that somebody else runs: over the network, with passwords, prepared by its administrator.

Everything that the production guide tells to do is done here.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from buoy.cli.migrate import roles_sql
from buoy.core import roles
from buoy.core.postgres.account import account_for, reachable
from buoy.core.postgres.binaries import find
from buoy.core.postgres.children import start_child
from tests.buoy.cli.conftest import environment_of
from tests.buoy.cli.serve.conftest import Served, free_port
from tests.buoy.core.postgres.conftest import eventually


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server; the password of every login is its name."""

    port: int
    root: Path

    def url(self, login: str, database: str = "buoy") -> str:
        return f"postgresql://{login}:{login}@127.0.0.1:{self.port}/{database}"

    def environment(self, *logins: str, data: str = "data", database: str = "buoy") -> dict[str, str]:
        """Settings with the addresses for some logins only."""
        names = {"app": "DATABASE_URL", "owner": "BUOY_DATABASE_OWNER_URL", "backup": "BUOY_DATABASE_BACKUP_URL"}
        urls = {names[login]: self.url(f"buoy_{login}", database) for login in logins}
        return environment_of(self.root / data, **urls)

    def buoy(self, *words: object, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "buoy", *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose administrator has run what `buoy doctor --roles-sql` prints."""
    root = Path(tempfile.mkdtemp(prefix="buoy-real-"))
    root.chmod(0o755)
    account = account_for(root / "pg")
    (root / "run").mkdir()
    account.give(root / "run", 0o700)
    binaries = reachable(find(), account, root)
    (root / "password").write_text("postgres")
    (root / "password").chmod(0o644)
    data, port, log = root / "run/pg", free_port(), (root / "log").open("wb")
    make: list[str | Path] = [binaries.program("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256"]
    make += [f"--pwfile={root / 'password'}", "-E", "UTF8", "--locale=C", "--no-sync"]
    assert start_child(make, log=log, cwd=root, account=account, on_death=signal.SIGKILL).wait() == 0
    run: list[str | Path] = [
        binaries.program("postgres"),
        "-D",
        data,
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
    ]
    run += ["-k", root / "run", "-c", "max_connections=50"]
    process = start_child(run, log=log, cwd=root, account=account, on_death=signal.SIGINT)
    made = Server(port, root)
    superuser = made.url("postgres", "postgres")
    psql: list[str | Path] = [binaries.program("psql"), "-v", "ON_ERROR_STOP=1", "-q", superuser]
    assert eventually(
        lambda: subprocess.run([*psql, "-c", "select 1"], capture_output=True, check=False).returncode == 0
    )
    subprocess.run(psql, input=roles_sql(), text=True, check=True)
    with psycopg.connect(superuser, autocommit=True) as connection:
        for login in roles.LOGINS:
            connection.execute(f"alter role {login} password '{login}'")
    yield made
    process.send_signal(signal.SIGINT)
    process.wait(30)
    log.close()
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def migrated(server: Server) -> Server:
    """The server with the tables of an installation."""
    done = server.buoy("migrate", environment=server.environment("app", "owner"))
    assert done.returncode == 0, done.stderr
    return server


def test_migrating_needs_the_owners_login_and_says_so(server: Server) -> None:
    done = server.buoy("migrate", environment=server.environment("app"))
    assert done.returncode == 3
    assert "Set BUOY_DATABASE_OWNER_URL" in done.stderr


def test_a_second_migration_has_nothing_to_do(migrated: Server) -> None:
    done = migrated.buoy("migrate", "--json", environment=migrated.environment("app", "owner"))
    assert json.loads(done.stdout) == {"applied": []}


def test_buoy_serves_from_it_behind_a_proxy_with_the_applications_login_alone(migrated: Server) -> None:
    proxied = {"BUOY_URL": "https://partners.example.org", "BUOY_TRUSTED_PROXIES": "1"}
    settings = {"DATABASE_URL": migrated.url("buoy_app"), "BUOY_ALLOWED_HOSTS": "example.org", **proxied}
    served = Served(migrated.root / "served", free_port(), settings).start().wait()
    assert served.is_ready()
    assert "Buoy runs at https://partners.example.org" in served.said
    assert not (served.data / "postgres").exists()
    assert served.stop() == 0


def test_the_doctor_finds_nothing_wrong(migrated: Server) -> None:
    done = migrated.buoy("doctor", "--json", environment=migrated.environment("app"))
    assert done.returncode == 0, done.stdout
    assert "wrong" not in {finding["state"] for finding in json.loads(done.stdout)}


def test_a_wrong_password_is_named_and_not_told(migrated: Server) -> None:
    settings = {"DATABASE_URL": migrated.url("buoy_app").replace(":buoy_app@", ":mistyped@")}
    done = migrated.buoy("doctor", environment=environment_of(migrated.root / "data", **settings))
    assert done.returncode == 1
    assert "authentication failed" in " ".join(done.stdout.split())
    assert "mistyped" not in done.stdout + done.stderr


def test_a_database_without_tables_is_not_served(server: Server) -> None:
    make_database(server, "without_tables")
    settings = {"DATABASE_URL": server.url("buoy_app", "without_tables")}
    served = Served(server.root / "without", free_port(), settings).start()
    assert served.process
    assert served.process.wait(60) == 3
    assert "migrations are missing" in served.said


def test_it_is_saved_and_restored_into_an_empty_database(migrated: Server) -> None:
    with psycopg.connect(migrated.url("buoy_app"), autocommit=True) as connection:
        connection.execute("insert into django_session values ('kept', 'Łódź', now()) on conflict do nothing")
    path = migrated.root / "saved.buoy-backup"
    done = migrated.buoy("backup", path, environment=migrated.environment("app", "backup"))
    assert done.returncode == 0, done.stderr
    make_database(migrated, "restored")
    environment = migrated.environment("app", "owner", "backup", data="restored", database="restored")
    done = migrated.buoy("restore", path, environment=environment)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(migrated.url("buoy_app", "restored")) as connection:
        assert connection.execute("select session_data from django_session").fetchall() == [("Łódź",)]


def make_database(server: Server, name: str) -> None:
    """One more database on the server, prepared as the first one was."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for statement in roles.create_database(name):
            connection.execute(statement)
    with psycopg.connect(server.url("postgres", name), autocommit=True) as connection:
        for statement in roles.prepare_database(name):
            connection.execute(statement)
