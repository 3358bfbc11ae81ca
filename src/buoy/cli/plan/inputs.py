"""What the commands read: a plan and its facts. A command that gets past here has sound ones.

Bad input ends the command with a message: 2 when it cannot be read at all, 3 when it is refused for its problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from buoy.cli import screen
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.examples import failed_examples
from buoy_engine.run.intake import take_in
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


@contextmanager
def facts_in(folder: Path, plan: Plan) -> Iterator[tuple[Facts, list[Problem]]]:
    """The fact tables of a folder, checked, and what was found that is not blocking. Ends the command otherwise.

    They live as long as the context: text files are converted into a temporary folder.
    """
    with TemporaryDirectory(prefix="buoy-") as scratch:
        checking = DuckDb()
        try:
            with screen.working("reading facts"):
                intake = take_in(folder, Path(scratch), checking, plan)
        finally:
            checking.close()
        if any(problem.code in UNREADABLE for problem in intake.problems):
            for problem in intake.problems:
                screen.warn(str(problem))
            screen.stop(f"no facts were read from {folder}")
        refuse_blocking(intake.problems)
        yield intake.facts, intake.problems


UNREADABLE = frozenset({"facts-missing"})
"""Problems that mean that there is nothing to look at, rather than something wrong in it."""


def files_in(folder: Path) -> dict[str, Path]:
    """The files of a folder of facts, by their place in it."""
    if folder.is_file():
        return {folder.name: folder}
    found = (file for file in folder.rglob("*") if file.suffix.lower() in (".parquet", ".csv") and file.is_file())
    return {str(file.relative_to(folder)): file for file in found}
