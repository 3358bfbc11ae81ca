"""Looking as a partner's user does: kept in the session of the member of staff, for an hour at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest

from buoy.core.actor import Actor
from buoy.domains.accounts import policy
from buoy.domains.accounts.models import User

_KEY = "looking"


@dataclass(frozen=True)
class Target:
    """Whom a member of staff looks as, and how long yet."""

    user: User
    until: datetime


def start(request: HttpRequest, *, user_id: UUID, now: datetime) -> None:
    request.session[_KEY] = {"user_id": str(user_id), "began_at": now.timestamp()}


def stop(request: HttpRequest) -> UUID | None:
    """Whom the session looked as until now, if anybody."""
    looking = request.session.pop(_KEY, None)
    return UUID(looking["user_id"]) if looking else None


def target(request: HttpRequest, me: Actor, *, now: datetime) -> Target | None:
    """Whom the session looks as; ends it when the hour is over, the right is gone or the user is."""
    looking = request.session.get(_KEY)
    if looking is None:
        return None
    began_at = datetime.fromtimestamp(looking["began_at"], UTC)
    user = User.objects.filter(id=looking["user_id"], is_active=True).first()
    if user is None or not me.may("partners.look_as") or policy.look_is_over(began_at=began_at, now=now):
        stop(request)
        return None
    return Target(user=user, until=began_at + policy.LOOK_LASTS)
