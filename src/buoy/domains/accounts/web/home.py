"""Where people land."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from buoy.core.actor import Face
from buoy.core.http import Request


@require_safe
def home(request: Request) -> HttpResponse:
    """Sends everybody to the home page of their side, and who has not signed in to do so."""
    if request.go_first:
        return redirect(request.go_first)
    pages = {Face.DESK: "workspace:desk", Face.PARTNER: "workspace:portal"}
    return redirect(pages.get(request.actor.face, "account_login"))
