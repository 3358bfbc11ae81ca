"""`buoy plan check`: is it a sound plan?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.boundaries import Boundary
from buoy_engine.run.boundaries import boundaries as boundaries_of
from buoy_engine.run.examples import example_count, failed_examples
from buoy_engine.spec.source import Source


def check(
    file: inputs.PlanFile,
    boundaries: Annotated[bool, typer.Option("--boundaries", help="Show what scales pay around every edge.")] = False,
    as_json: inputs.AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
) -> None:
    """Check a plan: its form, its meaning, what is dangerous about it, and the examples inside it.

    Exit code 0 when nothing stands in its way (warnings may be printed), 1 when it must be repaired, 2 when the file is
    not even YAML.
    """
    plan, source, problems = inputs.read_plan(file)
    examples = example_count(source)
    edges: list[Boundary] = []
    if plan is not None and not any(problem.is_blocking for problem in problems):
        with screen.working("running the examples"):
            problems += failed_examples(source, inputs.small_backend)
            edges = boundaries_of(plan, inputs.small_backend) if boundaries else []
    failed = any(problem.is_blocking or strict for problem in problems)
    if as_json:
        said = {"sound": not failed, "examples": examples, "problems": [record(p) for p in problems]}
        screen.as_json({**said, "boundaries": [asdict(edge) for edge in edges]} if boundaries else said)
    else:
        _print_boundaries(edges)
        _print(source, problems, examples)
    raise typer.Exit(screen.FAILED if failed else screen.FINE)


def _print(source: Source, problems: list[Problem], examples: int) -> None:
    for problem in problems:
        screen.say(f"{problem}" if problem.is_blocking else f"{problem} ({problem.severity})")
    blocking = sum(problem.is_blocking for problem in problems)
    found = f"{blocking} blocking, {len(problems) - blocking} other problems" if problems else "no problems"
    screen.say(f"{source.name}: {found}; {examples} example{'s' if examples != 1 else ''} in the plan")


def _print_boundaries(edges: list[Boundary]) -> None:
    if edges:
        rows = [(e.component, f"{e.measure:,f}", f"{e.base:,f}", e.band, screen.money(e.earned)) for e in edges]
        columns = ("component", "measure", "base", "band", "pays")
        screen.table("Around the edges of the scales", columns, rows, right=columns[1:])


def record(problem: Problem) -> dict[str, Any]:
    """A problem for a program."""
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "where": problem.where,
        "line": problem.line,
        "column": problem.column,
        "found": problem.found,
        "expected": problem.expected,
        "do": problem.fix,
        "rows": list(problem.rows),
    }
