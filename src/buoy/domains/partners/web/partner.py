"""A partner's own page, and those of the partners below it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.partners import queries
from buoy.domains.workspace import queries as workspace
from buoy.ui.shell import Crumb


@require_safe
@door(Face.PARTNER, "partners.view")
def partner(request: Request, partner_id: UUID) -> HttpResponse:
    today = clock.now().date()
    with acting(request.actor, read_only=True):
        row = queries.partner_row(request.actor, partner_id=partner_id)
        context = {
            "partner": row,
            "below": queries.directly_below(request.actor, partner_id=partner_id, on=today),
            "panel": workspace.panel(
                request.actor, subject=queries.partner_subject(request.actor, partner_id), now=clock.now()
            ),
            "crumbs": [Crumb(label=_("Home"), url=reverse("workspace:portal")), Crumb(label=row.name)],
        }
    return render(request, "partners/partner/partner.html", context)
