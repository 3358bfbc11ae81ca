"""The installation's database, as commands reach it: our own server for as long as they need it, or a real one."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import PostgresDsn

from buoy.cli import screen
from buoy.core.configuration import Configuration
from buoy.core.postgres.binaries import OLDEST, Binaries, find

NAME = "buoy"
"""The database's name on our own server."""
ROLES_ADVICE = "`buoy doctor --roles-sql` prints what the database's administrator has to run once"


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
        """How to connect. Ends the command when the real server's address for this login is not set."""
        if self.embedded is not None:
            return make_conninfo(self.embedded, user=login.role, dbname=NAME)
        url: PostgresDsn | None = getattr(self.configuration, login.setting)
        if url is None:
            screen.stop(
                f"found no {login.setting}; expected the database's address for the login {login.role}. "
                f"Set BUOY_{login.setting.upper()}; docs/configuration.md describes it.",
                screen.REFUSED,
            )
        return make_conninfo(str(url), connect_timeout=10)

    @contextlib.contextmanager
    def connect(self, login: Login) -> Iterator[psycopg.Connection]:
        """A connection that commits each statement. Ends the command with the reason when there is none."""
        conninfo = self.conninfo(login)
        try:
            connection = psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            screen.stop(_cannot_connect(conninfo, error), screen.REFUSED)
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


@contextlib.contextmanager
def opened(configuration: Configuration) -> Iterator[Database]:
    """The database, for as long as the context lasts. Raises PostgresFailure."""
    if configuration.database_url is not None:
        yield Database(configuration, find(configuration.pg_bin))
        return
    # Imported here, since it needs what Windows does not have.
    from buoy.core.postgres.cluster import Cluster

    cluster = Cluster(configuration.data / "postgres", binaries=configuration.pg_bin)
    with cluster.running():
        yield Database(configuration, cluster.binaries(), cluster.dsn(user="postgres", database="postgres"))


def _refuse_old(connection: psycopg.Connection) -> None:
    if connection.info.server_version < OLDEST * 10_000:
        screen.stop(
            f"the database server at {connection.info.host} is PostgreSQL {connection.info.server_version // 10_000}; "
            f"Buoy needs {OLDEST} or newer",
            screen.REFUSED,
        )


def _cannot_connect(conninfo: str, error: psycopg.OperationalError) -> str:
    parts = conninfo_to_dict(conninfo)
    where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}, database {parts.get('dbname')}"
    reason = " ".join(str(error).split())
    advice = "Is it running, and does its firewall let this machine in?"
    if "does not exist" in reason or "authentication failed" in reason:
        advice = f"{ROLES_ADVICE[0].upper()}{ROLES_ADVICE[1:]}."
    return f"cannot reach the database at {where} as {parts.get('user')}: {reason}\n{advice}"
