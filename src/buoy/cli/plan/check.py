"""`buoy plan check`: is it a sound plan?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.examples import example_count, failed_examples
from buoy_engine.spec.source import Source


def check(
    file: inputs.PlanFile,
    as_json: inputs.AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
) -> None:
    """Check a plan: its form, its meaning, what is dangerous about it, and the examples inside it.

    Exit code 0 when nothing stands in its way (warnings may be printed), 1 when it must be repaired, 2 when the file is
    not even YAML.
    """
    plan, source, problems = inputs.read_plan(file)
    examples = example_count(source)
    if plan is not None and not any(problem.is_blocking for problem in problems):
        with screen.working("running the examples"):
            problems += failed_examples(source, inputs.small_backend)
    failed = any(problem.is_blocking or strict for problem in problems)
    if as_json:
        screen.as_json({"sound": not failed, "examples": examples, "problems": [record(p) for p in problems]})
    else:
        _print(source, problems, examples)
    raise typer.Exit(screen.FAILED if failed else screen.FINE)


def _print(source: Source, problems: list[Problem], examples: int) -> None:
    for problem in problems:
        screen.say(f"{problem}" if problem.is_blocking else f"{problem} ({problem.severity})")
    blocking = sum(problem.is_blocking for problem in problems)
    found = f"{blocking} blocking, {len(problems) - blocking} other problems" if problems else "no problems"
    screen.say(f"{source.name}: {found}; {examples} example{'s' if examples != 1 else ''} in the plan")


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
