"""The first administrator comes in by the printed link, chooses a look on the page itself, and works with many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from buoy.domains.accounts.actions import first
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import give_second_factor, sign_in
from tests.cast import make_cast
from tests.journeys.conftest import Reader

pytestmark = pytest.mark.usefixtures("committed", "loop_beside_the_database")
Barriers = Callable[[Page], list[str]]


def signed_in(reader: Reader, user: User, path: str, **more: Any) -> Page:
    return reader.open(path, session=sign_in(user), **more)


def choose_accent(page: Page, colour: str) -> None:
    """As the browser's own picker does, which a test cannot press."""
    page.locator("input[name=accent]").evaluate(
        "(field, colour) => { field.value = colour; field.dispatchEvent(new Event('input', {bubbles: true})); }", colour
    )


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_first_administrator_comes_in_by_the_link(reader: Reader, barriers: Barriers, language: str) -> None:
    page = reader.open(f"/start/{first.new_link_token()}/", language=language)
    assert barriers(page) == []
    page.locator("input[name=email]").fill("ana@vendor.example")
    page.locator("input[name=name]").fill("Ana Prima")
    page.locator("input[name=password]").fill("four lanterns near harbour")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/account/2fa/")
    user = User.objects.get()
    give_second_factor(user)
    page.goto(reader.site + "/desk/")
    expect(page.locator(".guide-step")).to_have_count(5)
    assert barriers(page) == []


def test_the_page_wears_a_colour_while_it_is_chosen_and_says_when_it_cannot_be_read(
    reader: Reader, barriers: Barriers
) -> None:
    ada = make_cast().users["ada"]
    give_second_factor(ada)
    page = signed_in(reader, ada, "/desk/settings/")
    page.get_by_label("Use our own colours").check()
    choose_accent(page, "#ffd400")
    expect(page.locator("#check")).to_contain_text("could not be read")
    expect(page.locator("#sample .button-primary")).to_have_css("background-color", "rgb(255, 212, 0)")
    choose_accent(page, "#7c2d12")
    expect(page.locator("#check")).to_contain_text("are readable")
    assert barriers(page) == []
    page.get_by_label("Name", exact=True).fill("Prima Cloud")
    page.locator("#look-form button[type=submit]").click()
    expect(page.locator(".side .brand")).to_have_text("Prima Cloud")
    expect(page.locator("#look-form .button-primary")).to_have_css("background-color", "rgb(124, 45, 18)")
    expect(reader.open("/account/login/").locator(".brand")).to_have_text("Prima Cloud")


def test_rows_are_chosen_asked_about_and_changed(reader: Reader, barriers: Barriers) -> None:
    page = signed_in(reader, make_cast().users["mei"], "/desk/partners/")
    expect(page.locator("#rows-bulk")).to_be_hidden()
    page.get_by_role("checkbox", name="Choose Alpha").check()
    page.get_by_role("checkbox", name="Choose Delta").check()
    expect(page.locator("#rows-bulk")).to_contain_text("Chosen: 2")
    assert barriers(page) == []
    page.get_by_role("button", name="End their part in the programme").click()
    expect(page.get_by_text("Shall these partners take part no longer?")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="End their part in the programme").click()
    expect(page.get_by_role("status").filter(has_text="2 rows were changed.")).to_be_visible()
    expect(page.locator("#rows").get_by_text("Not active", exact=True)).to_have_count(2)


def test_what_was_refused_is_told_by_row(reader: Reader, barriers: Barriers) -> None:
    ada = make_cast().users["ada"]
    give_second_factor(ada)
    page = signed_in(reader, ada, "/desk/users/")
    page.get_by_role("checkbox", name="Choose Ada").check()
    page.get_by_role("checkbox", name="Choose Evan").check()
    for _asked_and_sure in range(2):
        page.get_by_role("button", name="Close the accounts").click()
    expect(page.get_by_role("row", name="Ada")).to_contain_text("You cannot change your own rights.")
    assert barriers(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_tour_is_walked_by_keyboard_and_without_scripts(reader: Reader, barriers: Barriers, scripts: bool) -> None:
    page = signed_in(reader, make_cast().users["rita"], "/p/", scripts=scripts)
    page.get_by_role("link", name="Show me around").press("Enter")
    for number in range(1, 6):
        expect(page.get_by_role("region", name=page.locator("#tour-title").inner_text())).to_contain_text(
            f"Step {number} of 5"
        )
        expect(page.locator("#tour-title")).to_be_focused()
        if scripts:
            expect(page.locator(".is-pointed").first).to_be_attached()
            assert barriers(page) == []
        if number < 5:
            page.locator("#tour").get_by_role("link", name="Next").press("Enter")
            page.wait_for_url(f"**tour={number + 1}")
    page.locator("#tour").get_by_role("button", name="Done").press("Enter")
    page.wait_for_url("**/p/")
    expect(page.get_by_role("link", name="Show me around")).to_have_count(0)


def test_the_question_mark_says_what_the_screen_is_for(reader: Reader, barriers: Barriers) -> None:
    page = signed_in(reader, make_cast().users["mei"], "/desk/partners/", width=390)
    page.get_by_role("link", name="What is this screen for?").click()
    expect(page.get_by_role("dialog", name="Partners")).to_contain_text("Partners are the organisations")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#help-panel")).to_be_hidden()
