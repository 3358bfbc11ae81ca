"""The installation's database, as commands reach it: our own server for as long as they need it, or a real one."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import PostgresDsn

from buoy.core.configuration import Configuration
from buoy.core.postgres.binaries import OLDEST, Binaries, find
from buoy.core.postgres.failures import PostgresFailure

NAME = "buoy"
"""The database's name on our own server."""


class NoDatabase(PostgresFailure):
    """The installation's database cannot be reached by a login, or is not there."""


class Login(enum.Enum):
    """The roles that log in, with the setting that says how on a real server."""

    APP = "buoy_app", "database_url"
    OWNER = "buoy_owner", "database_owner_url"
    BACKUP = "buoy_backup", "database_backup_url"

    @property
    def role(self) -> str:
        return self.value[0]

    @property
    def setting(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Database:
    """A server that runs, and the ways into it."""

    configuration: Configuration
    binaries: Binaries
    """Programs to dump and load with."""
    embedded: str | None = None
    """How to connect to our own server as its superuser; None for a real one."""

    def conninfo(self, login: Login) -> str:
        """How to connect. Raises NoDatabase when the real server's address for this login is not set."""
        if self.embedded is not None:
            return make_conninfo(self.embedded, user=login.role, dbname=NAME)
        url: PostgresDsn | None = getattr(self.configuration, login.setting)
        if url is None:
            raise NoDatabase(
                f"found no {login.setting}; expected the database's address for the login {login.role}. "
                f"Set BUOY_{login.setting.upper()}; docs/configuration.md describes it."
            )
        return make_conninfo(str(url), connect_timeout=10)

    @contextlib.contextmanager
    def connect(self, login: Login) -> Iterator[psycopg.Connection]:
        """A connection that commits each statement. Raises NoDatabase."""
        conninfo = self.conninfo(login)
        try:
            connection = psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise NoDatabase(self._said(conninfo, error)) from error
        with connection:
            if self.embedded is None:
                _refuse_old(connection)
            yield connection

    def environment(self, login: Login) -> dict[str, str]:
        """Variables by which PostgreSQL's programs connect; a password on their command line would be seen by all."""
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE", "password": "PGPASSWORD"}
        names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
        parts = conninfo_to_dict(self.conninfo(login))
        return {variable: str(parts[name]) for name, variable in names.items() if name in parts}

    def _said(self, conninfo: str, error: psycopg.OperationalError) -> str:
        parts = conninfo_to_dict(conninfo)
        where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}, database {parts.get('dbname')}"
        reason = " ".join(str(error).split())
        if self.embedded is not None:
            advice = "`buoy migrate` makes what is missing; so does `buoy serve`."
        elif "does not exist" in reason or "authentication failed" in reason:
            advice = "`buoy doctor --roles-sql` prints what the database's administrator has to run once."
        else:
            advice = "Is it running, and does its firewall let this machine in?"
        return f"cannot reach the database at {where} as {parts.get('user')}: {reason}\n{advice}"


@contextlib.contextmanager
def opened(configuration: Configuration, *, make: bool = False) -> Iterator[Database]:
    """The database, for as long as the context lasts; our own server is made when there is none and `make` says so.

    Raises PostgresFailure.
    """
    if configuration.database_url is not None:
        yield Database(configuration, find(configuration.pg_bin))
        return
    # Imported here, since it needs what Windows does not have.
    from buoy.core.postgres.cluster import Cluster

    cluster = Cluster(configuration.data / "postgres", binaries=configuration.pg_bin)
    if not make and not cluster.root.exists():
        raise NoDatabase(
            f"there is no installation in {configuration.data}. `buoy serve` makes one; BUOY_DATA names another folder."
        )
    with cluster.running():
        yield Database(configuration, cluster.binaries(), cluster.dsn(user="postgres", database="postgres"))


def _refuse_old(connection: psycopg.Connection) -> None:
    if connection.info.server_version < OLDEST * 10_000:
        raise NoDatabase(
            f"the database server at {connection.info.host} is PostgreSQL {connection.info.server_version // 10_000}; "
            f"Buoy needs {OLDEST} or newer"
        )
