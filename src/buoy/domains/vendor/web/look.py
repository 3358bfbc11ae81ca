"""The vendor's style sheet and logo, for every page, also for those before the sign-in.

Their addresses carry a version that changes with the content, so that browsers keep them for a year and still show a new
logo at once.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from buoy.domains.vendor import queries

A_YEAR = 365 * 24 * 60 * 60


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Empty for the colours of Buoy."""
    look = queries.look()
    css = look.brand.css() if look.brand else ""
    return _kept(request, HttpResponse(css, content_type="text/css; charset=utf-8"), version=look.css_version)


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The picture, which may act as a page nowhere."""
    look, content = queries.look(), queries.logo()
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/png")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _kept(request, response, version=look.logo_sha256[:12])


def _kept(request: HttpRequest, response: HttpResponse, *, version: str) -> HttpResponse:
    """Kept for a year under the address of its version; under another, asked for again each time."""
    response["ETag"] = f'"{version}"'
    is_version = bool(version) and request.GET.get("v") == version
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if is_version else "no-cache"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = 304, b""
    return response
