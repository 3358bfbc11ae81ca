"""`buoy conformance`: does another engine give the same cents?"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.cases import case_files, judge_all, print_verdicts
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.backend import Backend

GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "engine" / "golden"


class Engine(StrEnum):
    """The engines that there is a backend for."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    SPARK = "spark"


def conformance(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of worked cases.")] = GOLDEN,
    engine: Annotated[Engine, typer.Option("--engine", help="The engine to try.")] = Engine.DUCKDB,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Where it is: a PostgreSQL connection string (or BUOY_DSN), or a Spark master."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Run the worked cases on an execution engine. Only engines that pass all of them are called supported."""
    verdicts = judge_all(case_files([folder]), backend_of(engine, at))
    print_verdicts(verdicts, as_json=as_json)
    raise typer.Exit(screen.FINE if all(verdict.passed for verdict in verdicts) else screen.FAILED)


def backend_of(engine: Engine, at: str | None) -> Callable[[], Backend]:
    """Makes one backend per case. Stops when the engine is not there."""
    match engine:
        case Engine.DUCKDB:
            return lambda: DuckDb(threads=1)
        case Engine.POSTGRES:
            return _postgres(at or os.environ.get("BUOY_DSN"))
        case Engine.SPARK:
            return _spark(at or "local[2]")


def _postgres(dsn: str | None) -> Callable[[], Backend]:
    if dsn is None:
        screen.stop("found no PostgreSQL to try; expected a connection string; give it with --at or in BUOY_DSN")
    try:
        from buoy_engine.backends.postgres import Postgres
    except ImportError as error:
        screen.stop(f"found no package {error.name}; expected it for PostgreSQL; install psycopg")
    return lambda: Postgres(dsn)


def _spark(master: str) -> Callable[[], Backend]:
    try:
        from buoy_engine.backends.spark import Spark
    except ImportError as error:
        screen.stop(f"found no package {error.name}; expected it for Spark; install buoy[spark]")
    return lambda: Spark(master)
