"""For the programs that watch an installation: does the process answer, and can it work?"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from buoy.core import metrics


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when requests can be served, 503 with the reason when the database cannot be reached."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """For Prometheus: to whoever brings the token that is configured, else to this machine only; others find nothing."""
    token = settings.CONFIGURATION.metrics_token
    if token:
        is_welcome = hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}")
    else:
        is_welcome = (
            request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
        )
    if not is_welcome:
        raise Http404
    return HttpResponse(metrics.page(), content_type=CONTENT_TYPE_LATEST)
