"""An administrator's first steps tick themselves off, and can be put away and brought back."""

import re

import pytest
from django.test import Client

from buoy.core import clock
from buoy.domains.accounts.models import User
from buoy.domains.partners import actions as partners
from buoy.domains.partners import queries
from buoy.domains.vendor import actions as vendor
from tests.buoy.accounts.browsing import give_second_factor
from tests.cast import SETUP, Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")


def administrator() -> Client:
    """The only user of an installation."""
    user = User.objects.create_user(
        email="ada@vendor.example", password="x", name="Ada", partner=None, roles=["administrator"]
    )
    give_second_factor(user)
    client = Client()
    client.force_login(user)
    return client


def steps(client: Client) -> list[bool]:
    """Whether each step is done, in their order; empty when there is no guide."""
    page = client.get("/desk/").content.decode()
    return [bool(done) for done in re.findall(r'<li class="guide-step( guide-done)?', page)]


def test_the_steps_tick_themselves_off_by_what_has_happened() -> None:
    client = administrator()
    user = User.objects.get()
    ada = queries.actor_of(user, on=clock.now().date())
    assert steps(client) == [True, False, False, False, False]
    vendor.change_look(ada, name="Nimbus", brand=None)
    assert steps(client) == [True, True, False, False, False]
    vendor.note_mail_test(ada, address=user.email, now=clock.now())
    assert steps(client) == [True, True, True, False, False]
    client.post(
        "/desk/users/invite/", {"email": "mei@vendor.example", "name": "Mei", "roles": "finance", "language": "en"}
    )
    assert steps(client) == [True, True, True, True, False]
    partners.add_partner(SETUP, name="Alpha", country="", language="en", now=clock.now())
    assert steps(client) == [True] * 5


def test_it_is_put_away_and_brought_back() -> None:
    client = administrator()
    client.post("/desk/settings/guide/", {"shown": "no"})
    assert steps(client) == []
    client.post("/desk/settings/guide/", {"shown": "yes"})
    assert len(steps(client)) == 5


def test_it_is_for_administrators_only() -> None:
    cast: Cast = make_cast()
    client = Client()
    client.force_login(cast.users["mei"])
    assert steps(client) == []
