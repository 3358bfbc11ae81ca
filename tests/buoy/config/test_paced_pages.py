"""Who asks for more pages than a person can read waits, and nobody else does."""

import pytest
from django.conf import settings
from django.test import Client

from buoy.core.actor import Actor
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import give_second_factor
from tests.cast import make_cast

pytestmark = pytest.mark.usefixtures("committed")


def signed_in(actor: Actor) -> Client:
    user = User.objects.get(id=actor.person)
    give_second_factor(user)
    client = Client()
    client.force_login(user)
    return client


def test_one_who_asks_without_end_is_told_when_to_come_back_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = settings.CONFIGURATION.model_copy(update={"pages_per_minute": 6})
    monkeypatch.setattr(settings, "CONFIGURATION", slow)
    cast = make_cast()
    rita, otto = signed_in(cast.rita), signed_in(cast.otto)
    answers = [rita.get("/p/") for _again in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 10
    assert "Try again in" in answers[2].content.decode()
    assert otto.get("/p/").status_code == 200
