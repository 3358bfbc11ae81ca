"""The people who knock at every door, and the things that stand behind it.

An identity is somebody with a way in: a browser with a session, or a program with a token. `OBJECTS` makes, for the name
of an object in the table, one thing of each partner; whoever adds a kind of thing adds a line here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.accounts.actions.clients import create_client
from buoy.domains.accounts.actions.invitations import invite_user
from buoy.domains.accounts.actions.tokens import create_token
from buoy.domains.accounts.policy import needs_second_factor
from buoy.domains.workspace import actions as workspace
from buoy.domains.workspace import queries
from buoy.domains.workspace.models import Notification
from tests.buoy.access import of_catalog, of_sales
from tests.buoy.accounts.browsing import give_second_factor
from tests.buoy.accounts.passkeys import give_passkey
from tests.cast import JOB, Cast

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
    "reading_program": "ramon",
    "writing_program": "ramon",
}
"""Who asks, by their names in the table, and who of the cast that is. Under `/api/` everybody sends a token of theirs,
with all their rights unless `SCOPES` says otherwise; elsewhere they have a session, and a program is nobody."""

SCOPES = {"reading_program": ("read",)}

GROUPS = {
    "partners": ("seller", "partner_administrator", "rival_seller", "rival", "distributor"),
    "sellers": ("seller", "rival_seller"),
    "partner_administrators": ("partner_administrator", "rival", "distributor"),
    "desk": ("administrator", "channel_manager", "finance", "marketing", "executive", "auditor", "delegate"),
    "programs": ("reading_program", "writing_program"),
    "everybody": tuple(IDENTITIES),
}
"""Words of the table that stand for several identities."""

WITHOUT_SESSION = ("nobody", *GROUPS["programs"])
"""Whom a page sends to sign in, before it looks for anything."""

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


def object_of_token(cast: Cast, partner: str) -> UUID:
    """A token of whoever asks: of Ramon for Alpha, of Otto for Beta, of Dana for Delta; nobody but they know of it."""
    actor = {"alpha": cast.ramon, "beta": cast.otto, "delta": cast.dana}[partner]
    now = clock.now()
    made, _ = create_token(actor, name="mine", scopes=["read"], expires_at=now + timedelta(days=1), now=now)
    return made


def object_of_client(cast: Cast, partner: str) -> UUID:
    """A program of the partner, made by its administrator."""
    actor = {"alpha": cast.ramon, "beta": cast.otto, "delta": cast.dana}[partner]
    now = clock.now()
    made, _ = create_client(actor, name="a program", scopes=["read"], expires_at=now + timedelta(days=1), now=now)
    return made


def object_of_nothing(cast: Cast, partner: str) -> str:
    """Part of a link in a mail that was never sent."""
    return "none"


def object_of_invitation(cast: Cast, partner: str) -> UUID:
    """One of somebody into the partner's team, made by its administrator."""
    actor = {"alpha": cast.ramon, "beta": cast.otto, "delta": cast.dana}[partner]
    return invite_user(
        actor,
        email="new@some.example",
        name="New",
        roles=["partner_seller"],
        partner_id=actor.partner_id,
        language="en",
        now=clock.now(),
    )


def object_of_passkey(cast: Cast, partner: str) -> str:
    user = cast.users[{"alpha": "rita", "beta": "otto", "delta": "dana"}[partner]]
    return str(give_passkey(user).pk)


def object_of_session(cast: Cast, partner: str) -> str:
    user = cast.users[{"alpha": "rita", "beta": "otto", "delta": "dana"}[partner]]
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    made, _ = UserSession.objects.update_or_create(
        session_key=key, defaults={"user": user, "ip": "192.0.2.1", "user_agent": "A browser"}
    )
    return str(made.pk)


def object_of_user(cast: Cast, partner: str) -> UUID:
    return cast.users[{"alpha": "rita", "beta": "otto", "delta": "dana"}[partner]].id


def author_of(cast: Cast, partner: str) -> Actor:
    """Who made the things of a partner: Rita those of Alpha, Otto those of Beta, Dana those of Delta."""
    return {"alpha": cast.rita, "beta": cast.otto, "delta": cast.dana}[partner]


def about(cast: Cast, partner: str) -> dict[str, Any]:
    return {"subject_type": "partner", "subject_id": getattr(cast, partner).id, "now": clock.now()}


