"""Two people at two browsers: what one does beside a partner, the other sees, and nobody else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.buoy.accounts.browsing import Mails, give_second_factor, link_in, sign_in
from tests.cast import Cast, make_cast
from tests.journeys.conftest import Reader
from tests.journeys.people import code_of, enter, in_a_thread

pytestmark = pytest.mark.usefixtures("committed", "loop_beside_the_database")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def at_desk(cast: Cast) -> str:
    return f"/desk/partners/{cast.alpha.id}/"


def in_portal(cast: Cast) -> str:
    return f"/p/partners/{cast.alpha.id}/"


def opened(reader: Reader, cast: Cast, who: str, path: str) -> Page:
    return reader.open(path, session=sign_in(cast.users[who]))


def test_who_is_mentioned_is_told_and_reads_it_at_its_place(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", at_desk(cast))
    mei.get_by_label("Your comment").fill("The agreement is ready, @Rita.")
    mei.get_by_role("button", name="Send").click()
    expect(mei.locator("#comments .comment").get_by_text("The agreement is ready")).to_be_visible()

    rita = opened(reader, cast, "rita", "/notifications/")
    expect(rita.locator("#rows .badge", has_text="New")).to_have_count(1)
    rita.get_by_role("main").get_by_role("button", name=re.compile("Mei")).click()
    rita.wait_for_url(f"**{in_portal(cast)}*")
    expect(rita.get_by_text("The agreement is ready, @Rita.")).to_be_visible()
    rita.goto(reader.site + "/notifications/")
    expect(rita.locator("#rows .badge", has_text="Read")).to_have_count(1)
    expect(rita.locator("#rows .badge", has_text="New")).to_have_count(0)

    olga = opened(reader, cast, "olga", "/notifications/")
    expect(olga.get_by_text("Nothing new")).to_be_visible()


def test_what_staff_say_among_themselves_the_partner_never_sees(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", at_desk(cast))
    mei.get_by_label("Your comment").fill("They pay late.")
    mei.locator("#comments").get_by_label("For our own people only").check()
    mei.get_by_role("button", name="Send").click()
    expect(mei.locator(".comment", has_text="They pay late.")).to_be_visible()
    rita = opened(reader, cast, "rita", in_portal(cast))
    expect(rita.get_by_text("Nobody has said anything yet.")).to_be_visible()


def test_a_file_goes_up_at_one_side_and_comes_down_at_the_other(reader: Reader, cast: Cast) -> None:
    rita = opened(reader, cast, "rita", in_portal(cast))
    text = "Zażółć gęślą jaźń\n".encode()
    rita.locator("input[type=file]").set_input_files(
        {"name": "price list.txt", "mimeType": "text/plain", "buffer": text}
    )
    rita.get_by_role("button", name="Upload").click()
    expect(rita.get_by_text("The file was added.")).to_be_visible()

    mei = opened(reader, cast, "mei", at_desk(cast))
    with mei.expect_download() as coming:
        mei.get_by_role("link", name="price list.txt").click()
    assert coming.value.suggested_filename == "price list.txt"
    assert Path(coming.value.path()).read_bytes() == text


def test_a_program_that_calls_itself_a_picture_is_refused_in_the_page(reader: Reader, cast: Cast) -> None:
    rita = opened(reader, cast, "rita", in_portal(cast))
    rita.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00"}
    )
    rita.get_by_role("button", name="Upload").click()
    expect(rita.get_by_text("a.png was not taken.")).to_be_visible()
    expect(rita.get_by_text("No files yet.")).to_be_visible()


def test_a_task_waits_at_home_until_it_is_done(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", at_desk(cast))
    mei.get_by_text("Give somebody a task").click()
    mei.get_by_label("What is to be done").fill("Name two engineers")
    mei.get_by_label("Who does it").select_option(label="Rita")
    mei.get_by_role("button", name="Add the task").click()
    expect(mei.locator("#tasks").get_by_text("Name two engineers")).to_be_visible()

    rita = opened(reader, cast, "rita", "/p/")
    rita.locator("#waiting").get_by_role("link", name="Name two engineers").click()
    rita.wait_for_url(f"**{in_portal(cast)}*")
    rita.locator("#tasks").get_by_role("button", name="Mark as done").click()
    expect(rita.locator("#tasks s")).to_have_text("Name two engineers")
    rita.goto(reader.site + "/p/")
    expect(rita.locator("#waiting").get_by_text("Nothing waits for you")).to_be_visible()


def test_a_list_is_narrowed_saved_found_again_and_taken_home(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", "/desk/partners/")
    search = mei.get_by_label("Search partners")
    search.fill("alp")
    search.press("Enter")
    expect(mei.locator("tbody tr")).to_have_count(1)
    mei.get_by_role("button", name="More").click()
    mei.get_by_role("menuitem", name="Save this view").click()
    mei.get_by_label("Name of the view").fill("Mine")
    mei.get_by_role("dialog", name="Save this view").get_by_role("button", name="Save").click()
    expect(mei.get_by_text("The view was saved.")).to_be_visible()

    mei.goto(reader.site + "/desk/partners/")
    expect(mei.locator("tbody tr")).to_have_count(3)
    mei.get_by_role("button", name="Views").click()
    mei.get_by_role("menuitem", name="Mine").click()
    expect(mei.locator("tbody tr")).to_have_count(1)
    mei.get_by_role("button", name="More").click()
    with mei.expect_download() as coming:
        mei.get_by_role("menuitem", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(coming.value.path()).read_text("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["Alpha"]


def test_who_looks_as_a_partner_sees_a_banner_and_nothing_to_write_with(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", f"/desk/users/{cast.users['rita'].pk}/")
    mei.get_by_role("button", name="See what they see").click()
    mei.wait_for_url("**/p/")
    mei.goto(reader.site + in_portal(cast))
    expect(mei.get_by_role("button", name="Stop viewing")).to_be_visible()
    expect(mei.get_by_role("main").locator("form")).to_have_count(0)
    reader.expected.append("status of 403")
    said = mei.evaluate(
        """async address => (await fetch(address, {method: "POST", headers: {
            "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"],
            "Content-Type": "application/x-www-form-urlencoded"}, body: "text=said"})).status""",
        f"/about/partner/{cast.alpha.id}/comments/",
    )
    assert said == 403


def test_a_partner_is_found_and_answered_by_keyboard_alone(reader: Reader, cast: Cast) -> None:
    mei = opened(reader, cast, "mei", "/desk/")
    mei.keyboard.press("Control+k")
    mei.keyboard.type("alph")
    expect(mei.locator("#palette [role=option]").first).to_contain_text("Alpha")
    mei.keyboard.press("Enter")
    mei.wait_for_url(f"**{at_desk(cast)}")
    for _ in range(80):
        mei.keyboard.press("Tab")
        if mei.evaluate("document.activeElement.id") == "comment-text":
            break
    mei.keyboard.type("Written without a mouse.")
    while mei.evaluate("document.activeElement.type") != "submit":
        mei.keyboard.press("Tab")
    mei.keyboard.press("Enter")
    expect(mei.locator("#comments .comment")).to_have_text("Written without a mouse.")


def test_a_colleague_is_invited_joins_takes_a_second_factor_and_signs_in_again(
    reader: Reader, cast: Cast, mails: Mails, work: Callable[[], None]
) -> None:
    give_second_factor(cast.users["ramon"])
    ramon = opened(reader, cast, "ramon", "/p/team/invite/")
    ramon.get_by_label("E-mail address").fill("nina@alpha.example")
    ramon.get_by_label("Name", exact=True).fill("Nina New")
    ramon.get_by_label("Partner administrator").check()
    ramon.get_by_role("button", name="Send the invitation").click()
    ramon.wait_for_url("**/p/team/")
    in_a_thread(work)

    nina = reader.open(link_in(mails[-1].get_content(), "/join/"))
    nina.locator("input[name=password]").fill("four lanterns near harbour")
    nina.locator("input[name=password]").press("Enter")
    nina.wait_for_url("**/account/2fa/")  # Her role demands it before anything else.
    nina.locator("a[href='/account/2fa/totp/activate/']").click()
    nina.wait_for_url("**/reauthenticate/**")
    nina.locator("input[name=password]").fill("four lanterns near harbour")
    nina.locator("input[name=password]").press("Enter")
    nina.wait_for_url("**/totp/activate/")
    secret = nina.locator("code bdi").inner_text()
    nina.locator("input[name=code]").fill(code_of(secret))
    nina.locator("input[name=code]").press("Enter")
    nina.wait_for_url("**/recovery-codes/")
    nina.goto(reader.site + "/p/team/")
    expect(nina.get_by_text("nina@alpha.example")).to_be_visible()

    again = reader.open("/account/login/")
    enter(again, "nina@alpha.example", "four lanterns near harbour")
    again.wait_for_url("**/2fa/authenticate/")
    again.locator("input[name=code]").fill(code_of(secret, 1))
    again.locator("input[name=code]").press("Enter")
    again.wait_for_url("**/p/")
    expect(again.locator("h1")).to_contain_text("Nina")
