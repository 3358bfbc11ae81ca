"""What happens at the door, written down: who came in, and how the ways in have changed."""

from __future__ import annotations

from typing import Any

from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.scope import acting
from buoy.domains.accounts import policy
from buoy.domains.accounts.models import User


def note(user: User, *, action: str, address: str, after: dict[str, Any] | None = None) -> None:
    """Record what somebody did with their own way in. Writes the audit trail."""
    actor = actor_at_the_door(user, address=address)
    with acting(actor):
        record(actor, action=action, object_type="user", object_id=user.id, after=after)


def actor_at_the_door(user: User, *, address: str) -> Actor:
    """The actor that a user is in their own affairs: with their own partner in sight and none below it."""
    return Actor(
        face=Face.PARTNER if user.partner_id else Face.DESK,
        user_id=user.id,
        name=user.name,
        partner_ids=(user.partner_id,) if user.partner_id else (),
        permissions=policy.permissions_of(user.roles, user.grants),
        address=address,
    )
