"""A code of the second factor lets somebody in once, however it is written, and whoever else sends it at the same moment."""

from __future__ import annotations

import threading

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import connection
from django.test import Client

from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import code, give_second_factor, is_in, try_password, visitor
from tests.cast import make_cast

pytestmark = pytest.mark.usefixtures("committed")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
def ramon() -> User:
    user = make_cast().users["ramon"]
    give_second_factor(user)
    return user


def at_second_step(user: User) -> Client:
    client = visitor()
    assert try_password(client, user.email)["Location"] == "/account/2fa/authenticate/"
    return client


def enters(client: Client, typed: str) -> bool:
    client.post("/account/2fa/authenticate/", {"code": typed})
    return is_in(client)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda shown: shown, id="as it is shown"),
        pytest.param(lambda shown: f" {shown[:3]} {shown[3:]} ", id="with spaces"),
        pytest.param(lambda shown: shown.translate(FULL_WIDTH), id="in full-width digits"),
    ],
)
def test_a_code_does_not_count_a_second_time_however_it_is_written(ramon: User, written: object) -> None:
    shown = code()
    assert enters(at_second_step(ramon), shown)
    assert not enters(at_second_step(ramon), written(shown))  # type: ignore[operator]


def test_a_clock_may_be_half_a_minute_off_and_no_more(ramon: User) -> None:
    assert not enters(at_second_step(ramon), code(-3))
    assert not enters(at_second_step(ramon), code(3))
    assert enters(at_second_step(ramon), code(1))


def test_an_older_code_is_worth_nothing_after_a_newer_one(ramon: User) -> None:
    newer, older = code(1), code(0)
    assert enters(at_second_step(ramon), newer)
    assert not enters(at_second_step(ramon), older)


def test_of_two_at_the_same_moment_one_is_let_in(ramon: User) -> None:
    for steps in (-1, 0, 1):
        shown = code(steps)
        clients = [at_second_step(ramon) for _ in range(2)]
        inside: list[bool] = []

        def go(client: Client, shown: str = shown, inside: list[bool] = inside) -> None:
            inside.append(enters(client, shown))
            connection.close()

        threads = [threading.Thread(target=go, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(inside) == 2
        assert inside.count(True) <= 1


def test_a_recovery_code_counts_once(ramon: User) -> None:
    RecoveryCodes.activate(ramon)
    first, second, *_ = Authenticator.objects.get(user=ramon, type="recovery_codes").wrap().get_unused_codes()
    assert enters(at_second_step(ramon), first)
    assert not enters(at_second_step(ramon), first)
    assert enters(at_second_step(ramon), second)


def test_guessing_codes_ends_after_a_few(ramon: User) -> None:
    client = at_second_step(ramon)
    for guess in range(12):
        client.post("/account/2fa/authenticate/", {"code": f"{guess:06}"})
    assert not enters(client, code())
