"""The audit trail on the screen: told in words."""

import re
from pathlib import Path

import buoy
from buoy.domains.workspace.web.administration import THINGS

SOURCES = Path(buoy.__file__).parent.rglob("*.py")


def test_everything_that_an_event_is_about_has_words() -> None:
    said = {name for path in SOURCES for name in re.findall(r'object_type="(\w+)"', path.read_text(encoding="utf-8"))}
    assert said
    assert said - THINGS.keys() == set()
