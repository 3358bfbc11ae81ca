"""The figures at the head of the home page. Here the rooms meet; each figure leads to the list that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from buoy.core import clock
from buoy.core.actor import ANONYMOUS, Actor, Face
from buoy.core.scope import acting
from buoy.domains.partners import queries as partners
from buoy.domains.workspace import queries as workspace

NEW_DAYS = 90


@dataclass(frozen=True)
class Figure:
    """A number of things, and where they are listed."""

    label: str
    value: int
    url: str
    note: str = ""
    is_bad: bool = False


def figures_for(request: HttpRequest) -> list[Figure]:
    """At most five queries."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    now = clock.now()
    with acting(actor, read_only=True):
        found: list[Figure] = []
        if actor.face is Face.DESK and actor.may("partners.view"):
            found += _of_partners(actor, since_days=NEW_DAYS)
        if actor.may("tasks.view"):
            is_open, overdue = workspace.own_task_counts(actor, today=timezone.localtime(now).date())
            mine = f"{reverse('workspace:tasks')}?whose=mine"
            found.append(Figure(_("Your open tasks"), is_open, f"{mine}&state=open"))
            found.append(Figure(_("Overdue"), overdue, f"{mine}&state=overdue", is_bad=overdue > 0))
        if actor.face is Face.PARTNER:
            unread = workspace.unread_count(actor)
            found.append(Figure(_("New notifications"), unread, f"{reverse('workspace:notifications')}?state=new"))
    return found


def _of_partners(actor: Actor, *, since_days: int) -> list[Figure]:
    since = clock.now() - timedelta(days=since_days)
    taking_part = partners.visible_partners(actor, is_active=True)
    listed = reverse("partners:desk-list")
    return [
        Figure(_("Partners taking part"), taking_part.count(), f"{listed}?state=yes"),
        Figure(
            _("New partners"),
            taking_part.filter(created_at__gte=since).count(),
            f"{listed}?state=yes&sort=-since",
            note=_("in the last %(days)d days") % {"days": since_days},
        ),
    ]
