"""Reads about people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from buoy.core.actor import Actor, Face
from buoy.core.scope import require_scope
from buoy.domains.accounts.models import ApiToken, User

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


@dataclass(frozen=True)
class TokenRow:
    """One token of a user, without what would let somebody use it."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> TokenRow:
        return cls(
            id=token.id,
            name=token.name,
            prefix=token.prefix,
            scopes=tuple(token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's tokens that were not revoked, expired ones included, newest first."""
    require_scope()
    # No scope may read the hash of the secret.
    return ApiToken.objects.defer("digest").filter(user_id=actor.person, revoked_at=None).order_by("-id")
