"""On the narrowest phone nothing makes the page itself scroll sideways, and everything can be reached."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Reader
from tests.journeys.test_style_guide_has_no_barriers import PAGES


@pytest.mark.parametrize("language", ["en", "pl", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_at_320_pixels(reader: Reader, path: str, language: str) -> None:
    page = reader.open(path, language=language, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_navigation_is_a_drawer_that_closes_again(reader: Reader, language: str) -> None:
    page = reader.open("/styleguide/screen/desk/", language=language, width=390)
    side = page.locator("#side")
    expect(side).to_be_hidden()
    page.locator("[popovertarget=side]").click()
    expect(side).to_be_visible()
    box = side.bounding_box()
    assert box
    assert box["x"] == (0 if language == "en" else 390 - box["width"])
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()


def test_the_head_of_a_page_stays_above_a_sheet_of_paper_only_on_screen(reader: Reader) -> None:
    page = reader.open("/styleguide/screen/desk/", theme="dark")
    page.emulate_media(media="print")
    for gone in ("#side", ".topbar", ".page-actions"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(255, 255, 255)"
