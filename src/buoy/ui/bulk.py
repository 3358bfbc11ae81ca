"""Doing one thing with many rows of a list.

    Table(…, bulk=(Bulk(name="done", label=_("Done"), do=finish_task, …),))

    @require_http_methods(["GET", "HEAD", "POST"])
    def tasks(request):
        if request.method == "POST":
            return answer_bulk(request, TASKS, lambda: queries.visible_tasks(request.actor))

Rows are chosen one by one, or as "all that were found", which repeats the search of the list. Each row is a use case of its
own, with its own transaction and audit record, so that one refusal does not take the others along; what became of each row
is told. What cannot be undone is asked about first, on a page, since a question by script alone could be missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from buoy.core import clock
from buoy.core.errors import DomainError
from buoy.core.http import Request
from buoy.core.scope import acting
from buoy.ui.lists import Bulk, Table, ask
from buoy.ui.shell import Crumb

MOST_AT_ONCE = 500
NAMED = 10
"""So many of the chosen rows are named before something dangerous is done; the others are counted."""


@dataclass
class Report:
    """What became of each row, by its name."""

    done: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def answer_bulk(
    request: Request, table: Table, rows: Callable[[], QuerySet[Any]], *, crumbs: list[Crumb] | None = None
) -> HttpResponse:
    """Do what the form of the list asks for; the list again, or the page that asks first or tells what was refused."""
    bulk = next((each for each in table.bulk if each.name == request.POST.get("bulk")), None)
    query = request.POST.get("query", "")
    back = f"{request.path}?{query}" if query else request.path
    if bulk is None:
        return redirect(back)
    request.actor.require(bulk.permission)
    with acting(request.actor, read_only=True):
        chosen = _chosen(request, table, rows())
    if not chosen or len(chosen) > MOST_AT_ONCE:
        messages.error(request, _too_many() if chosen else _("Choose the rows first."))
        return redirect(back)
    context: dict[str, Any] = {"bulk": bulk, "action": request.path, "query": query, "back": back}
    context["crumbs"] = [*(crumbs or []), Crumb(label=str(bulk.label))]
    if bulk.question and request.POST.get("sure") != "yes":
        named = [name for _key, name in chosen[:NAMED]]
        context |= {"keys": [key for key, _name in chosen], "named": named, "more": len(chosen) - len(named)}
        return render(request, "ui/bulk_confirm.html", context)
    report = _do(request, bulk, chosen)
    if not report.refused:
        messages.success(request, _said(report))
        return redirect(back)
    return render(request, "ui/bulk_report.html", context | {"report": report})


def _chosen(request: Request, table: Table, rows: QuerySet[Any]) -> list[tuple[str, str]]:
    """Key and name of each row; one more than can be done at once when there are more."""
    name = table.columns[0].value
    if request.POST.get("all") == "yes":
        found = table.narrowed(rows, ask(table, QueryDict(request.POST.get("query", ""))))
    else:
        found = rows.filter(pk__in=[key for key in request.POST.getlist("row") if _is_key(rows, key)])
    return [(str(row.pk), str(name(table.row(row)))) for row in found[: MOST_AT_ONCE + 1]]


def _is_key(rows: QuerySet[Any], key: str) -> bool:
    """Whether a word from a form has the shape of a key at all."""
    try:
        rows.model._meta.pk.to_python(key)
    except ValidationError:
        return False
    return True


def _do(request: Request, bulk: Bulk, chosen: list[tuple[str, str]]) -> Report:
    report, now = Report(), clock.now()
    for key, name in chosen:
        try:
            changed = bulk.do(request.actor, key, now)
        except DomainError as error:
            report.refused.append((name, str(error)))
        else:
            (report.done if changed else report.unchanged).append(name)
    return report


def _said(report: Report) -> str:
    done, unchanged = len(report.done), len(report.unchanged)
    said = ngettext("%(count)d row was changed.", "%(count)d rows were changed.", done) % {"count": done}
    if not unchanged:
        return said
    was_so = ngettext("%(count)d was so already.", "%(count)d were so already.", unchanged) % {"count": unchanged}
    return f"{said} {was_so}"


def _too_many() -> str:
    return _(
        "More than %(most)d rows were chosen, which is too many at once. Narrow the list by its filters first."
    ) % {"most": MOST_AT_ONCE}
