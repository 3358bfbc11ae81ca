"""The pages of the plan language and of the cases keep their word: every key is on the page, every example runs."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from buoy_engine.spec import expressions as ast
from buoy_engine.spec import model
from buoy_engine.spec.words import FUNCTIONS
from tests.engine.worked_cases import run_text

DOCS = Path(__file__).parents[3] / "docs"
LANGUAGE = (DOCS / "plan-language.md").read_text(encoding="utf-8")
CASES = (DOCS / "cases.md").read_text(encoding="utf-8")
INTERNAL = {"kind", "column", "component"}
"""Fields of `Credit` that its short forms fill in."""


def keys() -> set[str]:
    models = [m for m in vars(model).values() if isinstance(m, type) and issubclass(m, model.Model)]
    fields = {field.alias or name for m in models for name, field in m.model_fields.items()}
    return fields - INTERNAL


def choices(annotation: Any) -> set[str]:
    found = {value for value in get_args(annotation) if isinstance(value, str)}
    return found.union(*(choices(part) for part in get_args(annotation)))


def settings() -> set[str]:
    return set().union(*(choices(f.annotation) for f in model.Settings.model_fields.values()))


def unnamed(page: str, words: set[str]) -> list[str]:
    return sorted(word for word in words if not re.search(rf"`[^`\n]*\b{re.escape(word)}\b|^ *-? *{word}:", page, re.M))


def test_every_key_of_a_plan_is_on_the_page() -> None:
    assert unnamed(LANGUAGE, keys()) == []


def test_every_setting_and_each_of_its_answers_is_on_the_page() -> None:
    assert unnamed(LANGUAGE, settings() | set(model.SETTING_DEFAULTS)) == []


def test_every_function_and_window_is_on_the_page() -> None:
    assert unnamed(LANGUAGE, set(FUNCTIONS | ast.AGGREGATES) | (ast.WINDOWS - {"period"})) == []


def blocks(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("text", [block for block in blocks(CASES) if block.startswith("case: FULL")])
def test_the_whole_cases_of_the_page_pass(text: str) -> None:
    assert run_text(text) == []


@pytest.mark.parametrize("last", [2, 3])
def test_the_first_case_of_the_page_passes_in_both_readings(last: int) -> None:
    plan, facts, *ends = blocks(CASES)
    assert run_text(plan + facts + ends[last - 2]) == []
