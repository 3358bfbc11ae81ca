"""A token made on the command line lets its user in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from buoy.cli import app
from tests.cast import make_cast

Run = Callable[..., Any]


@pytest.fixture
def buoy(committed: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BUOY_DATABASE_URL", "postgresql://buoy_app@localhost/buoy_tests")
    make_cast()
    return lambda *words: CliRunner().invoke(app, ["token", "create", *words])


def test_it_calls_the_api_as_its_user(buoy: Run) -> None:
    made = buoy("Rita@alpha.example", "--name", "nightly", "--scope", "read")
    assert made.exit_code == 0
    answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {made.output.strip()}"})
    assert answer.json()["name"] == "Rita"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody@x.example", "--name", "n", "--scope", "read"], "found no active user"),
        (["rita@alpha.example", "--name", "n", "--scope", "all"], "Unknown scopes: all"),
        (["rita@alpha.example", "--name", "n", "--scope", "read", "--days", "1000"], "within 366 days"),
    ],
)
def test_what_cannot_be_is_refused(buoy: Run, words: list[str], said: str) -> None:
    refused = buoy(*words)
    assert (refused.exit_code, said in refused.output) == (2, True)
