"""Looking as a partner's user does: kept in the session of the member of staff, for an hour at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.http import Request, address_of, door
from buoy.domains.accounts import policy
from buoy.domains.accounts.actions import look
from buoy.domains.accounts.actions.door import actor_at_the_door
from buoy.domains.accounts.models import User

_KEY = "looking"


@dataclass(frozen=True)
class Target:
    """Whom a member of staff looks as, and how long yet."""

    user: User
    until: datetime


@require_POST
@door(Face.DESK, "partners.look_as")
def start(request: Request, user_id: UUID) -> HttpResponse:
    """Begin to see what a partner's user sees."""
    now = clock.now()
    look.start_looking(request.actor, user_id=user_id, now=now)
    request.session[_KEY] = {"user_id": str(user_id), "began_at": now.timestamp()}
    return redirect("workspace:portal")


@require_POST
@door(Face.PARTNER, "portal.enter")
def stop(request: Request) -> HttpResponse:
    """End it, and go back to where it began. Who does not look is at home already."""
    user = request.user
    looking = request.session.pop(_KEY, None)
    if looking is None or not user.is_authenticated:
        return redirect("home")
    user_id = UUID(looking["user_id"])
    look.stop_looking(actor_at_the_door(user, address=address_of(request)), user_id=user_id, now=clock.now())
    return redirect("accounts:desk_person", user_id)


def target(request: HttpRequest, me: Actor, *, now: datetime) -> Target | None:
    """Whom the session looks as; ends it when the hour is over, the right is gone or the user is."""
    looking = request.session.get(_KEY)
    if looking is None:
        return None
    began_at = datetime.fromtimestamp(looking["began_at"], UTC)
    user = User.objects.filter(id=looking["user_id"], is_active=True).first()
    if user is None or not me.may("partners.look_as") or policy.look_is_over(began_at=began_at, now=now):
        del request.session[_KEY]
        return None
    return Target(user=user, until=began_at + policy.LOOK_LASTS)
