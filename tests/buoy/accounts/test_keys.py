"""People make and end what lets their programs in, on pages that show a secret once."""

import re
from typing import Any

import pytest
from django.test import Client

from buoy.domains.accounts.forms import KeyForm
from buoy.domains.accounts.models import ApiClient, ApiToken
from buoy.domains.accounts.policy import ROLES, SCOPES
from buoy.domains.accounts.queries import PERMISSION_NAMES, SCOPE_NAMES
from tests.buoy.accounts.browsing import code, give_second_factor, sign_in
from tests.cast import PASSWORD, Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")

TOKEN = {"name": "Nightly feed", "scopes": ["read"], "days": "30"}


def confirmed(cast: Cast, name: str) -> Client:
    """Signed in, and asked again just now."""
    client = sign_in(cast.users[name])
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def calls(token: str) -> int:
    return int(Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code)


@pytest.mark.parametrize("name", ["rita", "mei"])
def test_a_token_is_shown_once_listed_and_ended(name: str) -> None:
    cast = make_cast()
    client = confirmed(cast, name)
    assert "No tokens" in client.get("/account/tokens/").content.decode()
    made = client.post("/account/tokens/new/", TOKEN)
    found = re.search(r"by_[a-z0-9]{10}_[\w-]{43}", made.content.decode())
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (201, True)
    assert found
    assert calls(found[0]) == 200
    listed = client.get("/account/tokens/").content.decode()
    assert "Nightly feed" in listed
    assert "Read everything" in listed
    assert found[0] not in listed
    token = ApiToken.objects.get()
    assert client.post(f"/account/tokens/{token.id}/revoke/").status_code == 302
    assert calls(found[0]) == 401
    assert "Nightly feed" not in client.get("/account/tokens/").content.decode()


@pytest.mark.parametrize("page", ["/account/tokens/new/", "/p/api-clients/new/"])
def test_making_a_key_asks_again_who_it_is(page: str) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    client = sign_in(cast.users["ramon"])
    asked = client.post(page, TOKEN)
    assert asked["Location"].startswith("/account/")
    assert "reauthenticate" in asked["Location"]
    assert not ApiToken.objects.exists()
    assert not ApiClient.objects.exists()
    client.post("/account/2fa/reauthenticate/", {"code": code(1)})
    assert client.post(page, TOKEN).status_code == 201


@pytest.mark.parametrize("name, root", [("ramon", "/p/"), ("ada", "/desk/")])
def test_an_api_client_is_shown_once_listed_and_ended(name: str, root: str) -> None:
    cast = make_cast()
    give_second_factor(cast.users[name])
    client = sign_in(cast.users[name])
    client.post("/account/2fa/reauthenticate/", {"code": code(1)})
    made = client.post(f"{root}api-clients/new/", TOKEN | {"name": "ERP"})
    blocks = re.findall(r"<code>([^<]+)</code>", made.content.decode())
    assert made.status_code == 201
    client_id, secret = blocks[-2:]
    given: dict[str, Any] = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    token = Client().post("/api/oauth/token", given).json()["access_token"]
    assert calls(token) == 200
    listed = client.get(f"{root}api-clients/").content.decode()
    assert "ERP" in listed
    assert client_id in listed
    assert secret not in listed
    assert client.post(f"{root}api-clients/{client_id}/revoke/").status_code == 302
    assert calls(token) == 401
    assert "ERP" not in client.get(f"{root}api-clients/").content.decode()


@pytest.mark.parametrize("changed", [{"name": ""}, {"scopes": []}, {"scopes": ["users.manage"]}, {"days": "4000"}])
def test_what_does_not_fit_is_told_in_the_form(changed: dict[str, Any]) -> None:
    client = confirmed(make_cast(), "rita")
    assert client.post("/account/tokens/new/", TOKEN | changed).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_form_offers_what_one_may_and_every_right_has_a_name() -> None:
    cast = make_cast()
    field: Any = KeyForm(permissions=cast.rita.permissions).fields["scopes"]
    assert {scope for scope, _ in field.choices} < cast.rita.permissions | {"read", "write"}
    assert set(PERMISSION_NAMES) == frozenset().union(*ROLES.values()) | {"tokens.manage"}
    assert set(SCOPE_NAMES) == SCOPES
