"""A list comes in pages that neither repeat nor lose a row, and only in orders that were meant."""

from typing import Any

import pytest
from django.core import signing

from buoy.core.scope import acting
from buoy.domains.partners.models import Partner
from tests.buoy.api.conftest import Call, caller
from tests.cast import SETUP, Cast


@pytest.fixture
def call(cast: Cast) -> Call:
    with acting(SETUP):
        # Several rows share their place in the order of names.
        Partner.objects.bulk_create(Partner(name=f"Partner {number % 5}") for number in range(40))
    return caller(cast.mei)


def walk(call: Call, query: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = call("GET", f"/partners?limit={limit}&{query}{cursor}").json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        assert len(page["items"]) == limit
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("sort", ["name", "-name", "id", "-id"])
@pytest.mark.parametrize("limit", [1, 7, 43])
def test_every_row_is_on_exactly_one_page(call: Call, sort: str, limit: int) -> None:
    rows = walk(call, f"sort={sort}", limit)
    keys = [(row["name"], row["id"]) if "name" in sort else row["id"] for row in rows]
    assert len({row["id"] for row in rows}) == 43
    assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_a_row_that_is_added_meanwhile_hides_no_other(call: Call, cast: Cast) -> None:
    first = call("GET", "/partners?limit=20").json()
    with acting(SETUP):
        Partner.objects.create(name="Aaron")
    rest = call("GET", f"/partners?limit=200&cursor={first['next_cursor']}").json()
    assert len({row["id"] for row in first["items"] + rest["items"]}) == 43


MADE_UP = {
    "no-signature": "x",
    "three-parts": "a:b:c",
    "signed-for-something-else": signing.dumps(["Alpha", "1"]),
    "zero": "%00",
}


@pytest.mark.parametrize("cursor", MADE_UP.values(), ids=MADE_UP)
def test_a_cursor_that_was_made_up_is_refused(call: Call, cursor: str) -> None:
    answer = call("GET", f"/partners?cursor={cursor}")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_a_cursor_is_for_one_order(call: Call) -> None:
    cursor = call("GET", "/partners?limit=1&sort=name").json()["next_cursor"]
    response = call("GET", f"/partners?limit=1&sort=-name&cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (422, "bad-cursor")


@pytest.mark.parametrize("query", ["sort=created_at", "limit=0", "limit=201", "is_active=perhaps"])
def test_what_the_description_does_not_offer_is_refused(call: Call, query: str) -> None:
    answer = call("GET", f"/partners?{query}")
    assert answer.status_code == 422
    assert [part["place"] for part in answer.json()["errors"]] == [f"query.{query.split('=')[0]}"]


def test_a_list_is_filtered(call: Call) -> None:
    assert [row["name"] for row in walk(call, "search=ALPH&is_active=true", 5)] == ["Alpha"]
    assert walk(call, "is_active=false", 5) == []
