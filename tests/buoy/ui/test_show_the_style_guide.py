"""The style guide's pages answer in every language, and parts of them to htmx."""

import gzip

import pytest
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db

PAGES = [
    "/styleguide/",
    "/styleguide/screen/desk/",
    "/styleguide/screen/portal/?viewing&demo&brand",
    "/styleguide/door/",
]


@pytest.mark.parametrize("language", ["en", "id", "pl", "ar", "nl"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_answers_in_every_language(client: Client, language: str, address: str) -> None:
    client.cookies["language"] = language
    page = client.get(address).content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("address", [*PAGES, "/styleguide/palette/", "/styleguide/brand.css", "/styleguide/job/0/"])
@override_settings(STYLEGUIDE=False)
def test_there_is_none_where_no_demo_is(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_htmx_gets_only_the_part_that_it_replaces(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#rows"}
    answer = client.get("/styleguide/?q=meridian", headers=headers)
    part = answer.content.decode()
    assert part.strip().startswith('<div id="rows">')
    assert "Meridian Cloud" in part
    assert "Borneo Digital" not in part
    assert "HX-Target" in answer["Vary"]


def test_another_target_gets_the_whole_page(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#elsewhere"}
    assert "<html" in client.get("/styleguide/", headers=headers).content.decode()


def test_a_form_with_mistakes_comes_back_as_that_form(client: Client) -> None:
    answer = client.post("/styleguide/form/", {"customer": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.content.decode().strip().startswith('<form class="form" id="form"')


def test_a_job_asks_again_until_it_is_done(client: Client) -> None:
    assert 'hx-get="/styleguide/job/4/"' in client.get("/styleguide/job/3/").content.decode()
    assert "hx-trigger" not in client.get("/styleguide/job/5/").content.decode()


def test_the_palette_finds_pages_and_partners(client: Client) -> None:
    found = client.get("/styleguide/palette/?q=wis").content.decode()
    assert found.count('role="option"') == 1
    assert "Wisła Systems" in found
    assert "Nothing found" in client.get("/styleguide/palette/?q=qqq").content.decode()


def test_a_page_of_a_dashboard_stays_within_its_budget(client: Client) -> None:
    assert len(gzip.compress(client.get("/styleguide/screen/portal/").content)) <= 20 * 1024
