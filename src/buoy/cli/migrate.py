"""`buoy migrate`: roles, database and tables as this version of Buoy needs them."""

from __future__ import annotations

import os
from typing import Annotated

import psycopg
import typer
from psycopg import sql

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.database import NAME, Database, Login, opened
from buoy.core import roles

_ONE_AT_A_TIME = 0x62756F79
"""The number of the lock in the database that lets two machines with one database migrate one after the other."""


def migrate(
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Bring the database to this version of Buoy. Changes nothing when it is there already.

    On our own server the roles and the database are made too. A real server needs BUOY_DATABASE_OWNER_URL.
    """
    with opened(configured(), make=True) as database:
        applied = bring_up_to_date(database)
    if as_json:
        screen.as_json({"applied": applied})
    else:
        screen.say(f"Applied {len(applied)} migrations: {', '.join(applied)}" if applied else "Nothing to do.")


def bring_up_to_date(database: Database) -> list[str]:
    """Roles, database, tables, static files; returns the names of the migrations that were applied."""
    if database.embedded is not None:
        make_database(database.embedded)
    with database.connect(Login.OWNER) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        return _migrate_tables()


def roles_sql(name: str = NAME) -> str:
    """What the administrator of a real server runs once, as a script for psql."""
    inside = [f'\\connect "{name}"', *roles.prepare_database(name)]
    statements = [*roles.create_roles(), *roles.create_database(name), *inside]
    lines = [statement.strip() if statement.startswith("\\") else f"{statement.strip()};" for statement in statements]
    passwords = [f"--   \\password {login}" for login in roles.LOGINS]
    return "\n".join(
        [
            "-- Roles and database of Buoy. Run this once, with psql, as a superuser.",
            *lines,
            "-- Then give each login a password:",
            *passwords,
        ]
    )


def make_database(superuser: str) -> None:
    """Roles and an empty database on our own server, as far as they are missing."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        for statement in roles.create_roles():
            connection.execute(sql.SQL(statement))
        if connection.execute("select from pg_database where datname = %s", [NAME]).fetchone() is None:
            for statement in roles.create_database(NAME):
                connection.execute(sql.SQL(statement))
    with psycopg.connect(superuser, dbname=NAME, autocommit=True) as connection:
        for statement in roles.prepare_database(NAME):
            connection.execute(sql.SQL(statement))


def missing_migrations(alias: str) -> list[str]:
    """Migrations that the database behind one of Django's names has not had yet, in their order."""
    start_django()
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    connection = connections[alias]
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _migrate_tables() -> list[str]:
    from django.core.management import call_command
    from django.db import connections

    missing = missing_migrations("owner")
    if missing:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections["owner"].close()
    return missing


def start_django() -> None:
    """Make models and settings usable; every command that needs them begins with it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buoy.config.settings")
    django.setup()
