"""A program gets a token by its name and secret, and is then its owner as far as its scopes go, until it ends."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.test import Client

from buoy.api import oauth
from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions.clients import create_client, forget_tokens, revoke_client, use_access_token
from buoy.domains.accounts.actions.tokens import TokenRefused
from buoy.domains.accounts.models import ApiClient, User
from tests.buoy.api.conftest import caller
from tests.cast import JOB, Cast

DAY = timedelta(days=1)
ENDPOINT = "/api/oauth/token"


def make(actor: Actor, **changed: Any) -> tuple[UUID, str]:
    now = clock.now()
    given: dict[str, Any] = {"name": "ERP", "scopes": ["read"], "expires_at": now + DAY, "now": now}
    return create_client(actor, **given | changed)


def ask(client_id: UUID | str, secret: str, *, address: str = "192.0.2.1", **more: str) -> Any:
    """Ask for a token, as RFC 6749 prefers it: name and secret in the header."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    given = {"grant_type": "client_credentials", **more}
    return Client(REMOTE_ADDR=address).post(ENDPOINT, given, headers=headers)


def get_token(actor: Actor, **changed: Any) -> str:
    answer = ask(*make(actor, **changed))
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def status(token: str) -> int:
    return int(Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code)


def test_a_client_gets_a_token_that_is_good_for_an_hour(cast: Cast) -> None:
    answer = ask(*make(cast.ramon))
    said = answer.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 3600, "read")
    assert "refresh_token" not in said
    assert "no-store" in answer["Cache-Control"]
    assert status(said["access_token"]) == 200
    assert use_access_token(said["access_token"], now=clock.now() + timedelta(minutes=61)) is None


