"""The examples inside a plan: facts → expected earnings, run like worked cases before the plan is trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Programs
from buoy_engine.run.case_shape import shape_misses
from buoy_engine.run.cases import CASE_KEYS, REFUSALS, Rows, calculate_checked, facts_of, refusals, run_case
from buoy_engine.run.expectations import Miss, compare, compare_refused
from buoy_engine.run.outcome import Outcome, run_problems
from buoy_engine.spec.read import plan_of, problem_at
from buoy_engine.spec.source import Source

EXAMPLE_KEYS = (CASE_KEYS - {"plan"}) | {"example"}
MAY_BE_EMPTY = frozenset("partners products customers deals hierarchy targets certifications scores".split())
"""Tables that mean the same when they are empty as when they are missing."""


def example_count(source: Source) -> int:
    """How many examples the plan has."""
    return len(_examples(source))


def failed_examples(source: Source, backend: Callable[[], Backend]) -> list[Problem]:
    """One problem per expectation that the plan does not meet, at the example's place in the file."""
    examples = _examples(source)
    shapes = _shapes(examples)
    programs: Programs = {}
    found = []
    for at, example in enumerate(examples):
        for miss in _run(source, at, example, shapes, backend, programs):
            found.append(_problem(source, at, example, miss))
    return found


def _examples(source: Source) -> list[Any]:
    data = source.data
    given = data.get("examples") if isinstance(data, Mapping) else None
    return given if isinstance(given, list) else []


def _shapes(examples: list[Any]) -> Rows:
    """The rows of all examples: they show what tables and columns there are."""
    found: Rows = {}
    for example in examples:
        facts = example.get("facts") if isinstance(example, Mapping) else None
        for table, rows in facts.items() if isinstance(facts, Mapping) else ():
            held = rows if isinstance(rows, list) else []
            found.setdefault(str(table), []).extend(dict(row) for row in held if isinstance(row, Mapping))
    return found


def _run(
    source: Source, at: int, example: Any, shapes: Rows, backend: Callable[[], Backend], programs: Programs
) -> list[Miss]:
    """What an example misses: run like a case made of the plan itself and the example's facts and expectations."""
    if not isinstance(example, Mapping):
        return [Miss("example", "a mapping with facts and expect", type(example).__name__)]
    if unknown := set(example) - EXAMPLE_KEYS:
        return [Miss("example", f"keys among {', '.join(sorted(EXAMPLE_KEYS))}", ", ".join(sorted(map(str, unknown))))]
    if misses := shape_misses(source, example, ("examples", at)):
        return misses
    plan = {key: value for key, value in source.data.items() if key != "examples"}
    if "steps" in example or "variants" in example:
        case = {"case": _title(at, example), "plan": plan, **{k: v for k, v in example.items() if k != "example"}}
        return run_case(Source(source.name, case), backend).misses
    return _calculated(plan, source, example, shapes, backend, programs)


def _calculated(
    data: Mapping[str, Any],
    source: Source,
    example: Mapping[str, Any],
    shapes: Rows,
    backend: Callable[[], Backend],
    programs: Programs,
) -> list[Miss]:
    plan, _ = plan_of(data, source)
    assert plan is not None, "examples are run of plans that have been read"
    facts = {**{table: [] for table in shapes if table in MAY_BE_EMPTY}, **(example.get("facts") or {})}
    expect = example.get("expect") or {}
    try:
        result = calculate_checked(plan, facts_of(plan, facts, shapes), backend, expect, programs=programs)
    except REFUSALS as error:
        return compare_refused("", expect, refusals(error))
    with closing(result.backend):
        counts = {table: len(rows) for table, rows in facts.items() if isinstance(rows, list)}
        return compare("", expect, Outcome(result, counts, [*result.problems, *run_problems(result)]))


def _title(at: int, example: Any) -> str:
    named = example if isinstance(example, Mapping) else {}
    return str(named.get("example") or named.get("title") or named.get("case") or f"number {at + 1}")


def _problem(source: Source, at: int, example: Any, miss: Miss) -> Problem:
    return problem_at(
        source,
        ("examples", at),
        "example-failed",
        f"{miss.found} for {miss.where} in the example {_title(at, example)}",
        str(miss.expected),
        "correct the plan, or the example if the plan is right",
        Severity.BLOCKING,
    )
