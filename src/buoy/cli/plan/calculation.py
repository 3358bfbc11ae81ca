"""From a plan and a folder of facts to a result, with a sign of life for whoever is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.plan import Program
from buoy_engine.compile.scope import Misuse
from buoy_engine.facts.tables import FactError, Facts, Table
from buoy_engine.kernel.ir import Stage
from buoy_engine.kernel.periods import CalendarIncomplete, CalendarRuleInvalid
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, Wanted, calculate
from buoy_engine.run.cases import refusal
from buoy_engine.run.report import problems_of
from buoy_engine.spec.model import Plan
from buoy_engine.spec.source import Source


class WatchedDuckDb(DuckDb):
    """DuckDB that says what it is doing."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say = say

    def run(self, stage: Stage, text: str) -> None:
        """Says the stage's name, then runs it."""
        self.say(stage.name)
        super().run(stage, text)


@dataclass(frozen=True)
class Calculated:
    """A plan, its facts and what they came to."""

    plan: Plan
    source: Source
    facts: Facts
    result: Result
    problems: list[Problem]


@contextmanager
def calculated(
    file: Path, folder: Path, *, examples: bool = False, wanted: Wanted | None = None
) -> Iterator[Calculated]:
    """The plan of a file over the facts of a folder. Ends the command when either is refused.

    `wanted`: the relations that will be read (see `calculate`).
    """
    plan, source, problems = inputs.sound_plan(file, examples=examples)
    with (
        inputs.facts_in(folder, plan) as (facts, said),
        result_of(plan, facts, f"calculating {plan.plan}", where=str(file), wanted=wanted) as result,
    ):
        found = problems_of(result, [*problems, *said])
        inputs.refuse_blocking(found)
        yield Calculated(plan, source, facts, result, found)


@contextmanager
def result_of(
    plan: Plan, facts: Facts, what: str, *, where: str, backend: Backend | None = None, wanted: Wanted | None = None
) -> Iterator[Result]:
    """One calculation. What the engine refuses ends the command with its problem."""
    result: Result | None = None
    try:
        with screen.working(what) as now:
            result = calculate(plan, facts, backend or WatchedDuckDb(now), wanted=wanted)
    except (Misuse, FactError, CalendarIncomplete, CalendarRuleInvalid) as error:
        screen.warn(str(placed(refusal(error), where)))
        screen.stop("refused; nothing was calculated or written", screen.REFUSED)
    try:
        yield result
    finally:
        result.backend.close()


class PlanOnlyDuckDb(DuckDb):
    """Registers facts and answers what compiling asks of them, but runs no stage of the plan."""

    def __init__(self) -> None:
        super().__init__()
        self.compiled = False

    def register(self, table: Table) -> None:
        """The calendar is registered once the plan is compiled: what is run from then on are its stages."""
        self.compiled = self.compiled or table.name == "calendar"
        super().register(table)

    def run(self, stage: Stage, text: str) -> None:
        """Runs what prepares the facts."""
        if not self.compiled:
            super().run(stage, text)


def program_of(plan: Plan, facts: Facts, *, where: str) -> Program:
    """The stages of a plan over facts; nothing of them is calculated."""
    with result_of(plan, facts, "compiling", where=where, backend=PlanOnlyDuckDb()) as result:
        return result.program


def placed(problem: Problem, where: str) -> Problem:
    """A problem of a run with the file it concerns."""
    return replace(problem, where=where) if problem.where == "plan" else problem


def record(value: Any) -> Any:
    """A value for JSON: dataclasses as mappings, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [record(each) for each in value] if isinstance(value, list | tuple) else value
