"""Where people land."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from buoy.core.actor import Face
from buoy.core.http import Request, door


@require_safe
def home(request: Request) -> HttpResponse:
    """Sends everybody to the home page of their side, and who has not signed in to do so."""
    if request.go_first:
        return redirect(request.go_first)
    pages = {Face.DESK: "accounts:desk", Face.PARTNER: "accounts:portal"}
    return redirect(pages.get(request.actor.face, "account_login"))


@require_safe
@door(Face.DESK, "desk.enter")
def desk(request: Request) -> HttpResponse:
    return render(request, "accounts/desk/home.html")


@require_safe
@door(Face.PARTNER, "portal.enter")
def portal(request: Request) -> HttpResponse:
    return render(request, "accounts/partner/home.html")