def object_of_comment(cast: Cast, partner: str) -> UUID:
    return workspace.add_comment(author_of(cast, partner), **about(cast, partner), text="Hello.")


def object_of_task(cast: Cast, partner: str) -> UUID:
    author = author_of(cast, partner)
    return workspace.add_task(author, **about(cast, partner), title="Call back", assignee_id=author.person)


def object_of_file(cast: Cast, partner: str) -> UUID:
    place = storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data)
    text = b"a text"
    return workspace.add_file(
        author_of(cast, partner),
        **about(cast, partner),
        storage=place,
        name="note.txt",
        size=len(text),
        content=io.BytesIO(text),
    )


def object_of_work(cast: Cast, partner: str) -> UUID:
    return workspace.request_work(author_of(cast, partner), kind="export", params={}, now=clock.now())


def object_of_view(cast: Cast, partner: str) -> UUID:
    author = author_of(cast, partner)
    workspace.save_view(author, list_name="partners", name="Mine", query="q=a")
    with acting(author):
        ((view_id, *_),) = queries.saved_views(author, list_name="partners")
    return view_id


def object_of_notification(cast: Cast, partner: str) -> UUID:
    reader = author_of(cast, partner).person
    workspace.tell(JOB, user_ids=[reader], kind="work_done", params={}, path="/", now=clock.now())
    with acting(JOB):
        return Notification.objects.filter(user_id=reader).latest("created_at").id


OBJECTS: dict[str, Callable[[Cast, str], UUID | str]] = {
    "partner": object_of_partner,
    "user": object_of_user,
    "token": object_of_token,
    "client": object_of_client,
    "path": lambda cast, partner: "no/such/path",
    "unsent": object_of_nothing,
    "passkey": object_of_passkey,
    "session": object_of_session,
    "type": lambda cast, partner: "partner",
    "comment": object_of_comment,
    "task": object_of_task,
    "file": object_of_file,
    "work": object_of_work,
    "notification": object_of_notification,
    "view": object_of_view,
    "job": lambda cast, partner: "0",
    "invitation": object_of_invitation,
    **of_catalog.OBJECTS,
    **of_sales.OBJECTS,
}


@dataclass
class World:
    """The cast, what each partner has, and the token of each identity."""

    cast: Cast
    things: dict[str, dict[str, UUID | str]]
    tokens: dict[str, str]

    @classmethod
    def of(cls, cast: Cast) -> World:
        things = {name: {partner: make(cast, partner) for partner in PARTNERS} for name, make in OBJECTS.items()}
        tokens = {
            identity: make_token(getattr(cast, who), SCOPES.get(identity, ("write",)))
            for identity, who in IDENTITIES.items()
            if who is not None
        }
        for user in cast.users.values():
            if needs_second_factor(user.roles):
                give_second_factor(user)
        return cls(cast, things, tokens)

    def ask(self, identity: str, method: str, path: str, body: Any = None) -> HttpResponseBase:
        """Ask as somebody, and undo whatever the question did."""
        with undone():
            return self.knock(identity, path)(method, body)

    def knock(self, identity: str, path: str) -> Callable[[str, Any], HttpResponseBase]:
        """Sign in as somebody, then ask at an address: by a method, with a body."""
        client = Client(raise_request_exception=False)
        is_api = path.startswith("/api/")
        token = self.tokens.get(identity) if is_api else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if (who := IDENTITIES[identity]) is not None and not is_api and identity not in GROUPS["programs"]:
            client.force_login(self.cast.users[who])

        def ask(method: str, body: Any) -> HttpResponseBase:
            data = b"" if body is None else (json.dumps(body) if is_api else urlencode(body, doseq=True)).encode()
            kind = "application/json" if is_api else "application/x-www-form-urlencoded"
            return client.generic(method, path, data=data, content_type=kind, headers=headers)

        return ask

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


def make_token(actor: Actor, scopes: Sequence[str]) -> str:
    now = clock.now()
    _, text = create_token(actor, name="of the tests", scopes=scopes, expires_at=now + timedelta(days=1), now=now)
    return text


@contextmanager
def undone() -> Iterator[None]:
    """A transaction like the one of Django's TestCase around each test, which scopes may open themselves in."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield
        transaction.set_rollback(True)
