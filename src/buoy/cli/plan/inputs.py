"""What the commands read: a plan and its facts. A command that gets past here has sound ones.

Bad input ends the command with a message: 2 when it cannot be read at all, 3 when it is refused for its problems.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from buoy.cli import screen
from buoy_engine.backends.arrow import FloatingColumn, table_of, types_of
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts, Table
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.examples import failed_examples
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source, load

PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="The plan, a YAML file (docs/plan-language.md).")]
FactsFolder = Annotated[Path, typer.Option("--facts", metavar="DIR", help="Folder of fact tables (docs/facts.md).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def read_text(file: Path) -> str:
    """The text of a file. Stops when there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        screen.stop(
            f"found no readable file {file} ({error.strerror}); expected a plan; give the path of a *.yaml file"
        )
    except UnicodeDecodeError as error:
        screen.stop(f"{file} is not UTF-8 text (byte {error.start}); expected a plan; save it as UTF-8")


def read_source(file: Path) -> Source:
    """The YAML document. Stops when it is none."""
    source = load(read_text(file), str(file))
    if isinstance(source, Problem):
        screen.warn(str(source))
        raise typer.Exit(screen.UNREADABLE)
    return source


def read_plan(file: Path) -> tuple[Plan | None, Source, list[Problem]]:
    """The plan, unless it has not even the form of one, and everything the checks have to say about it."""
    source = read_source(file)
    plan, problems = plan_of(source.data, source)
    if plan is not None:
        problems = [*problems, *check_plan(plan, source)]
    return plan, source, problems


def sound_plan(file: Path, *, examples: bool = False) -> tuple[Plan, Source, list[Problem]]:
    """A plan without blocking problems, and what else was found. With `examples`, those must hold too."""
    plan, source, problems = read_plan(file)
    refuse_blocking(problems)
    assert plan is not None
    if examples:
        refuse_blocking(failed_examples(source, small_backend))
    return plan, source, problems


def small_backend() -> DuckDb:
    """For examples and cases: one thread is fastest on a handful of rows."""
    return DuckDb(threads=1)


def refuse_blocking(problems: Iterable[Problem]) -> None:
    """Ends the command with the blocking problems, if there are any."""
    blocking = [problem for problem in problems if problem.is_blocking]
    for problem in blocking:
        screen.warn(str(problem))
    if blocking:
        count = f"{len(blocking)} blocking problem{'s' if len(blocking) != 1 else ''}"
        screen.stop(f"refused for {count}; nothing was calculated or written", screen.REFUSED)


def read_facts(folder: Path) -> Facts:
    """The fact tables of a folder: <table>.parquet and <table>.csv. Stops when there is none."""
    if not folder.is_dir():
        screen.stop(f"found no folder {folder}; expected fact tables in Parquet or CSV; give --facts a folder")
    facts = Facts()
    for file in sorted(folder.iterdir()):
        if file.suffix in (".parquet", ".csv"):
            facts.tables[file.stem] = _table(file)
    if not facts.tables:
        screen.stop(f"found no *.parquet and no *.csv in {folder}; expected fact tables as in docs/facts.md")
    return facts


def _table(file: Path) -> Table:
    try:
        read = table_of(Table(file.stem, {}, path=str(file)))
        types = types_of(read.schema)
    except (OSError, FloatingColumn) as error:
        screen.stop(f"{file} cannot be read: {error}")
    columns = [column.to_pylist() for column in read.columns]
    return Table(file.stem, types, list(zip(*columns, strict=True)))
