"""Where people land: what waits for them, and what has happened around them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.workspace import queries
from buoy.domains.workspace.policy import TOUR

MORNING_ENDS, AFTERNOON_ENDS = 12, 18


@require_safe
@door(Face.DESK, "desk.enter")
def desk(request: Request) -> HttpResponse:
    return _home(request)


@require_safe
@door(Face.PARTNER, "portal.enter")
def portal(request: Request) -> HttpResponse:
    return _home(request)


def _home(request: Request) -> HttpResponse:
    now = timezone.localtime(clock.now())
    with acting(request.actor, read_only=True):
        may_see_tasks = request.actor.may("tasks.view")
        context = {
            "tasks": queries.tasks_waiting_for(request.actor, today=now.date()) if may_see_tasks else [],
            "notifications": queries.notifications(request.actor)[:8],
            "talk": queries.latest_comments(request.actor) if request.actor.may("comments.view") else [],
            "part_of_day": _part_of_day(now.hour),
            "offers_tour": _offers_tour(request),
            "first_name": request.actor.name.partition(" ")[0],
        }
    return render(request, "workspace/home.html", context)


def _offers_tour(request: Request) -> bool:
    """Not while it is under way, and never to staff who look as somebody else."""
    if request.actor.is_read_only or not request.actor.may("comments.view") or "tour" in request.GET:
        return False
    return not queries.has_put_away(request.actor, name=TOUR)


def _part_of_day(hour: int) -> str:
    if hour < MORNING_ENDS:
        return "morning"
    return "afternoon" if hour < AFTERNOON_ENDS else "evening"
