"""One style sheet serves both directions: nothing in it, and nothing in a template, knows left from right."""

import re
from pathlib import Path

import pytest

from tests.buoy.ui.sources import CSS, TEMPLATES, name

SIDES = re.compile(
    r"\b(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)\b"
    r"|^\s*(?:left|right)\s*:"
    r"|\b(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
    r"|\bborder-(?:top|bottom)-(?:left|right)-radius\b",
    re.MULTILINE,
)
# `padding: 1px 2px 3px 4px` says left and right without the words.
FOUR_VALUES = re.compile(r"\b(?:margin|padding|inset|border-width): *([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);")


def sides_in(text: str) -> list[str]:
    uneven = [found[0] for found in FOUR_VALUES.finditer(text) if found[2] != found[4]]
    return [found[0].strip() for found in SIDES.finditer(text)] + uneven


@pytest.mark.parametrize("path", CSS, ids=name)
def test_a_style_sheet_names_no_side(path: Path) -> None:
    assert sides_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_names_no_side(path: Path) -> None:
    assert re.findall(r'\bdir="(?:rtl)"|\balign="(?:left|right)"', path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["a { margin-left: 1px; }", "a {\n  right: 0;\n}", "a { text-align: right; }", "a { padding: 1px 2px 3px 4px; }"],
)
def test_the_patterns_find_a_side(text: str) -> None:
    assert sides_in(text)
