"""What htmx fetches lands where it belongs, what fails lands nowhere, and each way works without a script too."""

import time

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.conftest import Reader


def test_a_filter_changes_the_rows_and_the_address(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.get_by_role("textbox", name="Search partners").fill("wis")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.wait_for_url("**/styleguide/?q=wis*")
    page.reload()
    expect(page.locator("#rows tbody tr")).to_have_count(1)


def test_a_column_sorts_both_ways_and_the_back_button_undoes_it(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    first = page.locator("#rows tbody tr").first
    page.get_by_role("link", name="Partner", exact=True).click()
    expect(first).to_contain_text("Al Noor")
    page.get_by_role("link", name="Partner", exact=True).click()
    expect(first).to_contain_text("Łódź")
    page.go_back()
    expect(first).to_contain_text("Al Noor")


def test_chosen_rows_bring_up_what_can_be_done_with_them(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.get_by_role("checkbox", name="Choose Borneo Digital").check()
    expect(page.locator("#rows-bulk")).to_contain_text("Chosen: 1")
    assert page.get_by_role("checkbox", name="Choose all").evaluate("box => box.indeterminate")
    page.get_by_role("checkbox", name="Choose all").check()
    expect(page.locator("#rows-bulk")).to_contain_text("Chosen: 5")
    page.get_by_role("checkbox", name="Choose all").uncheck()
    expect(page.locator("#rows-bulk")).to_be_hidden()


def test_a_form_with_mistakes_leads_to_the_first_of_them(reader: Reader) -> None:
    reader.expected = ["422"]
    page = reader.open("/styleguide/")
    page.locator("#form").get_by_role("button", name="Register deal").click()
    field = page.locator("#form").get_by_role("textbox", name="Customer")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    # The part that came is alive as well: its select has become a combobox.
    expect(page.locator("#form").get_by_role("combobox", name="Partner")).to_be_visible()


def test_a_failure_is_told_and_nothing_of_it_lands_in_the_page(reader: Reader) -> None:
    reader.expected = ["500"]
    page = reader.open("/styleguide/")
    page.get_by_role("button", name="A request that fails").click()
    expect(page.locator("#toasts")).to_contain_text("Something went wrong on our side.")
    expect(page.get_by_text("This must not land in the page.")).to_have_count(0)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".toast")).to_have_count(0)


def test_a_server_that_is_away_is_told(reader: Reader) -> None:
    reader.expected = ["ERR_INTERNET_DISCONNECTED", "htmx:error"]
    page = reader.open("/styleguide/")
    page.context.set_offline(True)
    page.get_by_role("button", name="Good news").click()
    expect(page.locator("#toasts")).to_contain_text("The server could not be reached.")


def test_a_dangerous_request_is_asked_about_and_a_no_stops_it(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.get_by_role("button", name="Ask first").click()
    question = page.locator("#confirm")
    expect(question).to_contain_text("It cannot be brought back.")
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator(".toast")).to_have_count(0)
    page.get_by_role("button", name="Ask first").click()
    question.get_by_role("button", name="Yes, go on").click()
    expect(page.locator(".toast")).to_have_count(1)


def test_a_day_is_said_in_words_of_the_page(reader: Reader) -> None:
    page = reader.open("/styleguide/", language="nl")
    page.locator("#form input[type=date]").fill("2026-11-25")
    expect(page.locator("#form .date-words")).to_have_text("woensdag 25 november 2026")


def test_a_page_is_fetched_while_the_pointer_rests_on_its_link(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    debugger = page.context.new_cdp_session(page)
    told: list[str] = []
    debugger.on("Preload.prefetchStatusUpdated", lambda event: told.append(f"{event['prefetchUrl']} {event['status']}"))
    debugger.send("Preload.enable")
    page.get_by_role("link", name="A screen of the desk").hover()
    fetched = f"{reader.site}/styleguide/screen/desk/ Ready"
    for _ in range(50):  # The debugger tells it in its own time.
        page.wait_for_timeout(0 if fetched in told else 200)
    assert fetched in told


def test_a_job_shows_how_far_it_is_until_it_is_done(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.get_by_role("button", name="Start a job").click()
    expect(page.get_by_text("1 of 5 partners")).to_be_visible()
    expect(page.get_by_text("Done.")).to_be_visible(timeout=15_000)


def test_a_theme_is_chosen_at_once_and_kept(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.get_by_role("button", name="Theme").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("menuitemradio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_theme_and_a_language_are_chosen_without_a_script(reader: Reader) -> None:
    page = reader.open("/styleguide/door/", scripts=False)
    page.locator("[popovertarget=theme-menu]").click()
    page.locator("[name=theme][value=dark]").click()
    expect(page.locator("html[data-theme=dark]")).to_be_attached()
    page.locator("[popovertarget=language-menu]").click()
    page.locator("[name=language][value=ar]").click()
    expect(page.locator("html[lang=ar][dir=rtl]")).to_be_attached()


def test_a_file_is_named_when_it_is_chosen(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.locator("#proof").set_input_files(
        {"name": "roadshow.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1500}
    )
    expect(page.locator(".file-list")).to_contain_text("roadshow.pdf")
    expect(page.locator(".file-list")).to_contain_text("1.5 kB")


def test_a_card_is_dragged_or_moved_by_its_menu(reader: Reader) -> None:
    page = reader.open("/styleguide/")
    page.locator("html[data-board=ready]").wait_for(state="attached")
    card = page.locator(".board-card", has_text="Utrecht Clinics")
    card.get_by_role("button", name="Move Utrecht Clinics to…").click()
    with page.expect_request(lambda request: request.method == "POST") as by_menu:
        card.get_by_role("menuitem", name="Qualified").click()
    page.locator("html[data-board=ready]").wait_for(state="attached")
    source = page.locator(".board-card", has_text="Baltic Shipping")
    source.scroll_into_view_if_needed()
    with page.expect_request(lambda request: request.method == "POST") as by_drag:
        start, end = source.bounding_box(), page.locator("[data-column=qualified]").bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 60, start["y"] + start["height"] - 8)
        page.mouse.down()
        page.mouse.move(start["x"] + 20, start["y"] + 30, steps=6)
        page.mouse.move(end["x"] + 80, end["y"] + 40, steps=12)
        page.mouse.up()
    assert "card=c&column=qualified" in (by_menu.value.post_data or "")
    assert "card=f&column=qualified" in (by_drag.value.post_data or "")


@pytest.mark.parametrize("language", ["en", "pl", "ar"])
def test_nothing_moves_when_the_fonts_come_late(reader: Reader, language: str) -> None:
    page = reader.open("/styleguide/door/", language=language)
    page.route("**/*.woff2", come_late)
    page.goto(f"{reader.site}/styleguide/screen/desk/")
    page.evaluate("document.fonts.ready")
    moved = page.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
                .observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert moved <= 0.02


def come_late(route: Route) -> None:
    """Half a second after the page has been drawn with the fonts of the system."""
    time.sleep(0.5)
    route.continue_()
