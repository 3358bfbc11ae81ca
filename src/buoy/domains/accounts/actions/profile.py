"""What people decide about themselves."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import NotAllowed
from buoy.core.scope import acting, writing
from buoy.domains.accounts.models import User


def change_profile(actor: Actor, *, name: str, language: str, time_zone: str, theme: str, now: datetime) -> None:
    """Change the actor's own name, language, time zone and theme. Raises NotAllowed for an actor who is no user."""
    change = {"name": name, "language": language, "time_zone": time_zone, "theme": theme}
    with acting(actor):
        writing(actor)
        me = User.objects.filter(Q(id=actor.user_id))
        before = me.values(*change).first()
        if before is None:
            raise NotAllowed(permission="profile")
        me.update(**change)
        record(
            actor,
            action="user.profile_changed",
            object_type="user",
            object_id=str(actor.user_id),
            before=before,
            after=change,
        )
