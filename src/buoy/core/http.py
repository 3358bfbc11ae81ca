"""The request as our views get it: with its actor, and with what htmx said. And the door before a view."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from buoy.core.actor import Actor, Face

Parameters = ParamSpec("Parameters")


class Request(HttpRequest):
    """Made by the middleware of `buoy.config`."""

    id: str
    """The number of the request, in its answer, its log lines and its audit records."""
    actor: Actor
    htmx: HtmxDetails
    go_first: str
    """Where somebody who has signed in must go before anything else is open to them; empty for everybody else."""
    looking_until: datetime | None
    """When looking as a partner does ends; none for an actor that is who they are."""


def address_of(request: HttpRequest) -> str:
    """Where a request came from: what the outermost trusted proxy saw, since everything beyond it can be made up."""
    proxies: int = settings.CONFIGURATION.trusted_proxies
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    seen = [*passed, request.META.get("REMOTE_ADDR", "")]
    return str(seen[max(-proxies - 1, -len(seen))])


View = Callable[Concatenate[Request, Parameters], HttpResponseBase]


def door(face: Face | tuple[Face, ...], permission: str) -> Callable[[View[Parameters]], View[Parameters]]:
    """Lets an actor of this face (one of these) with this permission into a view.

    Who has not signed in is asked to; for the other face there is no such page (404); without the permission it is
    refused (403). What the view shows is decided by rows, not here.
    """

    faces = (face,) if isinstance(face, Face) else face

    def decorate(view: View[Parameters]) -> View[Parameters]:
        @functools.wraps(view)
        def behind(request: Request, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
            if request.actor.face is Face.ANONYMOUS:
                return _elsewhere(request)
            if request.actor.face not in faces:
                raise Http404
            request.actor.require(permission)
            return view(request, *args, **kwargs)

        return behind

    return decorate


def _elsewhere(request: Request) -> HttpResponse:
    """To where an anonymous visitor has to go first, and back afterwards if they were reading."""
    if request.go_first:
        answer = HttpResponseRedirect(request.go_first)
    elif request.htmx:
        answer = redirect_to_login(request.htmx.current_url_abs_path or "/")
    else:
        answer = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer
