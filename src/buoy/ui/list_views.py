"""A list as an answer: the page, the part that htmx asks for, or a file.

    with acting(request.actor, read_only=True):
        listed = read_list(request, PARTNERS, queries.visible_partners(request.actor))
    return answer_list(request, "partners/desk/list.html", listed, {"crumbs": …})

It is read within the scope and drawn outside of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string

from buoy.core.http import Request
from buoy.ui.exports import csv_lines, xlsx
from buoy.ui.fragments import render_screen
from buoy.ui.lists import Shown, Table, all_rows, show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Listed = Shown | HttpResponse
"""What the page shows; or, when `?export=` asked for one, the file."""


Views = Callable[..., list[tuple[Any, str, str]]]
"""The views that an actor saved of the list `list_name`: id, name, query."""


def read_list(request: Request, table: Table, rows: QuerySet[Any]) -> Listed:
    """Three queries, one for a file."""
    wanted = request.GET.get("export")
    if wanted in ("csv", "xlsx"):
        return _file(table, rows, request, wanted)
    may_write = not request.actor.is_read_only
    bulk = [each for each in table.bulk if may_write and request.actor.may(each.permission)]
    # The map of `buoy.wiring`, which stands above and is therefore known by name only.
    saved: Views = import_string(settings.SAVED_VIEWS)
    views = saved(request.actor, list_name=table.name)
    return show(table, rows, request.GET, views=views, bulk=bulk)


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
