"""Guessing is slowed down where it comes from, and keeps no owner out of their account."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.buoy.accounts.browsing import Mails, code, give_second_factor, is_in, try_password, visitor
from tests.cast import make_cast

pytestmark = pytest.mark.usefixtures("committed")

RITA = "rita@alpha.example"
WAIT = "Too many failed"


def guess(address: str, email: str = RITA, times: int = 1) -> Any:
    for _ in range(times):
        answer = try_password(visitor(address), email, "a guess")
    return answer


def is_told_to_wait(answer: Any) -> bool:
    return answer.status_code == 429 or WAIT in answer.content.decode()


def test_ten_guesses_at_an_account_close_it_to_their_place_and_to_no_other() -> None:
    make_cast()
    assert not is_told_to_wait(guess("192.0.2.66", times=10))
    assert is_told_to_wait(guess("192.0.2.66"))
    stranger = visitor("192.0.2.66")
    try_password(stranger, RITA)
    owner = visitor("192.0.2.1")
    try_password(owner, RITA)
    assert (is_in(stranger), is_in(owner)) == (False, True)


def test_guesses_at_many_accounts_close_their_place() -> None:
    make_cast()
    answers = [guess("192.0.2.66", f"somebody{number}@alpha.example") for number in range(31)]
    assert not is_told_to_wait(answers[0])
    assert is_told_to_wait(answers[-1])
    owner = visitor("192.0.2.1")
    try_password(owner, RITA)
    assert is_in(owner)


def test_very_many_places_slow_an_account_down_and_neither_a_browser_that_it_knows_nor_a_code_by_mail(
    mails: Mails,
) -> None:
    make_cast()
    known = visitor("192.0.2.1")
    try_password(known, RITA)
    known.post("/account/logout/")
    for number in range(100):
        guess(f"198.51.100.{number}")
    assert is_told_to_wait(guess("203.0.113.1"))
    assert try_password(known, RITA).status_code == 302
    assert is_in(known)
    owner = visitor("192.0.2.2")
    owner.post("/account/login/code/", {"email": RITA})
    sent = re.search(r"^([A-Z0-9-]{6,})\s*$", mails[-1].get_content(), re.MULTILINE)
    assert sent, mails[-1].get_content()
    owner.post("/account/login/code/confirm/", {"code": sent[1]})
    assert is_in(owner)


def second_step(client: Client, given: str) -> Any:
    return client.post("/account/2fa/authenticate/", {"code": given})


def test_codes_of_the_second_factor_cannot_be_tried_through(mails: Mails) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    thief = visitor("192.0.2.66")
    try_password(thief, "ramon@alpha.example")
    answers = [second_step(thief, f"{number:06}") for number in range(12)]
    assert is_told_to_wait(answers[-1])
    second_step(thief, code())
    assert not is_in(thief)


def test_who_asks_for_too_many_letters_is_told_when_to_come_back(mails: Mails) -> None:
    make_cast()
    answers = [visitor().post("/account/password/reset/", {"email": RITA}) for _ in range(8)]
    assert answers[0].status_code == 302
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"


@pytest.mark.long
def test_ten_thousand_guesses_do_not_lock_the_owner_out() -> None:
    make_cast()
    known = visitor("192.0.2.1")
    try_password(known, RITA)
    known.post("/account/logout/")
    for number in range(10_000):
        guess(f"10.{number % 200}.{number // 200}.1")
    try_password(known, RITA)
    assert is_in(known)
