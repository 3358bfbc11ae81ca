"""Dialogs, menus, comboboxes, tabs, charts and the palette work without a pointer, as their patterns say."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Reader


@pytest.fixture
def page(reader: Reader) -> Page:
    return reader.open("/styleguide/")


def test_a_dialog_takes_the_focus_and_gives_it_back(page: Page) -> None:
    opener = page.get_by_role("button", name="Open a dialog")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Approve the registration")
    expect(dialog).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        # The focus may leave for the browser's own bar, where it is nobody's; it never goes behind the dialog.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_press_beside_a_dialog_closes_it(page: Page) -> None:
    page.get_by_role("button", name="Open a dialog").click()
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog", name="Approve the registration")).to_be_hidden()


def test_a_menu_is_walked_by_arrows_and_by_letters(page: Page) -> None:
    opener = page.get_by_role("button", name="Actions")
    opener.press("ArrowDown")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menuitem", name="Approve")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Withdraw")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("e")
    expect(page.get_by_role("menuitem", name="Extend")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize(
    ("language", "forward", "back"), [("en", "ArrowRight", "ArrowLeft"), ("ar", "ArrowLeft", "ArrowRight")]
)
def test_tabs_are_walked_in_the_direction_of_reading(reader: Reader, language: str, forward: str, back: str) -> None:
    page = reader.open("/styleguide/", language=language)
    terms, people, files = (page.get_by_role("tab", name=name) for name in ("Terms", "People", "Files"))
    terms.focus()
    page.keyboard.press(forward)
    expect(people).to_be_focused()
    expect(people).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Rita and Ramon.")).to_be_visible()
    expect(page.get_by_text("Net 30, protected for 90 days.")).to_be_hidden()
    page.keyboard.press(back)
    page.keyboard.press(back)
    expect(files).to_be_focused()


def test_a_combobox_filters_without_regard_to_accents_and_gives_its_select_the_value(page: Page) -> None:
    field = page.get_by_role("combobox", name="Partner", exact=True)
    field.fill("lod")
    expect(page.get_by_role("option", name="Łódź Integrators")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Łódź Integrators")
    assert page.evaluate("document.forms.form.elements.partner.value") == "Łódź Integrators"
    field.fill("nobody of that name")
    expect(page.get_by_role("option", name="Nothing found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_words_that_are_no_option_are_given_up_when_one_goes_on(page: Page) -> None:
    field = page.get_by_role("combobox", name="Partner", exact=True)
    field.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen = field.input_value()
    field.fill("half a na")
    page.keyboard.press("Tab")
    expect(field).to_have_value(chosen)
    field.fill("")
    page.keyboard.press("Tab")
    assert page.evaluate("document.forms.form.elements.partner.value") == ""


def test_a_combobox_asks_the_server_for_a_long_list(page: Page) -> None:
    field = page.get_by_role("combobox", name="Partner, asked from the server")
    field.fill("wis")
    expect(page.get_by_role("option", name="Wisła Systems")).to_be_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('[name=remote]').value") == "Wisła Systems"


def test_the_palette_opens_searches_and_leads_on(page: Page) -> None:
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search or jump to…")
    expect(box).to_be_focused()
    expect(page.locator("#palette [role=option]")).to_have_count(9)
    page.keyboard.type("dash")
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    expect(page.locator("#palette [data-found]")).to_have_text("Results: 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/styleguide/screen/desk/")


def test_the_palette_closes_at_the_first_escape(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_chart_tells_its_numbers_to_the_arrow_keys(page: Page) -> None:
    chart = page.locator("svg[aria-label='Bookings by source']:visible")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tooltip")).to_contain_text("Feb: Partner-sourced $510,000")


def test_the_first_stop_leads_past_the_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
