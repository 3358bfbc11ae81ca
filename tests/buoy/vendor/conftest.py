"""The cast, and a browser in which the administrator has signed in."""

import pytest
from django.test import Client

from tests.buoy.accounts.browsing import give_second_factor
from tests.cast import Cast, make_cast


@pytest.fixture
def cast(committed: None) -> Cast:
    return make_cast()


@pytest.fixture
def ada(cast: Cast) -> Client:
    give_second_factor(cast.users["ada"])
    client = Client()
    client.force_login(cast.users["ada"])
    return client
