"""Every component, in two languages that run in two directions and in two themes, passes axe; so does all that opens."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Reader

Barriers = Callable[[Page], list[str]]
LOOKS = [(language, theme) for language in ("en", "ar") for theme in ("light", "dark")]
PAGES = ["/styleguide/", "/styleguide/screen/desk/?demo", "/styleguide/screen/portal/?viewing", "/styleguide/door/"]


@pytest.mark.parametrize(("language", "theme"), LOOKS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barriers(reader: Reader, barriers: Barriers, path: str, language: str, theme: str) -> None:
    page = reader.open(path, language=language, theme=theme)
    assert barriers(page) == []
    assert page.locator("h1").count() == 1
    assert page.title()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ar", "dark")])
@pytest.mark.parametrize("opens", ["[data-opens=sample-dialog]", "button[data-opens=sample-drawer]:not(.menu *)",
                                   "[popovertarget=sample-menu]", "[popovertarget=theme-menu]"])  # fmt: skip
def test_what_opens_has_no_barriers(reader: Reader, barriers: Barriers, opens: str, language: str, theme: str) -> None:
    page = reader.open("/styleguide/", language=language, theme=theme)
    page.locator(opens).first.click()
    expect(page.locator("dialog[open], .menu:popover-open")).to_be_visible()
    assert barriers(page) == []


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("ar", "light")])
def test_the_palette_has_no_barriers(reader: Reader, barriers: Barriers, language: str, theme: str) -> None:
    page = reader.open("/styleguide/", language=language, theme=theme)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]")).to_have_count(9)
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_another_brand_has_no_barriers_in_the_dark_either(reader: Reader, barriers: Barriers, language: str) -> None:
    for theme in ("light", "dark"):
        assert barriers(reader.open("/styleguide/screen/desk/?brand", language=language, theme=theme)) == []
