"""Staff look as a partner's user sees: to help them, and without being able to change anything."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import NotFound
from buoy.core.scope import acting, writing
from buoy.domains.accounts.models import User


def start_looking(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Begin to look as a partner's user does. Raises NotAllowed, and NotFound for one of the vendor's own people."""
    with acting(actor):
        writing(actor)
        actor.require("partners.look_as")
        user = User.objects.defer("password").filter(id=user_id, partner__isnull=False, is_active=True).first()
        if user is None:
            raise NotFound
        record(actor, action="look.started", object_type="user", object_id=user_id, partner_id=user.partner_id)


def stop_looking(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """End it, before its hour is over."""
    with acting(actor):
        writing(actor)
        record(actor, action="look.ended", object_type="user", object_id=user_id)
