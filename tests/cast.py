"""The people of the tests. Rita and Ramon work for partner Alpha, which buys from distributor Delta, where Dana works;
Otto and Olga work for Beta, Alpha's rival. Mei manages the channel, Finn pays, Ada administers, Maya does marketing; Evan
and Tess look on, as executive and as auditor; Wout runs a programme for the vendor from outside; Nora is nobody's.

    cast = make_cast()
    with acting(cast.mei): …
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.db.backends.postgresql.psycopg_any import DateRange

from buoy.core.actor import ANONYMOUS, Actor, Face, job_actor
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.accounts.policy import DESK_ROLES
from buoy.domains.partners import queries
from buoy.domains.partners.models import Partner, Upline

JOB = job_actor("a job of the tests")
ON = date(2026, 6, 1)
PASSWORD = "correct horse battery staple"

SETUP = Actor(face=Face.DESK, name="set-up of the tests", permissions=frozenset().union(*DESK_ROLES.values()))


@dataclass(frozen=True)
class Cast:
    alpha: Partner
    beta: Partner
    delta: Partner
    users: dict[str, User]
    rita: Actor
    ramon: Actor
    otto: Actor
    olga: Actor
    dana: Actor
    mei: Actor
    finn: Actor
    ada: Actor
    maya: Actor
    evan: Actor
    tess: Actor
    wout: Actor
    nora: Actor = ANONYMOUS
    job: Actor = JOB


PEOPLE = {
    "rita": ("alpha", "partner_seller"),
    "ramon": ("alpha", "partner_administrator"),
    "otto": ("beta", "partner_administrator"),
    "olga": ("beta", "partner_seller"),
    "dana": ("delta", "partner_administrator"),
    "mei": (None, "channel_manager"),
    "finn": (None, "finance"),
    "ada": (None, "administrator"),
    "maya": (None, "marketing"),
    "evan": (None, "executive"),
    "tess": (None, "auditor"),
    "wout": (None, "delegate"),
}


def make_cast() -> Cast:
    """Write the partners and their people; ask for `db` or `committed` first."""
    with acting(SETUP):
        partners = {name: Partner.objects.create(name=name.title()) for name in ("alpha", "beta", "delta")}
        Upline.objects.create(
            partner=partners["alpha"], parent=partners["delta"], valid=DateRange(date(2026, 1, 1), None)
        )
    users = {name: _user(name, partners.get(partner or ""), role) for name, (partner, role) in PEOPLE.items()}
    actors = {name: queries.actor_of(user, on=ON) for name, user in users.items()}
    everybody: dict[str, Any] = {**partners, **actors}
    return Cast(**everybody, users=users)


def _user(name: str, partner: Partner | None, role: str) -> User:
    domain = partner.name.lower() if partner else "vendor"
    user = User.objects.create_user(
        email=f"{name}@{domain}.example", password=PASSWORD, name=name.title(), partner=partner, roles=[role]
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
