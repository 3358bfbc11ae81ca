"""An administrator chooses how the vendor is called and looks; everybody sees it, and only what can be read is taken."""

import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from buoy.core.errors import NotAllowed
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.vendor import actions, policy, queries
from buoy.domains.vendor.policy import Refusal
from buoy.ui.brand import Brand
from tests.cast import JOB, Cast

CHOSEN = {"name": "Nimbus", "has_own_colours": "on", "accent": "#0f766e", "accent_text": "#ffffff", "radius_px": "4"}


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 2, after: bytes = b"") -> bytes:
    rows = zlib.compress(b"\x00\xff\xff\xff" * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND") + after


def save(client: Client, **change: Any) -> Any:
    return client.post("/desk/settings/look/", CHOSEN | change)


def test_what_was_chosen_is_on_the_page_of_signing_in(ada: Client) -> None:
    assert save(ada).status_code == 302
    page = Client().get("/account/login/").content.decode()
    assert "Nimbus" in page
    address = page.partition('href="/look/brand.css')[2].partition('"')[0]
    css = Client().get(f"/look/brand.css{address}")
    assert css.content == Brand(accent="#0f766e", radius_px=4).css().encode()
    assert "immutable" in css["Cache-Control"]


def test_the_style_sheet_is_not_sent_again_to_who_has_it(ada: Client) -> None:
    save(ada)
    first = Client().get("/look/brand.css")
    assert first["Cache-Control"] == "no-cache"
    again = Client().get("/look/brand.css", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_colour_has_another_address(ada: Client, cast: Cast) -> None:
    addresses = []
    for accent in ("#0f766e", "#7c2d12"):
        save(ada, accent=accent)
        addresses.append(queries.look().css_version)
    assert addresses[0] != addresses[1]


def test_an_accent_on_which_nothing_can_be_read_is_refused_with_its_contrast_and_a_way_out(ada: Client) -> None:
    answer = save(ada, accent="#ffd400")
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "the contrast is 1.4 to 1, and 4.5 is needed" in said
    assert "words in #14151a, with which it would be 12.7" in said
    assert queries.look().brand is None


def test_the_page_says_while_one_chooses_whether_it_can_be_read(ada: Client) -> None:
    ask = {"accent": "#0f766e", "accent_text": "#ffffff", "radius_px": "8"}
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#check"}
    answer = ada.get("/desk/settings/", ask, headers=headers).content.decode()
    assert "are readable: the contrast is 5.4 to 1" in answer
    assert "<html" not in answer


def test_a_logo_stands_in_the_frame_and_is_given_back_as_a_picture_only(ada: Client) -> None:
    save(ada, logo=SimpleUploadedFile("logo.png", png()))
    assert "/look/logo.png?v=" in Client().get("/account/login/").content.decode()
    answer = Client().get("/look/logo.png")
    assert (answer.content, answer["Content-Type"]) == (png(), "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_logo_stays_until_it_is_taken_away(ada: Client) -> None:
    save(ada, logo=SimpleUploadedFile("logo.png", png()))
    save(ada, name="Nimbus Clouds")
    assert queries.look().logo_sha256
    save(ada, removes_logo="on")
    assert (queries.look().logo_sha256, queries.logo()) == ("", None)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (png(), None),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='go()'/>", Refusal.NOT_A_PNG),
        (b"GIF89a", Refusal.NOT_A_PNG),
        (png()[:-4], Refusal.DAMAGED),
        (png().replace(b"\xff", b"\xfe"), Refusal.DAMAGED),
        (png(after=b"<script>go()</script>"), Refusal.DAMAGED),
        (b"\x89PNG\r\n\x1a\n", Refusal.DAMAGED),
        (png(width=2001), Refusal.TOO_MANY_PIXELS),
        (png(width=0), Refusal.TOO_MANY_PIXELS),
        (b"\x89PNG\r\n\x1a\n" + bytes(policy.LARGEST_LOGO), Refusal.TOO_LARGE),
    ],
)
def test_only_a_whole_png_is_taken(content: bytes, refusal: Refusal | None) -> None:
    assert policy.refuse_logo(content) == refusal


def test_the_refusal_of_a_logo_says_what_to_do(ada: Client) -> None:
    answer = save(ada, logo=SimpleUploadedFile("logo.svg", b"<svg/>"))
    assert answer.status_code == 422
    assert "Save it as PNG" in answer.content.decode()


def test_only_who_manages_settings_chooses(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.change_look(cast.mei, name="Mine", brand=None)


def test_the_database_lets_no_partner_change_it(cast: Cast) -> None:
    actions.change_look(cast.ada, name="Nimbus", brand=None)
    with acting(cast.rita):
        assert queries.look().name == "Nimbus"
    with pytest.raises(Exception, match="permission denied"), acting(cast.rita):
        queries.Vendor.objects.update(name="Alpha's")


def test_the_change_is_recorded_without_the_picture(cast: Cast) -> None:
    actions.change_look(cast.ada, name="Nimbus", brand=Brand(accent="#0f766e"), logo=png())
    with acting(JOB):
        details = AuditEvent.objects.get(action="vendor.look_changed").details
    assert details["before"]["name"] == ""
    assert details["after"]["accent"] == "#0f766e"
    assert "logo" not in details["after"]


def test_the_settings_say_who_sends_mails_and_not_with_which_password(ada: Client, settings: Any) -> None:
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"email_url": "smtp://me:s3cr3t@mail.example:25"})
    page = ada.get(reverse("vendor:settings")).content.decode()
    assert "mail.example:25" in page
    assert "s3cr3t" not in page
