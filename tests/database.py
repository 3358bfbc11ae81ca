"""The application's tests run on a real PostgreSQL with the roles of an installation, as the application's login.

`db` (pytest-django's) rolls each test back. `committed` is for tests that need commits, more connections, or what
happens after a commit: it empties the tables afterwards.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from buoy.core import roles
from tests.engine.parity import pg

DATABASE = "buoy_tests"


@pytest.fixture(scope="session")
def postgres_host() -> Iterator[str]:
    """The folder of the server's socket; roles and database are there, tables are not."""
    with pg.server() as dsn:
        host = psycopg.conninfo.conninfo_to_dict(dsn)["host"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in roles.create_roles() + roles.create_database(DATABASE):
                connection.execute(statement)
        with psycopg.connect(f"host={host} user=postgres dbname={DATABASE}", autocommit=True) as connection:
            for statement in roles.prepare_database(DATABASE):
                connection.execute(statement)
        yield str(host)


@pytest.fixture(scope="session")
def django_db_setup(postgres_host: str, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: our server, migrated by its owner."""
    for alias in ("default", "owner"):
        connections[alias].settings_dict.update(HOST=postgres_host, NAME=DATABASE)
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        connections["owner"].close()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any, postgres_host: str) -> Iterator[None]:
    """A database in which transactions are real; every table is emptied afterwards, but those that migrations fill."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
    with psycopg.connect(f"host={postgres_host} user=postgres dbname={DATABASE}", autocommit=True) as connection:
        kept = ("django_migrations", "django_content_type")
        tables = connection.execute(
            "select string_agg(format('%%I', tablename), ', ') from pg_tables"
            " where schemaname = 'public' and tablename <> all(%s)",
            [list(kept)],
        ).fetchone()
        assert tables
        # The triggers of the audit trail refuse this to everybody.
        connection.execute("set session_replication_role = replica")
        connection.execute(f"truncate {tables[0]} restart identity cascade")
