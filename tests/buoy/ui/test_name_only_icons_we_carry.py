"""The sprite has the icons that are used, and no template asks for another."""

import re

import pytest
from django.template import Context, Template, TemplateSyntaxError

from tests.buoy.ui.sources import BUILT, TEMPLATES, UI

NAMES = (UI / "assets" / "icons.txt").read_text(encoding="utf-8").split()


def test_the_list_is_in_order_and_names_each_once() -> None:
    assert sorted(set(NAMES)) == NAMES


def test_every_listed_icon_is_drawn_in_the_sprite() -> None:
    sprite = (BUILT / "icons.svg").read_text(encoding="utf-8")
    drawn = re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', sprite)
    assert sorted(name for name, _ in drawn) == NAMES
    assert all(shapes for _, shapes in drawn)


def test_every_icon_in_a_template_is_listed() -> None:
    asked = re.compile(r'{% icon "([\w-]+)"|\bicon="([\w-]+)"')
    used = {found[1] or found[2] for path in TEMPLATES for found in asked.finditer(path.read_text(encoding="utf-8"))}
    assert used - set(NAMES) == set()


def test_an_icon_that_is_not_carried_is_a_mistake_of_the_template() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"no icon 'buoyancy': add its name to ui/assets/icons\.txt"):
        Template('{% icon "buoyancy" %}').render(Context())
