"""Products from a file: checked, then taken, with a report row by row."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.domains.catalog.actions import importing as actions
from buoy.domains.catalog.forms import FileForm
from buoy.domains.catalog.web.products import crumbs
from buoy.ui.fragments import render_screen
from buoy.ui.shell import Crumb

MOST_SHOWN = 200
"""So many refused rows are shown; all are counted."""


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def products(request: Request) -> HttpResponse:
    context: dict[str, Any] = {"crumbs": crumbs(Crumb(label=_("Import")))}
    status = 200
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            try:
                report = actions.import_file(
                    request.actor,
                    content=form.cleaned_data["file"].read(),
                    writes=form.cleaned_data["mode"] == "import",
                    now=clock.now(),
                )
            except actions.FileNotRead as error:
                context["wrong"] = str(error)
            else:
                status = 200
                context |= {"report": report, "shown": report.refused[:MOST_SHOWN], "stats": _stats(report)}
        else:
            context["wrong"] = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return render_screen(request, "catalog/desk/import.html", context, parts=["report"], status=status)


def _stats(report: actions.Report) -> list[dict[str, Any]]:
    figures = (
        (_("Rows in the file"), report.rows),
        (_("New"), report.added),
        (_("Changed"), report.changed),
        (_("As they were"), report.same),
        (_("Refused"), len(report.refused)),
    )
    return [{"label": label, "value": value} for label, value in figures]
