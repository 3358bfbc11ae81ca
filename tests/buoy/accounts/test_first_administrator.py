"""Whoever started Buoy makes the first account by a link; nobody else can, and nobody twice."""

from datetime import timedelta
from typing import Any

import pytest

from buoy.core import clock
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.actions import first
from buoy.domains.accounts.actions.first import SetUpOver
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import visitor
from tests.cast import JOB, make_cast

pytestmark = pytest.mark.usefixtures("committed")

ASKED = {
    "email": "Ada@Vendor.example",
    "name": "Ada Brandt",
    "password": "four lanterns near harbour",
    "language": "nl",
    "time_zone": "Europe/Amsterdam",
}


def post(token: str, **change: str) -> Any:
    client = visitor()
    return client, client.post(f"/start/{token}/", ASKED | change)


def test_the_holder_of_the_link_becomes_administrator_and_is_led_to_the_second_factor() -> None:
    client, answer = post(first.new_link_token())
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.roles, user.partner_id) == ("ada@vendor.example", ["administrator"], None)
    assert (user.language, user.time_zone) == ("nl", "Europe/Amsterdam")
    assert client.get("/desk/")["Location"] == "/account/2fa/"
    with acting(JOB):
        assert AuditEvent.objects.filter(action="user.created", object_id=str(user.id)).count() == 1


def test_the_link_works_once() -> None:
    token = first.new_link_token()
    post(token)
    _, answer = post(token, email="eve@stranger.example")
    assert answer.status_code == 404
    assert [user.email for user in User.objects.all()] == ["ada@vendor.example"]


def test_two_browsers_with_the_link_make_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    token = first.new_link_token()
    post(token)
    # The second one looked before the first had written.
    monkeypatch.setattr(first, "require_open", lambda *, token: None)
    with pytest.raises(SetUpOver):
        first.create_first_administrator(token=token, now=clock.now(), **(ASKED | {"email": "eve@stranger.example"}))
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", ["", "first", "WyJmaXJzdCJd:1:abc"])
def test_a_stranger_without_the_link_gets_nothing(token: str) -> None:
    _, answer = post(token or "x")
    assert answer.status_code == 404
    assert not User.objects.exists()


def test_a_link_of_the_day_before_yesterday_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    token = first.new_link_token()
    monkeypatch.setattr(first, "_LASTS", timedelta(seconds=-1))
    with pytest.raises(SetUpOver):
        first.require_open(token=token)


def test_there_is_no_link_once_somebody_can_sign_in() -> None:
    make_cast()
    assert first.new_link_token() == ""


def test_a_password_that_everybody_knows_is_refused() -> None:
    _, answer = post(first.new_link_token(), password="password123")
    assert answer.status_code == 422
    assert not User.objects.exists()
