"""The examples inside a plan: facts → expected earnings, run like worked cases before the plan is trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.backend import Backend
from buoy_engine.run.cases import CASE_KEYS, Miss, run_case
from buoy_engine.spec.read import problem_at
from buoy_engine.spec.source import Source

EXAMPLE_KEYS = (CASE_KEYS - {"plan"}) | {"example"}


def example_count(source: Source) -> int:
    """How many examples the plan has."""
    return len(_examples(source))


def failed_examples(source: Source, backend: Callable[[], Backend]) -> list[Problem]:
    """One problem per expectation that the plan does not meet, at the example's place in the file."""
    found = []
    for at, example in enumerate(_examples(source)):
        for miss in _run(source, at, example, backend):
            found.append(_problem(source, at, example, miss))
    return found


def _examples(source: Source) -> list[Any]:
    data = source.data
    given = data.get("examples") if isinstance(data, Mapping) else None
    return given if isinstance(given, list) else []


def _run(source: Source, at: int, example: Any, backend: Callable[[], Backend]) -> list[Miss]:
    """A case made of the plan itself and the example's facts and expectations."""
    if not isinstance(example, Mapping):
        return [Miss("example", "a mapping with facts and expect", type(example).__name__)]
    if unknown := set(example) - EXAMPLE_KEYS:
        return [Miss("example", f"keys among {', '.join(sorted(EXAMPLE_KEYS))}", ", ".join(sorted(map(str, unknown))))]
    plan = {key: value for key, value in source.data.items() if key != "examples"}
    case = {"case": _title(at, example), "plan": plan, **{k: v for k, v in example.items() if k != "example"}}
    return run_case(Source(source.name, case), backend).misses


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
