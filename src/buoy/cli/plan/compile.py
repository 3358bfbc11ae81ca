"""`buoy plan compile`: the SQL that a plan becomes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import program_of
from buoy_engine.compile.dialects import DIALECTS
from buoy_engine.compile.lower import to_sql
from buoy_engine.kernel.ir import Stage

Dialect = StrEnum("Dialect", {name.upper(): name for name in DIALECTS})  # type: ignore[misc]
OURS = Dialect("duckdb")


def compile_command(
    file: inputs.PlanFile,
    facts: inputs.FactsFolder,
    dialect: Annotated[Dialect, typer.Option("--dialect", help="Whose SQL.")] = OURS,
    stage: Annotated[str | None, typer.Option("--stage", metavar="NAME", help="One stage; default: all.")] = None,
    as_json: inputs.AsJson = False,
) -> None:
    """Print every stage of the calculation: its name, its grain and its SQL, in the order in which they run.

    Nothing is calculated. Dialects without a conformance run are marked unverified: read them, do not pay by them.
    """
    plan, _, _ = inputs.sound_plan(file)
    with inputs.facts_in(facts, plan) as (read, _):
        stages = program_of(plan, read, where=str(file)).stages
    chosen = [each for each in stages if stage in (None, each.name)]
    if not chosen:
        screen.stop(f"found no stage {stage}; expected one of {', '.join(each.name for each in stages)}")
    verified = DIALECTS[dialect].verified
    if as_json:
        said = [{"stage": s.name, "grain": s.grain, "kept": s.keep, "sql": _sql(s, dialect)} for s in chosen]
        screen.as_json({"dialect": str(dialect), "verified": verified, "stages": said})
        return
    mark = "" if verified else " (unverified: no conformance run exists for this dialect)"
    screen.say(f"-- {plan.plan}, {len(chosen)} stages, {dialect}{mark}")
    for each in chosen:
        _print(each, dialect)


def _sql(stage: Stage, dialect: str) -> str:
    return to_sql(stage, dialect, pretty=True)


def _print(stage: Stage, dialect: str) -> None:
    screen.say()
    screen.say(
        f"-- {stage.name}: {stage.grain}{'' if stage.keep else ' (a view)'}{f'; {stage.notes}' if stage.notes else ''}"
    )
    screen.say(f"{_sql(stage, dialect)};")
