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
        return None, [_problem(source, prefix, "plan-shape", f"{type(data).__name__}", "a mapping with plan, currency, components", "start with 'buoy: 1'")]
    try:
        return Plan.model_validate(data), []
    except ValidationError as error:
        return None, [_of_error(source, prefix, found) for found in error.errors()]


def _of_error(source: Source, prefix: Path, error: Mapping[str, Any]) -> Problem:
    path = prefix + _document_path(tuple(error["loc"]))
    where = ".".join(str(step) for step in path)
    match error["type"]:
        case "extra_forbidden":
            return _problem(source, path, "unknown-key", f"the key {path[-1]!r} in {where}", "a key of the plan language", "correct the spelling, or see docs/plan-language.md")
        case "missing":
            return _problem(source, path, "missing-key", f"no {path[-1]!r} in {where}", "that key", f"add {path[-1]}: …")
        case "expression-error":
            return _problem(source, path, "expression-error", error["msg"], "an expression of the plan language", "see docs/plan-language.md, section 2")
        case "rate-function" | "value-shape" | "credit-shape" | "dates-reversed" | "duration" as code:
            return _problem(source, path, code, f"{error['msg']} ({where})", "", "see docs/plan-language.md")
        case "literal_error":
            return _problem(source, path, _literal_code(path), f"{error.get('input')!r} for {where}", str(error["ctx"]["expected"]), "choose one of these")
    return _problem(source, path, "plan-shape", f"{error.get('input')!r} for {where}", str(error["msg"]), "see docs/plan-language.md")


def _literal_code(path: Path) -> str:
    return "tier-reading" if path[-1:] == ("mode",) and "tiers" in path else "unknown-choice"


def _document_path(loc: tuple[Any, ...]) -> Path:
    """Pydantic's location without the names of its own union members."""
    return tuple(step for step in loc if not (isinstance(step, str) and (step.startswith(("function-", "literal[", "constrained-", "tuple[", "model-")) or step in ("int", "str", "date"))))


def _problem(source: Source, path: Path, code: str, found: str, expected: str, fix: str) -> Problem:
    line, column = source.position(path)
    return Problem(code=code, severity=Severity.BLOCKING, where=source.name, line=line, column=column, found=found, expected=expected, fix=fix)


def problem_at(source: Source, path: Path, code: str, found: str, expected: str, fix: str, severity: Severity = Severity.BLOCKING) -> Problem:
    """A problem at a path of the document."""
    line, column = source.position(path)
    return Problem(code=code, severity=severity, where=source.name, line=line, column=column, found=found, expected=expected, fix=fix)
