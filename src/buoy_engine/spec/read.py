"""From YAML to a plan, or to the problems that keep it from being one, each with line and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.spec.model import Plan
from buoy_engine.spec.source import Path, Source, load


def read_plan(text: str, name: str = "plan.yaml") -> tuple[Plan | None, list[Problem], Source | None]:
    """The plan, its problems of form, and the document."""
    source = load(text, name)
    if isinstance(source, Problem):
        return None, [source], None
    plan, problems = plan_of(source.data, source)
    return plan, problems, source


def plan_of(data: Any, source: Source, prefix: Path = ()) -> tuple[Plan | None, list[Problem]]:
    """The plan in `data`, which stands at `prefix` of the document."""
    if not isinstance(data, Mapping):
        found, expected = f"{type(data).__name__}", "a mapping with plan, currency, components"
        return None, [problem_at(source, prefix, "plan-shape", found, expected, "start with 'buoy: 1'")]
    try:
        return Plan.model_validate(data), []
    except ValidationError as error:
        return None, [_of_error(source, prefix, found) for found in _own_errors(error)]


def _own_errors(error: ValidationError) -> list[Mapping[str, Any]]:
    """The errors without those that only say that something inside is wrong."""
    found: list[Mapping[str, Any]] = [*error.errors()]
    places = [tuple(one["loc"]) for one in found]
    inner = {place[:depth] for place in places for depth in range(len(place))}
    return [one for one in found if one["type"] != "too_short" or tuple(one["loc"]) not in inner]


def _of_error(source: Source, prefix: Path, error: Mapping[str, Any]) -> Problem:
    path = prefix + _document_path(tuple(error["loc"]))
    where = ".".join(str(step) for step in path)
    see = "see docs/plan-language.md"
    match error["type"]:
        case "extra_forbidden":
            found, expected = f"the key {path[-1]!r} in {where}", "a key of the plan language"
            return problem_at(source, path, "unknown-key", found, expected, f"correct the spelling, or {see}")
        case "missing" if _is_reading(path):
            return _unsaid_reading(source, path, "a scale without mode")
        case "missing":
            return problem_at(
                source, path, "missing-key", f"no {path[-1]!r} in {where}", "that key", f"add {path[-1]}: …"
            )
        case "expression-error":
            fix = _unquoted(error["ctx"]["written"]) or f"{see}, section 2"
            return problem_at(source, path, "expression-error", error["msg"], "an expression of the plan language", fix)
        case "rate-function" | "value-shape" | "credit-shape" | "dates-reversed" | "duration" as code:
            said, _, expected = str(error["msg"]).partition("; expected ")
            return problem_at(source, path, code, f"{said.removeprefix('found ')} ({where})", expected, see)
        case "literal_error" if _is_reading(path):
            return _unsaid_reading(source, path, f"mode: {error.get('input')}")
        case "literal_error":
            found, expected = f"{error.get('input')!r} for {where}", str(error["ctx"]["expected"])
            return problem_at(source, path, "unknown-choice", found, expected, "choose one of these")
        case "too_short":
            found, expected = f"{len(error['input'])} entries in {where}", f"at least {error['ctx']['min_length']}"
            return problem_at(source, path, "plan-shape", found, expected, see)
    return problem_at(source, path, "plan-shape", f"{error.get('input')!r} for {where}", str(error["msg"]), see)


def _unquoted(written: str) -> str | None:
    """What to do about an expression that ends inside a bracket: YAML has most often cut it at a comma."""
    if written.count("(") <= written.count(")"):
        return None
    return f'write it in quotes, as in "{written}, …)": inside {{…}} and […] YAML ends a value at a comma'


def _is_reading(path: Path) -> bool:
    return path[-2:] == ("tiers", "mode")


def _unsaid_reading(source: Source, path: Path, found: str) -> Problem:
    """Words such as tiered, graduated or cumulative mean either, so the writer is asked."""
    return problem_at(
        source,
        path,
        "tier-reading",
        found,
        "an answer to the question: is each slice paid at its own rate (marginal), everything at the rate reached "
        "(retroactive), or each band's amount in the proportion in which it is filled (filled)?",
        "write mode: marginal, mode: retroactive or mode: filled",
    )


_UNION_STEPS = ("function-", "literal[", "constrained-", "tuple[", "model-")


def _document_path(loc: tuple[Any, ...]) -> Path:
    """Pydantic's location without the names of its own union members."""
    return tuple(step for step in loc if not _names_a_type(step))


def _names_a_type(step: Any) -> bool:
    return isinstance(step, str) and (step.startswith(_UNION_STEPS) or step in ("int", "str", "date"))


def problem_at(
    source: Source,
    path: Path,
    code: str,
    found: str,
    expected: str,
    fix: str,
    severity: Severity = Severity.BLOCKING,
) -> Problem:
    """A problem at a path of the document."""
    line, column = source.position(path, on_key=code == "unknown-key")
    return Problem(
        code=code,
        severity=severity,
        where=source.name,
        line=line,
        column=column,
        found=found,
        expected=expected,
        fix=fix,
    )
