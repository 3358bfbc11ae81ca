"""What happens at the door of each request: it gets a number, an actor, a language and a time zone, and is written down."""

from __future__ import annotations

import logging
import time
import uuid
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from buoy.api.problems import STATUSES
from buoy.core import clock, limits, logs, metrics
from buoy.core.actor import ANONYMOUS, Actor
from buoy.core.errors import DomainError, Kind
from buoy.core.http import Request, address_of
from buoy.domains.accounts.models import User
from buoy.domains.accounts.web import look, session
from buoy.domains.partners import queries as partners

Respond = Callable[[Request], HttpResponse]
log = logging.getLogger("buoy.requests")
PAGES = limits.Buckets()
QUIET = {"healthz", "readyz", "metrics"}
"""Asked every few seconds by programs: counted, and not written down."""


class _Count:
    """Counts the queries of a request."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


def observed(respond: Respond) -> Respond:
    """Gives the request a number, and writes down and measures what became of it."""

    def middleware(request: Request) -> HttpResponse:
        request.id = uuid.uuid4().hex
        begun, count = time.perf_counter(), _Count()
        with logs.about(request=request.id), connection.execute_wrapper(count):
            response = respond(request)
            _write_down(request, response, time.perf_counter() - begun, count.queries)
        response.headers["X-Request-ID"] = request.id
        return response

    return middleware


def kept_by_nobody(respond: Respond) -> Respond:
    """What is shown to one person is stored by no browser and no proxy, unless an answer itself says that it may be."""

    def middleware(request: Request) -> HttpResponse:
        response = respond(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def wait_a_minute(respond: Respond) -> Respond:
    """Who has tried too often is told when to come back: a minute is how long the sign-in pages count, where they do not
    say otherwise."""

    def middleware(request: Request) -> HttpResponse:
        response = respond(request)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers.setdefault("Retry-After", "60")
        return response

    return middleware


def _write_down(request: Request, response: HttpResponse, seconds: float, queries: int) -> None:
    # The pattern and not the path: a line for each id would be a new series of numbers for each.
    route = request.resolver_match.route if request.resolver_match else "none"
    method, status = request.method or "", str(response.status_code)
    metrics.requests.labels(method, route, status).inc()
    metrics.duration.labels(method, route).observe(seconds)
    metrics.queries.labels(route).inc(queries)
    if route not in QUIET:
        said = {
            "method": method,
            "path": request.path,
            "status": status,
            "ms": round(seconds * 1000),
            "queries": queries,
        }
        log.info("answered", extra=said)


def actor(respond: Respond) -> Respond:
    """Gives the request its `actor`: the user that is signed in, the one with whose eyes staff look, or nobody."""

    def middleware(request: Request) -> HttpResponse:
        request.go_first, request.looking_until = "", None
        user = request.user
        request.actor = ANONYMOUS
        if user.is_authenticated:
            request.actor = _actor(request, user)
            logs.also_about(user=str(user.pk))
        return respond(request)

    return middleware


def _actor(request: Request, user: User) -> Actor:
    now = clock.now()
    if session.lacks_second_factor(request):
        # Nothing is open to them but the pages of their own account, where they set one up.
        request.go_first = reverse("mfa_index")
        return ANONYMOUS
    where: dict[str, Any] = {"on": now.date(), "address": address_of(request), "request_id": request.id}
    me = partners.actor_of(user, **where)
    looked_at = look.target(request, me, now=now)
    if looked_at is None:
        return me
    request.looking_until = looked_at.until
    return partners.actor_of(looked_at.user, **where).seen_by_staff(UUID(str(user.pk)))


def language_and_zone(respond: Respond) -> Respond:
    """A signed-in user reads in their own language and time zone, whatever the browser asks for."""

    def middleware(request: Request) -> HttpResponse:
        if not request.user.is_authenticated:
            return respond(request)
        with translation.override(request.user.language), timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            request.LANGUAGE_CODE = request.user.language
            return respond(request)

    return middleware


class Errors:
    """Turns an error of a use case that a view has not turned into a form's message into a page that says it, and refuses
    who asks for more pages than a person can read, before they slow the others down."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        if request.user.is_authenticated:
            per_minute = settings.CONFIGURATION.pages_per_minute
            try:
                PAGES.count(str(request.user.pk), per_minute, now=clock.now())
            except limits.TooManyCalls as error:
                return _told(request, error)
        return self.respond(request)

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        return _told(request, error) if isinstance(error, DomainError) else None


def _told(request: Request, error: DomainError) -> HttpResponse:
    status = STATUSES[error.kind]
    said = {"heading": _("This cannot be done"), "text": str(error), "number": status}
    response = render(request, "ui/error.html", said, status=status)
    if error.kind is Kind.TOO_MANY:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response
