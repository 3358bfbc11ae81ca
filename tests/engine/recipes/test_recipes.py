"""Every recipe of this folder, a plan in the words of somebody's own rules, pays what it says."""

from pathlib import Path

import pytest

from tests.engine.worked_cases import case_files, misses_of, read_case


@pytest.mark.parametrize("path", case_files("recipes"))
def test_a_recipe_pays_what_it_says(path: Path) -> None:
    assert misses_of(read_case(path)) == []
