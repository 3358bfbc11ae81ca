"""The database in and out of a file, by PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from buoy.cli import screen
from buoy.cli.database import Database, Login

_MADE_BY_THE_ADMINISTRATOR = (" EXTENSION ", " SCHEMA - public ", " - SCHEMA public ")
"""Entries of a dump that stand in every prepared database already, and that the owner of the tables may not make."""


def dump(database: Database, target: Path) -> dict[str, int]:
    """Write all tables to a file, as they are at one moment; returns the number of rows of each at that moment."""
    with database.connect(Login.BACKUP) as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row
        rows = count_rows(connection)
        _run(database, Login.BACKUP, "pg_dump", "--format=custom", f"--snapshot={row[0]}", f"--file={target}")
    return rows


def load(database: Database, source: Path) -> None:
    """Fill an empty database from a file, all of it or nothing."""
    contents = _run(database, Login.OWNER, "pg_restore", "--list", str(source))
    wanted = [
        line for line in contents.splitlines() if not any(each in f"{line} " for each in _MADE_BY_THE_ADMINISTRATOR)
    ]
    chosen = source.with_suffix(".list")
    chosen.write_text("\n".join(wanted) + "\n")
    name = database.environment(Login.OWNER)["PGDATABASE"]
    words = ["--single-transaction", "--exit-on-error", "--no-owner", f"--use-list={chosen}", f"--dbname={name}"]
    _run(database, Login.OWNER, "pg_restore", *words, str(source))
    chosen.unlink()


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """The number of rows of each table, for a login that sees all of them."""
    counted = {}
    for name in tables(connection):
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone()
        assert row
        counted[name] = row[0]
    return counted


def tables(connection: psycopg.Connection) -> list[str]:
    """The names of all tables."""
    found = connection.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
    return [name for (name,) in found]


def _run(database: Database, login: Login, name: str, *words: str) -> str:
    program = database.binaries.program(name)
    if not program.is_file():
        screen.stop(f"{database.binaries.folder} has no {name}; expected PostgreSQL's programs there", screen.REFUSED)
    environment: Mapping[str, str] = {**os.environ, **database.environment(login), "LC_ALL": "C"}
    done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        screen.stop(f"{name} failed (exit code {done.returncode}): {done.stderr.strip()}", screen.FAILED)
    return done.stdout
