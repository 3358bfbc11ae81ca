"""A token is its user as far as its scopes go, until it ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.actions.tokens import LONGEST_DAYS, TokenRefused, create_token, revoke_token, use_token
from buoy.domains.accounts.models import ApiToken, User
from tests.buoy.api.conftest import caller
from tests.cast import JOB, Cast

DAY = timedelta(days=1)


def make(actor: Actor, **changed: Any) -> tuple[Any, str]:
    now = clock.now()
    given: dict[str, Any] = {"name": "mine", "scopes": ["read"], "expires_at": now + DAY, "now": now}
    return create_token(actor, **given | changed)


def status(token: str) -> int:
    response = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    return response.status_code


def test_a_token_is_its_user(cast: Cast) -> None:
    me = caller(cast.rita)("GET", "/me").json()
    assert (me["name"], me["partner_id"]) == ("Rita", str(cast.alpha.id))
    assert me["permissions"] == sorted(cast.rita.permissions)


def test_a_token_that_reads_has_the_rights_that_read(cast: Cast) -> None:
    permissions = caller(cast.ada, scopes=("read",))("GET", "/me").json()["permissions"]
    assert "audit.view" in permissions
    assert [each for each in permissions if not each.endswith((".view", ".enter"))] == []


def test_a_token_has_single_rights_of_its_user_and_no_others(cast: Cast) -> None:
    call = caller(cast.rita, scopes=("partners.view", "users.manage"))
    assert call("GET", "/me").json()["permissions"] == ["partners.view"]


def test_the_secret_is_kept_nowhere(cast: Cast) -> None:
    _, text = make(cast.rita)
    secret = text.split("_", 2)[2]
    (token,) = ApiToken.objects.values()
    assert secret.encode() not in bytes(token["digest"])
    with acting(JOB):
        (event,) = AuditEvent.objects.all()
    assert secret not in str(event.details)
    assert event.details["after"]["prefix"] == text.split("_")[1]


def test_a_token_ends_when_it_is_revoked(cast: Cast) -> None:
    made, text = make(cast.rita)
    assert status(text) == 200
    revoke_token(cast.rita, token_id=made, now=clock.now())
    assert status(text) == 401


def test_a_token_ends_at_its_date(cast: Cast) -> None:
    _, text = make(cast.rita)
    assert use_token(text, now=clock.now() + DAY) is None


def test_a_token_ends_with_its_user(cast: Cast) -> None:
    _, text = make(cast.rita)
    User.objects.filter(id=cast.rita.person).update(is_active=False)
    assert status(text) == 401


@pytest.mark.parametrize("spoil", [str.upper, lambda text: text[:-1], lambda text: text + "x", lambda text: "by_x_y"])
def test_what_is_not_a_token_is_refused(cast: Cast, spoil: Any) -> None:
    _, text = make(cast.rita)
    assert status(spoil(text)) == 401


def test_the_secret_of_another_token_does_not_fit(cast: Cast) -> None:
    mine, other = make(cast.rita)[1].split("_", 2), make(cast.rita)[1].split("_", 2)
    assert status("_".join([mine[0], mine[1], other[2]])) == 401


def test_a_session_opens_nothing_here(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.users["ada"])
    assert client.get("/api/v1/me").status_code == 401


def test_the_last_use_is_noted_once_a_minute(cast: Cast) -> None:
    _, text = make(cast.rita)
    now = clock.now()
    seen = []
    for seconds in (0, 30, 61):
        use_token(text, now=now + timedelta(seconds=seconds))
        seen.append(ApiToken.objects.values_list("last_used_at", flat=True).get())
    assert seen == [now, now, now + timedelta(seconds=61)]


def test_a_program_makes_no_token(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        make(replace(cast.rita, api_client_id=cast.alpha.id))


@pytest.mark.parametrize(
    "changed",
    [
        {"scopes": ["everything"]},
        {"scopes": []},
        {"name": ""},
        {"expires_at": clock.now() - DAY},
        {"expires_at": clock.now() + timedelta(days=LONGEST_DAYS + 1)},
    ],
)
def test_a_token_without_name_known_scopes_or_a_near_end_is_refused(cast: Cast, changed: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        make(cast.rita, **changed)


def test_the_list_shows_ones_own_tokens_without_secrets(cast: Cast) -> None:
    make(cast.otto)
    listed = caller(cast.rita)("GET", "/me/tokens").json()["items"]
    assert [each["name"] for each in listed] == ["of the tests"]
    assert set(listed[0]) == {"id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"}


def test_what_a_program_does_is_recorded_with_its_token_and_request(cast: Cast) -> None:
    made, text = make(cast.rita, scopes=["write"])
    answer = Client().delete(f"/api/v1/me/tokens/{made}", headers={"Authorization": f"Bearer {text}"})
    with acting(JOB):
        event = AuditEvent.objects.get(action="api_token.revoked")
    assert (event.user_id, event.api_client_id, event.object_id) == (cast.rita.user_id, made, str(made))
    assert (event.request_id, event.details["address"]) == (answer["X-Request-ID"], "127.0.0.1")
