"""Another site cannot make a browser write here: every form needs its token, and comes from our own address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.buoy.access import table
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.world import IDENTITIES, World
from tests.cast import make_cast

FROM_ELSEWHERE = {
    "POST /account/saml/answer/": "the company's provider has it posted here; it counts for the browser that asked, once",
}
"""Forms that another site sends by right, each with what stands in for the token."""
UNSAFE = [
    row
    for row in table.read()
    if row.route.method != "GET" and not row.route.path.startswith("/api/") and str(row) not in FROM_ELSEWHERE
]
"""The API takes no session: test_the_api_does_not_know_sessions."""
FORM = "application/x-www-form-urlencoded"


def browser(world: World, identity: str) -> Client:
    """Somebody who has signed in, with a browser that holds to nothing but cookies."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if (who := IDENTITIES[identity]) is not None:
        client.force_login(world.cast.users[who])
    return client


def send(client: Client, row: table.Row, world: World, identity: str, **more: Any) -> int:
    address = row.address(own_things(world, row, identity))
    body = urlencode({**(row.send or {}), **more.pop("fields", {})}, doseq=True)
    return client.generic(row.route.method, address, body.encode(), FORM, **more).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("identity", ["nobody", "partner_administrator", "administrator"])
def test_a_form_without_its_token_is_refused_everywhere(identity: str) -> None:
    world = World.of(make_cast())
    client = browser(world, identity)
    assert {str(row): status for row in UNSAFE if (status := send(client, row, world, identity)) != 403} == {}


@pytest.mark.django_db
def test_a_form_with_its_token_from_another_site_is_refused_everywhere() -> None:
    world = World.of(make_cast())
    client = browser(world, "administrator")
    client.get("/desk/partners/new/")
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    foreign = {
        str(row): status
        for row in UNSAFE
        if (
            status := send(
                client, row, world, "administrator", fields=token, headers={"Origin": "https://evil.example"}
            )
        )
        != 403
    }
    assert foreign == {}


@pytest.mark.django_db
def test_the_same_form_from_our_own_address_is_taken() -> None:
    """So it is the origin that was refused above, and not the token."""
    world = World.of(make_cast())
    client = browser(world, "administrator")
    client.get("/desk/partners/new/")
    fields = {"csrfmiddlewaretoken": client.cookies["csrf"].value, "name": "Gamma", "country": "GB", "language": "en"}
    answer = client.post("/desk/partners/new/", fields, headers={"Origin": "http://testserver"})
    assert answer.status_code == 302


@pytest.mark.django_db
def test_the_api_does_not_know_sessions() -> None:
    world = World.of(make_cast())
    client = browser(world, "administrator")
    rows = [row for row in table.read() if row.route.path.startswith("/api/v1/") and 401 in row.answers.values()]
    assert rows
    for row in rows:
        assert send(client, row, world, "administrator") == 401, row


def test_the_forms_from_elsewhere_are_there() -> None:
    assert set(FROM_ELSEWHERE) <= {str(row) for row in table.read()}
