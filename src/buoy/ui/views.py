"""Choices that hold for this device: they live in a cookie, not with the user."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from buoy.ui.templatetags.ui import THEMES

A_YEAR = 365 * 24 * 60 * 60


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system has it; back to the page that asked."""
    theme = request.POST.get("theme", "")
    if theme not in ("", *THEMES):
        return HttpResponseBadRequest(f"theme must be light, dark or empty; it is {theme!r}", content_type="text/plain")
    following = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure()):
        following = "/"
    return keep_theme(request, HttpResponseRedirect(following), theme)


def keep_theme(request: HttpRequest, response: HttpResponse, theme: str) -> HttpResponse:
    """Have this device remember a theme; an empty one is the system's."""
    if theme:
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
