"""Whoever calls too often waits; nobody else does."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.buoy.api.conftest import caller
from tests.cast import Cast


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """6 calls a minute, 2 of them at once; 8 at once from one address."""
    slow = settings.CONFIGURATION.model_copy(update={"api_calls_per_minute": 6})
    monkeypatch.setattr(settings, "CONFIGURATION", slow)


def statuses(call: Any, times: int) -> list[int]:
    return [call("GET", "/me").status_code for _ in range(times)]


def test_a_token_that_calls_too_often_is_told_when_to_come_back(cast: Cast) -> None:
    call = caller(cast.rita)
    assert statuses(call, 3) == [200, 200, 429]
    answer = call("GET", "/me")
    assert answer.json()["code"] == "too-many-calls"
    assert 1 <= int(answer["Retry-After"]) <= 10


def test_one_token_does_not_use_up_the_calls_of_another(cast: Cast) -> None:
    busy, quiet = caller(cast.rita), caller(cast.otto)
    assert statuses(busy, 3)[-1] == 429
    assert statuses(quiet, 1) == [200]


def test_an_address_that_guesses_tokens_is_slowed(cast: Cast) -> None:
    def guess(method: str, path: str) -> Any:
        return Client().get("/api/v1/me", headers={"Authorization": "Bearer by_guess"})

    assert statuses(guess, 9) == [401] * 8 + [429]
    assert statuses(caller(cast.rita), 1) == [429]
