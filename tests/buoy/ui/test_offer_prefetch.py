"""Browsers are told which pages they may fetch ahead; fragments and files are none."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_names_the_rules_and_they_answer_as_browsers_want_them(client: Client) -> None:
    assert client.get("/styleguide/door/")["Speculation-Rules"] == '"/prefetch.json"'
    rules = client.get("/prefetch.json")
    assert rules["Content-Type"] == "application/speculationrules+json"
    assert rules.json()["prefetch"][0]["eagerness"] == "moderate"


@pytest.mark.parametrize("path", ["/styleguide/palette/", "/styleguide/brand.css", "/nowhere/"])
def test_what_is_no_page_names_none(client: Client, path: str) -> None:
    assert "Speculation-Rules" not in client.get(path, headers={"HX-Request": "true"})


def test_a_page_is_compressed_on_the_way(client: Client) -> None:
    answer = client.get("/styleguide/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) <= 30 * 1024
