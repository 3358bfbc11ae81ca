"""A password is long enough and not stolen; nothing else is asked of it."""

import itertools
import random
import string
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from buoy.domains.accounts.forms import LONGEST_PASSWORD, BreachedPasswordValidator, _stolen_short_ones
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import is_in, sign_in, try_password, visitor
from tests.cast import PASSWORD, make_cast


def refusals(password: str, **about: Any) -> list[str]:
    try:
        validate_password(password, User(email="rita@alpha.example", name="Rita Quartermain", **about))
    except ValidationError as error:
        return [str(each.code) for each in error.error_list]
    return []


# In the order of length: 8 and 9 characters from the short list, more from the long one.
STOLEN = ["milanista", "chelsea99", "Zxcvbnm12", "metallica1", "qwertyuiop123", "iloveyouforever"]


@pytest.mark.parametrize("password", STOLEN)
def test_a_stolen_password_is_refused_in_whichever_case(password: str) -> None:
    for form in (password, password.upper(), password.title()):
        assert "password_breached" in refusals(form), form


@pytest.mark.parametrize(
    "password",
    [
        "vkqmzhdw",
        "lighthousekeeper on tuesdays",
        "        ęż 漢字",
        "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhhhiiiiiiii-and-more",
        "x1" * (LONGEST_PASSWORD // 2),
    ],
)
def test_no_rule_says_which_characters(password: str) -> None:
    assert refusals(password) == []


def test_seven_characters_are_too_few() -> None:
    assert refusals("vkqmzhd") == ["password_too_short"]


def test_ones_own_name_and_address_are_refused() -> None:
    for password in ("rita@alpha.example", "quartermain"):
        assert "password_too_similar" in refusals(password)


def test_the_message_says_why_and_what_to_do() -> None:
    with pytest.raises(ValidationError, match=r"stolen lists.*Choose one that only you use"):
        BreachedPasswordValidator().validate("milanista")


def test_the_short_list_is_as_long_as_the_page_says_and_sorted() -> None:
    marks = _stolen_short_ones()
    each = [marks[at : at + 4] for at in range(0, len(marks), 4)]
    assert len(each) == 468_800
    assert all(before < after for before, after in itertools.pairwise(each))


def test_hardly_any_password_is_refused_by_chance() -> None:
    made = random.Random(20260601)
    passwords = ["".join(made.choices(string.ascii_letters + string.digits, k=9)) for _ in range(50_000)]
    # Expected are 50,000 · 468,800 / 2³² ≈ 5 in each of the two cases that are looked up.
    assert sum("password_breached" in _codes(each) for each in passwords) <= 30


def _codes(password: str) -> list[str]:
    try:
        BreachedPasswordValidator().validate(password)
    except ValidationError as error:
        return [str(each.code) for each in error.error_list]
    return []


@pytest.mark.usefixtures("committed")
def test_a_change_to_a_stolen_password_is_refused_and_to_a_very_long_one_holds() -> None:
    cast = make_cast()
    client = sign_in(cast.users["rita"])
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    change = "/account/password/change/"
    refused = client.post(change, {"oldpassword": PASSWORD, "password1": "milanista", "password2": "milanista"})
    assert b"stolen lists" in refused.content
    long = "four lanterns near the harbour and a hundred gulls above the old pier, every single morning"
    assert client.post(change, {"oldpassword": PASSWORD, "password1": long, "password2": long}).status_code == 302
    fresh = visitor()
    assert try_password(fresh, "rita@alpha.example", long).status_code == 302
    assert is_in(fresh)
