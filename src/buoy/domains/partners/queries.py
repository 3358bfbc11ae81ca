"""Reads about partners."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.core.subjects import Subject
from buoy.domains.accounts import policy as accounts
from buoy.domains.partners.models import Partner

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from buoy.domains.accounts.actions.tokens import Holder
    from buoy.domains.accounts.models import User

_IN_SIGHT = """
with recursive below as (
    select %(me)s::uuid as id
    union
    select upline.partner_id from partners_upline upline join below on upline.parent_id = below.id
    where upline.valid @> %(on)s::date
)
select array_agg(id order by id <> %(me)s::uuid, id) from below
"""
MOST_BELOW = 50
"""So many partners are listed below another one; a list of hundreds is searched and not read."""
_HIGHEST = 10
"""No chain is longer; a circle, should there be one, ends here."""
_ABOVE = f"""
with recursive above as (
    select %(me)s::uuid as id, 0 as height
    union
    select upline.parent_id, above.height + 1 from partners_upline upline join above on upline.partner_id = above.id
    where upline.valid @> %(on)s::date and above.height < {_HIGHEST}
)
select id from above order by height desc
"""


@dataclass(frozen=True)
class PartnerRow:
    """One partner, as lists and pages show it."""

    id: UUID
    name: str
    country: str
    language: str
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, partner: Partner) -> PartnerRow:
        return cls(
            id=partner.id,
            name=partner.name,
            country=partner.country,
            language=partner.language,
            is_active=partner.is_active,
            created_at=partner.created_at,
        )


def partner_ids_in_sight(partner_id: UUID, *, on: date) -> tuple[UUID, ...]:
    """The partner itself, then everyone below it on that day; `union` ends a circle. One query.

    It runs outside of a scope, since it makes one: the chain holds ids and dates only, which the login may read.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_SIGHT, {"me": partner_id, "on": on})
        (ids,) = cursor.fetchone()
    return tuple(ids)


def actor_of(user: User, *, on: date, address: str = "", request_id: str = "") -> Actor:
    """The actor that a signed-in user is. At most one query."""
    permissions = accounts.permissions_of(user.roles, user.grants)
    partner_ids = partner_ids_in_sight(user.partner_id, on=on) if user.partner_id else ()
    return Actor(
        face=Face.PARTNER if partner_ids else Face.DESK,
        user_id=user.id,
        name=user.name,
        partner_ids=partner_ids,
        permissions=permissions,
        address=address,
        request_id=request_id,
    )


def actor_of_token(holder: Holder, *, on: date, address: str, request_id: str) -> Actor:
    """The actor that a program is: its user, as far as the token's scopes go. At most one query."""
    actor = actor_of(holder.user, on=on, address=address, request_id=request_id)
    permissions = accounts.within_scopes(actor.permissions, holder.scopes)
    return replace(actor, permissions=permissions, api_client_id=holder.token_id)


def visible_partners(actor: Actor, *, search: str = "", is_active: bool | None = None) -> QuerySet[Partner]:
    """The partners that the actor sees, by name. Staff see all; a partner itself and those below it."""
    require_scope()
    actor.require("partners.view")
    partners = Partner.objects.order_by("name", "id")
    if actor.face is Face.PARTNER:
        partners = partners.filter(id__in=actor.partner_ids)
    if search:
        partners = partners.filter(name__icontains=search)
    return partners if is_active is None else partners.filter(is_active=is_active)


def partner_row(actor: Actor, *, partner_id: UUID) -> PartnerRow:
    """One partner. Raises NotFound for one that the actor does not see. One query."""
    partner = visible_partners(actor).filter(id=partner_id).first()
    if partner is None:
        raise NotFound
    return PartnerRow.of(partner)


def directly_below(actor: Actor, *, partner_id: UUID, on: date) -> list[PartnerRow]:
    """The first of those who buy from the partner on that day, by name: `MOST_BELOW`, and one more if there are more. One
    query."""
    rows = visible_partners(actor).filter(uplines__parent_id=partner_id, uplines__valid__contains=on)
    return [PartnerRow.of(partner) for partner in rows[: MOST_BELOW + 1]]


def chain_of(actor: Actor, *, partner_id: UUID, on: date) -> list[PartnerRow]:
    """From the partner nearest to the vendor down to this one, on that day. For the vendor's people. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, {"me": partner_id, "on": on})
        ids = [id_ for (id_,) in cursor.fetchall()]
    rows = visible_partners(actor).in_bulk(ids)
    return [PartnerRow.of(rows[id_]) for id_ in ids]


def partner_subject(actor: Actor, partner_id: UUID) -> Subject:
    """A partner as what a comment, a file or a task is about."""
    partner = partner_row(actor, partner_id=partner_id)
    face = "p" if actor.face is Face.PARTNER else "desk"
    return Subject("partner", partner.id, partner.id, partner.name, f"/{face}/partners/{partner.id}/")