def test_name_and_secret_may_come_in_the_body(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    given = {"grant_type": "client_credentials", "client_id": str(client_id), "client_secret": secret}
    assert Client().post(ENDPOINT, given).status_code == 200


def test_a_client_is_its_owner_as_far_as_its_scopes_go(cast: Cast) -> None:
    me = caller(cast.ramon, token=get_token(cast.ramon, scopes=["partners.view", "jobs.view"]))("GET", "/me").json()
    assert me["partner_id"] == str(cast.alpha.id)
    assert me["permissions"] == ["partners.view"]


def test_a_token_sees_what_its_owner_sees_and_writes_only_with_the_scope(cast: Cast) -> None:
    comments = f"/subjects/partner/{cast.alpha.id}/comments"
    rival = caller(cast.otto, token=get_token(cast.otto, scopes=["write"]))
    assert rival("GET", f"/partners/{cast.alpha.id}").status_code == 404
    reads = caller(cast.ramon, token=get_token(cast.ramon))
    assert reads("GET", comments).status_code == 200
    assert reads("POST", comments, b'{"text": "said"}').status_code == 403
    writes = caller(cast.ramon, token=get_token(cast.ramon, scopes=["write"]))
    assert writes("POST", comments, b'{"text": "said"}').status_code == 201


def test_a_client_may_ask_for_less_and_not_for_more(cast: Cast) -> None:
    client_id, secret = make(cast.ramon, scopes=["partners.view", "tasks.view"])
    less = ask(client_id, secret, scope="partners.view").json()["access_token"]
    assert caller(cast.ramon, token=less)("GET", "/me").json()["permissions"] == ["partners.view"]
    more = ask(client_id, secret, scope="write")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_what_a_client_does_is_recorded_with_its_name_and_owner(cast: Cast) -> None:
    client_id, secret = make(cast.ramon, scopes=["write"])
    call = caller(cast.ramon, token=ask(client_id, secret).json()["access_token"])
    call("POST", f"/subjects/partner/{cast.alpha.id}/comments", b'{"text": "said"}')
    with acting(JOB):
        event = AuditEvent.objects.get(object_type="comment")
    assert (event.user_id, event.api_client_id) == (cast.ramon.user_id, client_id)


def test_making_and_ending_one_is_recorded_without_the_secret(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    revoke_client(cast.ramon, client_id=client_id, now=clock.now())
    with acting(JOB):
        events = list(AuditEvent.objects.filter(object_type="api_client").order_by("number"))
    assert [(each.action, each.partner_id) for each in events] == [
        ("api_client.created", cast.alpha.id),
        ("api_client.revoked", cast.alpha.id),
    ]
    assert secret not in str([each.details for each in events])


def test_secret_and_token_are_kept_as_hashes(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    token = ask(client_id, secret).json()["access_token"]
    kept = str([*OAuthClient.objects.values(), *Token.objects.values(), *ApiClient.objects.values()])
    assert secret not in kept
    assert token not in kept


@pytest.mark.parametrize("spoil", [lambda secret: secret + "x", lambda secret: "", str.swapcase])
def test_a_wrong_secret_gets_nothing(cast: Cast, spoil: Any) -> None:
    client_id, secret = make(cast.ramon)
    assert (ask(client_id, spoil(secret)).status_code, ask(cast.alpha.id, secret).status_code) == (401, 401)


@pytest.mark.parametrize("grant", ["authorization_code", "password", "refresh_token", "implicit", ""])
def test_no_other_grant_is_given(cast: Cast, grant: str) -> None:
    answer = ask(*make(cast.ramon), grant_type=grant, code="x", username="rita@alpha.example", password="x")
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_a_revoked_client_and_its_tokens_end_at_once(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    token = ask(client_id, secret).json()["access_token"]
    revoke_client(cast.ramon, client_id=client_id, now=clock.now())
    assert (status(token), ask(client_id, secret).status_code) == (401, 401)


def test_a_client_ends_at_its_date(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id, secret = make(cast.ramon)
    token = ask(client_id, secret).json()["access_token"]
    later = clock.now() + DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (status(token), ask(client_id, secret).status_code) == (401, 401)


def test_a_client_ends_with_its_owner(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    token = ask(client_id, secret).json()["access_token"]
    User.objects.filter(id=cast.ramon.person).update(is_active=False)
    assert (status(token), ask(client_id, secret).status_code) == (401, 401)


def test_a_client_loses_what_its_owner_loses(cast: Cast) -> None:
    token = get_token(cast.ramon, scopes=["audit.view"])
    User.objects.filter(id=cast.ramon.person).update(roles=["partner_seller"])
    assert caller(cast.ramon, token=token)("GET", "/me").json()["permissions"] == []


def test_the_last_use_is_noted(cast: Cast) -> None:
    token = get_token(cast.ramon)
    assert ApiClient.objects.get().last_used_at is None
    now = clock.now()
    use_access_token(token, now=now)
    assert ApiClient.objects.get().last_used_at == now


def test_who_may_make_one(cast: Cast) -> None:
    for actor in (cast.rita, cast.mei, cast.finn, cast.tess, cast.wout):
        with pytest.raises(NotAllowed):
            make(actor)
    with pytest.raises(NotAllowed):
        make(cast.ramon.seen_by_staff(cast.alpha.id))
    far = clock.now() + 400 * DAY
    wrong: list[dict[str, Any]] = [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"expires_at": far}]
    for changed in wrong:
        with pytest.raises(TokenRefused):
            make(cast.ramon, **changed)


def test_who_sees_and_ends_whose(cast: Cast) -> None:
    made = {name: make(getattr(cast, name), name=name)[0] for name in ("ramon", "otto", "dana", "ada")}

    def seen(actor: Actor) -> set[str]:
        with acting(actor):
            return {row.name for row in queries.api_clients(actor)}

    assert (seen(cast.ramon), seen(cast.dana)) == ({"ramon"}, {"dana"})
    assert seen(cast.ada) == {"ramon", "otto", "dana", "ada"}
    for actor, whose in ((cast.ramon, "otto"), (cast.dana, "ramon"), (cast.otto, "ada")):
        with pytest.raises(NotFound):
            revoke_client(actor, client_id=made[whose], now=clock.now())
    revoke_client(cast.ada, client_id=made["otto"], now=clock.now())
    assert seen(cast.otto) == set()
    with pytest.raises(NotFound):
        revoke_client(cast.otto, client_id=made["otto"], now=clock.now())


def test_the_database_itself_keeps_the_programs_of_others_from_a_partner(cast: Cast) -> None:
    make(cast.ramon)
    with acting(cast.dana):
        assert not OAuthClient.objects.only("id").exists()
        assert not ApiClient.objects.exists()


def test_guessing_wears_out_the_place_and_not_the_client(cast: Cast) -> None:
    client_id, secret = make(cast.ramon)
    answers = [ask(client_id, "guess", address="192.0.2.66") for _ in range(oauth.BY_CLIENT.burst + 1)]
    assert {each.status_code for each in answers[:-1]} == {401}
    assert (answers[-1].status_code, int(answers[-1]["Retry-After"]) >= 1) == (429, True)
    assert ask(client_id, secret).status_code == 200


def test_tokens_that_have_ended_are_forgotten(cast: Cast) -> None:
    token = get_token(cast.ramon)
    forget_tokens(before=clock.now())
    assert status(token) == 200
    forget_tokens(before=clock.now() + timedelta(hours=2))
    assert not Token.objects.exists()
