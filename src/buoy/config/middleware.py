"""What happens at the door of each request: who is this, in which language and time zone do they read?"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone, translation

from buoy.core import clock
from buoy.core.actor import ANONYMOUS
from buoy.core.http import Request
from buoy.domains.partners import queries as partners

Respond = Callable[[Request], HttpResponse]


def actor(respond: Respond) -> Respond:
    """Gives the request its `actor`: the user that is signed in, or nobody."""

    def middleware(request: Request) -> HttpResponse:
        if request.user.is_authenticated:
            address = request.META.get("REMOTE_ADDR", "")
            request.actor = partners.actor_of(request.user, on=clock.now().date(), address=address)
        else:
            request.actor = ANONYMOUS
        return respond(request)

    return middleware


def language_and_zone(respond: Respond) -> Respond:
    """A signed-in user reads in their own language and time zone, whatever the browser asks for."""

    def middleware(request: Request) -> HttpResponse:
        if not request.user.is_authenticated:
            return respond(request)
        with translation.override(request.user.language), timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            request.LANGUAGE_CODE = request.user.language
            return respond(request)

    return middleware
