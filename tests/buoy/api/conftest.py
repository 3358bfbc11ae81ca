"""Calls of the API as the people of the cast, with tokens of theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from buoy.core.actor import Actor
from tests.buoy.access.world import make_token
from tests.cast import Cast, make_cast

Call = Callable[..., Any]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def caller(actor: Actor, *, scopes: tuple[str, ...] = ("write",), token: str | None = None) -> Call:
    """A function that calls an operation with a token of the actor: `call("GET", "/partners")`."""
    token = token or make_token(actor, scopes)

    def call(method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        return Client(raise_request_exception=False).generic(
            method,
            f"/api/v1{path}",
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", **headers},
        )

    return call
