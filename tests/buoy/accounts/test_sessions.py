"""A session ends when it should, at the next request: by rest and age, in another browser, and by every change that
makes it doubtful."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client

from buoy.config.sign_in import sign_in_settings
from buoy.core import clock
from buoy.core.configuration import read
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.actions import people
from tests.buoy.accounts.browsing import code, give_second_factor, is_in, sign_in, try_password, visitor
from tests.cast import PASSWORD, make_cast

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the only clock of the application."""
    now = clock.now
    ahead = [timedelta()]
    monkeypatch.setattr(clock, "now", lambda: now() + ahead[0])

    def move(by: timedelta) -> None:
        ahead[0] += by

    return move


def copy_of(client: Client, **more: str) -> Client:
    """Another browser that holds the same cookies."""
    other = visitor(**more)
    for name, cookie in client.cookies.items():
        other.cookies[name] = cookie.value
    return other


def test_half_an_hour_of_rest_ends_it(later: Callable[[timedelta], None]) -> None:
    cast = make_cast()
    client = sign_in(cast.users["rita"])
    later(timedelta(minutes=29))
    assert is_in(client)
    later(timedelta(minutes=29))
    assert is_in(client)
    later(timedelta(minutes=31))
    assert not is_in(client)


def test_twelve_hours_end_it_whatever_one_does(later: Callable[[timedelta], None]) -> None:
    cast = make_cast()
    client = sign_in(cast.users["rita"])
    for _ in range(35):
        later(timedelta(minutes=20))
        assert is_in(client)
    later(timedelta(minutes=20))
    assert not is_in(client)


def test_a_cookie_in_another_browser_is_worth_nothing_and_ends_the_session() -> None:
    cast = make_cast()
    client = sign_in(cast.users["rita"])
    assert not is_in(copy_of(client, browser="curl/8"))
    assert not is_in(client)


def test_signing_out_ends_it_for_whoever_copied_the_cookie() -> None:
    cast = make_cast()
    client = sign_in(cast.users["rita"])
    thief = copy_of(client)
    client.post("/account/logout/")
    assert not is_in(client)
    assert not is_in(thief)


def test_signing_out_everywhere_ends_all() -> None:
    cast = make_cast()
    clients = [sign_in(cast.users["rita"]) for _ in range(3)]
    people.end_sessions(cast.rita, user_id=UUID(str(cast.users["rita"].pk)), now=clock.now())
    assert [is_in(client) for client in clients] == [False, False, False]


def test_a_new_password_ends_the_other_sessions() -> None:
    cast = make_cast()
    here, there = sign_in(cast.users["rita"]), sign_in(cast.users["rita"])
    confirm(here)
    new = "four lanterns near harbour"
    answer = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_new_second_factor_ends_the_other_sessions() -> None:
    cast = make_cast()
    here, there = sign_in(cast.users["rita"]), sign_in(cast.users["rita"])
    confirm(here)
    here.get("/account/2fa/totp/activate/")
    answer = here.post("/account/2fa/totp/activate/", {"code": code_of(here)})
    assert answer.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)


def test_signing_in_makes_a_new_session() -> None:
    make_cast()
    client = visitor()
    client.get("/account/login/code/")
    session = client.session
    session["fixed"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["session"] = planted
    try_password(client, "rita@alpha.example")
    assert client.cookies["session"].value != planted
    thief = visitor()
    thief.cookies["session"] = planted
    assert not is_in(thief)


def test_the_cookie_is_for_the_server_alone() -> None:
    cast = make_cast()
    cookies = sign_in(cast.users["rita"]).cookies
    for name in ("session", "device"):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"
        assert cookies[name]["path"] == "/"


def test_over_https_the_cookies_are_bound_to_the_host() -> None:
    made = sign_in_settings(read({"BUOY_URL": "https://buoy.example", "BUOY_CONFIG": "/dev/null"}), https=True)
    assert made["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert made["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert made["SESSION_COOKIE_SECURE"]
    assert made["CSRF_COOKIE_SECURE"]


def test_somebody_sees_their_sessions_and_ends_the_others() -> None:
    cast = make_cast()
    here, there = sign_in(cast.users["rita"]), sign_in(cast.users["rita"], visitor(address="192.0.2.77"))
    assert "192.0.2.77" in here.get("/account/sessions/").content.decode()
    here.post("/account/sessions/")
    assert (is_in(here), is_in(there)) == (True, False)


def test_somebody_ends_one_session_of_theirs_and_nobody_elses() -> None:
    cast = make_cast()
    here, there, third = (sign_in(cast.users["rita"], visitor(address=f"192.0.2.{number}")) for number in (1, 2, 3))
    of_there = UserSession.objects.get(ip="192.0.2.2")
    otto = sign_in(cast.users["otto"])
    assert otto.post(f"/account/sessions/{of_there.pk}/end/").status_code == 404
    assert is_in(there)
    page = here.get("/account/sessions/").content.decode()
    assert f"/account/sessions/{of_there.pk}/end/" in page
    assert page.count("/end/") == 2
    assert here.post(f"/account/sessions/{of_there.pk}/end/").status_code == 302
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, True)
    with acting(cast.job):
        assert AuditEvent.objects.get(action="user.session_ended").user_id == cast.rita.user_id


def test_a_session_is_noted_once_a_minute_and_not_at_every_page(
    later: Callable[[timedelta], None], django_assert_num_queries: Any
) -> None:
    cast = make_cast()
    client = sign_in(cast.users["mei"])
    client.get("/")
    # The session and its user.
    with django_assert_num_queries(2):
        client.get("/")


def confirm(client: Client) -> None:
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def code_of(client: Client) -> str:
    """The code of the secret that the page of the authenticator app has just shown."""
    return str(format_hotp_value(hotp_value(client.session[SECRET_SESSION_KEY], int(time.time()) // 30)))


def test_a_role_that_demands_it_lets_nobody_work_without_a_second_factor() -> None:
    cast = make_cast()
    client = sign_in(cast.users["ada"])
    assert client.get("/desk/")["Location"] == "/account/2fa/"
    confirm(client)
    client.get("/account/2fa/totp/activate/")
    client.post("/account/2fa/totp/activate/", {"code": code_of(client)})
    assert client.get("/desk/").status_code == 200
    refused = client.post("/account/2fa/totp/deactivate/")
    assert refused.status_code == 200
    assert client.get("/desk/").status_code == 200


def test_a_second_factor_that_the_role_demands_survives_a_direct_request() -> None:
    cast = make_cast()
    give_second_factor(cast.users["ada"])
    client = sign_in(cast.users["ada"])
    client.post("/account/2fa/reauthenticate/", {"code": code(1)})
    assert client.post("/account/2fa/totp/deactivate/").status_code == 200
    assert client.get("/desk/").status_code == 200
