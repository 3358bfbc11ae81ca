"""What the command palette finds: pages of the navigation, and partners by name."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from buoy.config.frame import groups
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.partners import queries as partners
from buoy.ui.shell import Hit

MOST = 8


@require_safe
@door((Face.DESK, Face.PARTNER), "partners.view")
def find(request: Request) -> HttpResponse:
    """A fragment. One query."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    links = [link for group in groups(request.actor) for link in group.links]
    pages = [
        Hit(label=link.label, url=link.url, icon=link.icon) for link in links if words.lower() in link.label.lower()
    ]
    found: list[Hit] = []
    if words:
        address = "partners:desk-partner" if request.actor.face is Face.DESK else "partners:partner"
        with acting(request.actor, read_only=True):
            rows = partners.visible_partners(request.actor, search=words)[:MOST]
            found = [Hit(label=row.name, url=reverse(address, args=[row.id]), icon="building") for row in rows]
    context = {"groups": [each for each in ((_("Partners"), found), (_("Pages"), pages)) if each[1]]}
    return render(request, "ui/palette_results.html", context)
