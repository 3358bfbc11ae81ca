"""The people who knock at every door, and the things that stand behind it.

An identity is somebody with a way in: a browser with a session, or a program with a token. `OBJECTS` makes, for the name
of an object in the table, one thing of each partner; whoever adds a kind of thing adds a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from buoy.core.ids import new_id
from tests.cast import Cast

PARTNERS = ("alpha", "beta", "delta")

IDENTITIES = {
    "nobody": None,
    "seller": "rita",
    "partner_administrator": "ramon",
    "rival_seller": "olga",
    "rival": "otto",
    "distributor": "dana",
    "administrator": "ada",
    "channel_manager": "mei",
    "finance": "finn",
    "marketing": "maya",
    "executive": "evan",
    "auditor": "tess",
    "delegate": "wout",
}
"""Who asks, by their names in the table, and who of the cast that is."""

GROUPS = {
    "partners": ("seller", "partner_administrator", "rival_seller", "rival", "distributor"),
    "sellers": ("seller", "rival_seller"),
    "partner_administrators": ("partner_administrator", "rival", "distributor"),
    "desk": ("administrator", "channel_manager", "finance", "marketing", "executive", "auditor", "delegate"),
    "everybody": tuple(IDENTITIES),
}
"""Words of the table that stand for several identities."""

HOME = {
    "seller": "alpha",
    "partner_administrator": "alpha",
    "rival_seller": "beta",
    "rival": "beta",
    "distributor": "delta",
}
"""Which partner's things are an identity's own; staff take Alpha's for that."""

BELOW = {"distributor": ("alpha",)}
"""Whose things are neither foreign nor one's own."""


def object_of_partner(cast: Cast, partner: str) -> UUID:
    found: UUID = getattr(cast, partner).id
    return found


def object_of_user(cast: Cast, partner: str) -> UUID:
    return cast.users[{"alpha": "rita", "beta": "otto", "delta": "dana"}[partner]].id


OBJECTS: dict[str, Callable[[Cast, str], UUID | str]] = {
    "partner": object_of_partner,
    "user": object_of_user,
}


@dataclass
class World:
    """The cast, what each partner has, and how each identity asks."""

    cast: Cast
    things: dict[str, dict[str, UUID | str]]

    @classmethod
    def of(cls, cast: Cast) -> World:
        return cls(
            cast, {name: {partner: make(cast, partner) for partner in PARTNERS} for name, make in OBJECTS.items()}
        )

    def ask(self, identity: str, method: str, path: str, body: Any = None) -> HttpResponseBase:
        """Ask as somebody, and undo whatever the question did."""
        client = Client(raise_request_exception=False)
        with undone():
            if (who := IDENTITIES[identity]) is not None:
                client.force_login(self.cast.users[who])
            return client.generic(
                method, path, data=as_form(body) if body else b"", content_type="application/x-www-form-urlencoded"
            )

    def own(self, identity: str, name: str) -> UUID | str:
        return self.things[name][HOME.get(identity, "alpha")]

    def foreign(self, identity: str, name: str) -> list[UUID | str]:
        """The things of all partners that a partner's identity must not know of; staff have none."""
        if identity not in HOME:
            return []
        near = {HOME[identity], *BELOW.get(identity, ())}
        return [thing for partner, thing in self.things[name].items() if partner not in near]

    @staticmethod
    def missing() -> UUID:
        return new_id()


def as_form(body: dict[str, Any]) -> bytes:
    from urllib.parse import urlencode

    return urlencode(body, doseq=True).encode()


@contextmanager
def undone() -> Iterator[None]:
    """A transaction like the one of Django's TestCase around each test, which scopes may open themselves in."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield
        transaction.set_rollback(True)
