"""Five minutes that show somebody around: a step stands on the real page that it tells of. Here the rooms meet.

`?tour=2` in an address shows the second step. It works without scripts; with them, what the step speaks of is outlined.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor, Face
from buoy.ui.shell import TourStep


@dataclass(frozen=True)
class Stop:
    """`screen` is the name of an address; `points` a selector of what is spoken of there."""

    title: str | Promise
    text: str | Promise
    screen: str
    points: str
    permission: str


_NEWS = Stop(
    _("You are told what concerns you"),
    _(
        "Somebody mentions you, gives you a task or finishes what you asked for: it is here, and in your mail as you choose"
        " under the settings of this page."
    ),
    "workspace:notifications",
    ".bell",
    "comments.view",
)
_HELP = Stop(
    _("Help is on every screen"),
    _(
        "The question mark says what a screen is for. Your name, at the bottom of the menu, opens your profile with language,"
        " time zone and colours, and the security of your account."
    ),
    "workspace:tasks",
    ".help-button, .side-user",
    "tasks.view",
)
STOPS = {
    Face.DESK: (
        Stop(
            _("What waits for you"),
            _("Your day begins here: tasks that you were given, news, and what was said last about your partners."),
            "workspace:desk",
            "#waiting",
            "desk.enter",
        ),
        Stop(
            _("Your partners in one list"),
            _(
                "Search, filter and sort it, save what you see as a view, or export it. Choose several rows to change them"
                " together. A name opens the partner's page with its tasks, files and conversation."
            ),
            "partners:desk-list",
            "#rows",
            "partners.view",
        ),
        Stop(
            _("Everything is two keys away"),
            _("Press Ctrl and K on any screen, and type the name of a partner or of a page."),
            "partners:desk-list",
            ".topbar-search",
            "partners.view",
        ),
        _NEWS,
        _HELP,
    ),
    Face.PARTNER: (
        Stop(
            _("What waits for you"),
            _(
                "Your day begins here: tasks that you were given, news, and what was said last between you and the vendor."
            ),
            "workspace:portal",
            "#waiting",
            "portal.enter",
        ),
        Stop(
            _("Your company, and the vendor's people"),
            _(
                "On the page of your company you talk with the vendor, share files and give each other tasks. Write @ and a"
                " name to tell somebody."
            ),
            "partners:partner",
            "#comments",
            "partners.view",
        ),
        Stop(
            _("Your team"),
            _("Who of your company can sign in, and in which role. Your administrator invites the others."),
            "accounts:team_people",
            "#rows",
            "users.view",
        ),
        _NEWS,
        _HELP,
    ),
}


def tour_for(request: HttpRequest, actor: Actor) -> TourStep | None:
    """The step that the address asks for; None when it asks for none."""
    stops = [stop for stop in STOPS[actor.face] if actor.may(stop.permission)]
    asked = request.GET.get("tour", "")
    at = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 0
    if not 1 <= at <= len(stops):
        return None
    stop = stops[at - 1]
    return TourStep(
        number=at,
        total=len(stops),
        title=str(stop.title),
        text=str(stop.text),
        points=stop.points,
        back_url=_address(actor, stops[at - 2], at - 1) if at > 1 else "",
        next_url=_address(actor, stops[at], at + 1) if at < len(stops) else "",
        end_url=reverse("workspace:end-tour"),
    )


def _address(actor: Actor, stop: Stop, number: int) -> str:
    arguments = [actor.partner_id] if stop.screen == "partners:partner" else []
    return f"{reverse(stop.screen, args=arguments)}?tour={number}"
