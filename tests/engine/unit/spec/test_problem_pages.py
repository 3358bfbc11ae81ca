"""The pages on problems show plans: each really has the problem, and the message reads as it is printed there."""

import re
from pathlib import Path

import pytest

from buoy_engine.kernel.problems import CODES
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.read import read_plan

PAGES = sorted((Path(__file__).parents[4] / "docs" / "problems").glob("*.md"))
EXAMPLE = re.compile(r"^```yaml\n(.*?)^```\n\n((?: {4}[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
SHOWN = {page.stem: match for page in PAGES if (match := EXAMPLE.search(page.read_text(encoding="utf-8")))}


@pytest.mark.parametrize("code", SHOWN)
def test_the_plan_of_a_page_has_the_problem_that_is_shown(code: str) -> None:
    text, message = SHOWN[code].groups()
    read, problems, source = read_plan(text)
    if read is not None and source is not None:
        problems = check_plan(read, source)
    assert " ".join(message.split()) in [str(problem) for problem in problems]


def test_most_pages_on_plans_show_one() -> None:
    assert len(SHOWN) > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_title_and_says_what_to_do(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}: {CODES[page.stem]}\n")
    assert "**What to do.**" in text
