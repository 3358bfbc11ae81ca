"""Reads about people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from buoy.core.actor import Actor, Face
from buoy.core.scope import require_scope
from buoy.domains.accounts.models import User


@dataclass(frozen=True)
class Named:
    """A person as a choice in a list."""

    id: UUID
    name: str


def people_around(actor: Actor, *, partner_id: UUID | None) -> list[Named]:
    """Who sees a thing of this partner (None: of the vendor alone) and may be spoken to by the actor; by name. One query.

    For the vendor's people: themselves and the partner's users. For a partner's: the users of that partner.
    """
    require_scope()
    people = Q(partner_id=partner_id) if partner_id else Q()
    if actor.face is not Face.PARTNER:
        people |= Q(partner_id=None)
    rows = User.objects.filter(people, is_active=True).order_by("name", "id").values_list("id", "name")
    return [Named(*row) for row in rows]


@dataclass(frozen=True)
class Reader:
    """What a letter to somebody needs to know of them."""

    name: str
    email: str
    language: str
    time_zone: str


def reader(actor: Actor, *, user_id: UUID) -> Reader:
    """Raises User.DoesNotExist. One query."""
    require_scope()
    return Reader(*User.objects.values_list("name", "email", "language", "time_zone").get(id=user_id))
