"""What a visitor is told, and how much work it is, does not depend on whether there is such an account."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import Mails, try_password, visitor
from tests.cast import PASSWORD, make_cast

pytestmark = pytest.mark.usefixtures("committed")
RITA, NOBODY = "rita@alpha.example", "nobody@alpha.example"


def words(answer: Any, email: str) -> str:
    """A page without what differs each time and the address that was typed."""
    text = answer.content.decode().replace(email, "ADDRESS")
    return re.sub(r'[A-Za-z0-9]{64}|nonce="[^"]+"', "", text)


WAYS: dict[str, Callable[[str], Any]] = {
    "sign in": lambda email: try_password(visitor(), email, "wrong"),
    "reset": lambda email: visitor().post("/account/password/reset/", {"email": email}, follow=True),
    "code": lambda email: visitor().post("/account/login/code/", {"email": email}, follow=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_is_the_same_for_an_address_that_is_not_known(way: str, mails: Mails) -> None:
    make_cast()
    known, unknown = WAYS[way](RITA), WAYS[way](NOBODY)
    assert known.status_code == unknown.status_code
    assert getattr(known, "redirect_chain", None) == getattr(unknown, "redirect_chain", None)
    assert words(known, RITA) == words(unknown, NOBODY)


@pytest.mark.parametrize("way", ["sign in", "reset"])
def test_the_answer_takes_as_long_for_an_address_that_is_not_known(way: str, mails: Mails, settings: Any) -> None:
    """Measured by the work and not by the clock, since the machine does other things too."""
    make_cast()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    rita = User.objects.get(email=RITA)
    rita.set_password(PASSWORD)
    rita.save()
    spent: dict[str, list[float]] = {RITA: [], NOBODY: []}
    for _ in range(9):
        for email, times in spent.items():
            begun = time.process_time()
            WAYS[way](email)
            times.append(time.process_time() - begun)
    known, unknown = (min(times) for times in spent.values())
    assert abs(known - unknown) < 0.05 * max(known, unknown) + 0.001, (known, unknown)
