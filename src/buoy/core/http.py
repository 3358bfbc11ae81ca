"""The request as our views get it: with its actor, and with what htmx said."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from buoy.core.actor import Actor


class Request(HttpRequest):
    """Made by the middleware of `buoy.config`."""

    id: str
    """The number of the request, in its answer, its log lines and its audit records."""
    actor: Actor
    htmx: HtmxDetails


def address_of(request: HttpRequest) -> str:
    """Where a request came from: what the outermost trusted proxy saw, since everything beyond it can be made up."""
    proxies: int = settings.CONFIGURATION.trusted_proxies
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    seen = [*passed, request.META.get("REMOTE_ADDR", "")]
    return str(seen[max(-proxies - 1, -len(seen))])
