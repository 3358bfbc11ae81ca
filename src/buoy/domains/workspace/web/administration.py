"""What administrators watch: work and jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from buoy.core import audit, clock, jobs
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.workspace import actions, queries
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Filter, Table
from buoy.ui.shell import Crumb

THINGS = {
    "api_client": gettext_lazy("API client"),
    "api_token": gettext_lazy("Token"),
    "channel": gettext_lazy("Sales channel"),
    "comment": gettext_lazy("Comment"),
    "engagement_rule": gettext_lazy("Rule of engagement"),
    "family": gettext_lazy("Product family"),
    "import": gettext_lazy("Import"),
    "invitation": gettext_lazy("Invitation"),
    "job": gettext_lazy("Job"),
    "match": gettext_lazy("Match"),
    "partner": gettext_lazy("Partner"),
    "price_list": gettext_lazy("Price list"),
    "private_label": gettext_lazy("Private label"),
    "product": gettext_lazy("Product"),
    "rate": gettext_lazy("Exchange rate"),
    "rates": gettext_lazy("Exchange rates"),
    "storedfile": gettext_lazy("File"),
    "task": gettext_lazy("Task"),
    "user": gettext_lazy("Person"),
    "vendor": gettext_lazy("The vendor"),
    "work": gettext_lazy("Long work"),
}
"""What an event can be about, in words."""

AUDIT = Table(
    name="audit",
    label=gettext_lazy("Audit trail"),
    search_label=gettext_lazy("Search what was done"),
    columns=(
        Column(name="number", label=gettext_lazy("No."), value=lambda row: row.number, order=("number",)),
        Column(name="at", label=gettext_lazy("When"), value=lambda row: row.at, kind="moment", order=("at",)),
        Column(name="who", label=gettext_lazy("Who"), value=lambda row: row.details.get("name", "")),
        Column(name="action", label=gettext_lazy("What"), value=lambda row: row.action, order=("action",)),
        Column(
            name="thing", label=gettext_lazy("Object"), value=lambda row: THINGS.get(row.object_type, row.object_type)
        ),
        Column(name="changes", label=gettext_lazy("Changes"), kind="long", value=lambda row: changes(row.details)),
        Column(name="id", label=gettext_lazy("Object ID"), value=lambda row: row.object_id, is_shown=False),
        Column(
            name="address",
            label=gettext_lazy("From where"),
            value=lambda row: row.details.get("address", ""),
            is_shown=False,
        ),
        Column(name="request", label=gettext_lazy("Request"), value=lambda row: row.request_id, is_shown=False),
    ),
    sort="-number",
    search=("action", "object_id", "details__name"),
    filters=(
        Filter(
            name="thing",
            label=gettext_lazy("Object"),
            choices=lambda: [("", gettext_lazy("All objects")), *THINGS.items()],
            narrow=lambda rows, value: rows.filter(object_type=value),
        ),
    ),
)


def changes(details: dict[str, Any]) -> str:
    """`name: Alpha → Alpha & Sons`, for each field that changed; `name: Alpha` for one that was empty before."""
    before, after = details.get("before") or {}, details.get("after") or {}
    both = [(name, before.get(name), after.get(name)) for name in {**before, **after}]
    said = [(name, *("" if side is None else side for side in (old, new))) for name, old, new in both]
    return "; ".join(
        f"{name}: {old} → {new}" if old != "" else f"{name}: {new}" for name, old, new in said if (old, new) != ("", "")
    )


@require_safe
@door(Face.DESK, "jobs.view")
def work_and_jobs(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        rows = queries.work_rows(request.actor)
    context = {
        "work": rows,
        "queues": jobs.queue_lengths(),
        "failed": jobs.failed_jobs(),
        "may_manage": request.actor.may("jobs.manage") and not request.actor.is_read_only,
        "crumbs": [Crumb(label=_("Jobs"))],
    }
    return render(request, "workspace/jobs.html", context)


@require_POST
@door(Face.DESK, "jobs.manage")
def repeat_work(request: Request, work_id: UUID) -> HttpResponse:
    actions.repeat_work(request.actor, work_id=work_id, now=clock.now())
    messages.success(request, _("It is tried again."))
    return redirect("workspace:jobs")


@require_POST
@door(Face.DESK, "jobs.manage")
def repeat_job(request: Request, job_id: int) -> HttpResponse:
    actions.repeat_job(request.actor, job_id=job_id, now=clock.now())
    messages.success(request, _("It is tried again."))
    return redirect("workspace:jobs")


@require_safe
@door(Face.DESK, "audit.view")
def audit_trail(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        listed = read_list(request, AUDIT, audit.events(request.actor))
    return answer_list(request, "workspace/audit.html", listed, {"crumbs": [Crumb(label=_("Audit trail"))]})
