"""The request as our views get it: with its actor, and with what htmx said."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from buoy.core.actor import Actor


class Request(HttpRequest):
    """Made by the middleware of `buoy.config`."""

    id: str
    """The number of the request, in its answer, its log lines and its audit records."""
    actor: Actor
    htmx: HtmxDetails
