"""Nothing in a template or a script needs what `script-src 'self'; style-src 'self'` forbids."""

import re
from pathlib import Path

import pytest

from tests.buoy.ui.sources import JS, TEMPLATES, name

FORBIDDEN_IN_TEMPLATES = {
    "an inline style": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "a handler of htmx, which is evaluated": r"\bhx-on\b",
    "a value of htmx that is evaluated": r"\bhx-[a-z-]+(?::[a-z]+)?\s*=\s*[\"'][^\"']*\bjs:",
    "a filter of a trigger, which is evaluated": r"hx-trigger\s*=\s*\"[^\"]*\[",
    "a link that is a script": r"javascript:",
}
FORBIDDEN_IN_SCRIPTS = {
    "eval": r"\beval\s*\(",
    "a function made of text": r"\bnew\s+Function\b",
    "a style set as text": r"\.setAttribute\(\s*[\"']style",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN_IN_TEMPLATES.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("path", JS, ids=name)
def test_a_script_evaluates_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN_IN_SCRIPTS.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an inline style", '<p class="a" style="color: red">'),
        ("an inline script", "<script>go()</script>"),
        ("an inline handler", '<button onclick="go()">'),
        ("a filter of a trigger, which is evaluated", '<input hx-trigger="keyup[key==1]">'),
        ("a value of htmx that is evaluated", "<b hx-vals='js:{a: 1}'>"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, text: str) -> None:
    assert re.search(FORBIDDEN_IN_TEMPLATES[what], text)
