"""A list as an answer: the page, the part that htmx asks for, or a file.

    with acting(request.actor, read_only=True):
        listed = read_list(request, PARTNERS, queries.visible_partners(request.actor))
    return answer_list(request, "partners/desk/list.html", listed, {"crumbs": …})

It is read within the scope and drawn outside of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from buoy.ui.exports import csv_lines, xlsx
from buoy.ui.fragments import render_screen
from buoy.ui.lists import Shown, Table, all_rows, show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Listed = Shown | HttpResponse
"""What the page shows; or, when `?export=` asked for one, the file."""


def read_list(
    request: HttpRequest, table: Table, rows: QuerySet[Any], *, views: Sequence[tuple[Any, str, str]] = ()
) -> Listed:
    """Two queries, one for a file."""
    wanted = request.GET.get("export")
    if wanted in ("csv", "xlsx"):
        return _file(table, rows, request, wanted)
    return show(table, rows, request.GET, views=views)


def answer_list(request: HttpRequest, template: str, listed: Listed, context: Mapping[str, Any]) -> HttpResponse:
    if isinstance(listed, HttpResponse):
        return listed
    return render_screen(request, template, {"shown": listed, "action": request.path, **context}, parts=["rows"])


def _file(table: Table, rows: QuerySet[Any], request: HttpRequest, wanted: str) -> HttpResponse:
    head, values = all_rows(table, rows, request.GET)
    if wanted == "csv":
        response = HttpResponse(b"".join(csv_lines(head, values)), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(xlsx(str(table.label), head, values), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, f"{table.name}.{wanted}")
    return response
