"""Files on their way in: the list, a new one, and the page of each, which shows what its state calls for."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.errors import DomainError, Kind
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.sales import policy
from buoy.domains.sales.actions import moving, receiving
from buoy.domains.sales.forms import AnswersForm, DefaultsForm, UploadForm
from buoy.domains.sales.policy import State
from buoy.domains.sales.queries import imports as queries
from buoy.domains.sales.queries import matches
from buoy.domains.sales.queries.imports import BatchRow, FlawedRowShown
from buoy.domains.sales.queries.wording import FIELD_NAMES
from buoy.domains.sales.queries.words import STATES
from buoy.ui.exports import csv_lines
from buoy.ui.fragments import render_screen
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Filter, Table
from buoy.ui.shell import Crumb

INSIDE = (Face.DESK, Face.PARTNER)
MOST_REFUSED_IN_A_FILE = 200_000
_FLAWS_SHOWN = policy.PREVIEWED
_VALUES_SHOWN = 12

IMPORTS = Table(
    name="imports",
    label=gettext_lazy("Imports"),
    search_label=gettext_lazy("Search imports"),
    columns=(
        Column(
            name="file", label=gettext_lazy("File"), value=lambda row: row.file_name, kind="link", order=("file_name",)
        ),
        Column(name="source", label=gettext_lazy("Source"), value=lambda row: row.source, order=("source__name",)),
        Column(name="partner", label=gettext_lazy("Sent by"), value=lambda row: row.partner, order=("partner__name",)),
        Column(
            name="state",
            label=gettext_lazy("State"),
            value=lambda row: STATES[row.state],
            kind="badge",
            order=("state",),
        ),
        Column(name="rows", label=gettext_lazy("Rows"), value=lambda row: row.rows, kind="number", order=("rows",)),
        Column(name="new", label=gettext_lazy("New"), value=lambda row: row.new, kind="number", order=("new",)),
        Column(
            name="refused",
            label=gettext_lazy("Refused"),
            value=lambda row: row.refused,
            kind="number",
            order=("refused",),
        ),
        Column(
            name="received",
            label=gettext_lazy("Received"),
            value=lambda row: row.created_at,
            kind="moment",
            order=("created_at",),
        ),
        Column(name="by", label=gettext_lazy("By"), value=lambda row: row.requester, is_shown=False),
    ),
    sort="-received",
    url=lambda row: reverse("sales:import", args=[row.pk]),
    search=("file_name", "source__name"),
    filters=(
        Filter(
            name="state",
            label=gettext_lazy("State"),
            choices=lambda: [
                ("", gettext_lazy("All states")),
                *((state.value, words) for state, (words, _tone) in STATES.items()),
            ],
            narrow=lambda rows, value: rows.filter(state=value),
        ),
    ),
    row=BatchRow.of,
)


def crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Sales"), url=reverse("sales:lines")), *more]


def _crumbs(*more: Crumb) -> list[Crumb]:
    return crumbs(Crumb(label=_("Imports"), url=reverse("sales:imports")), *more)


@require_safe
@door(INSIDE, "sales.import")
def imports(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        rows = queries.visible_batches(request.actor).select_related("source", "partner")
        listed = read_list(request, IMPORTS, rows)
    return answer_list(request, "sales/imports.html", listed, {"crumbs": crumbs(Crumb(label=_("Imports")))})


@require_http_methods(["GET", "HEAD", "POST"])
@door(INSIDE, "sales.import")
def add(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        partners = matches.partner_choices(request.actor) if request.actor.face is Face.DESK else None
        names = [source.name for source in queries.visible_sources(request.actor)[:100]]
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None, partners=partners)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        partner = said.get("partner")
        try:
            batch_id = receiving.receive_file(
                request.actor,
                storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
                source_name=said["source_name"],
                partner_id=UUID(partner) if partner else None,
                name=said["file"].name,
                size=said["file"].size,
                content=said["file"],
                defaults={name: said[name] for name in DefaultsForm.base_fields},
                now=clock.now(),
            )
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            form.add_error("file", str(error))
        else:
            return redirect("sales:import", batch_id)
    context = {"form": form, "sources": names, "crumbs": _crumbs(Crumb(label=_("New import")))}
    return render(request, "sales/import_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door(INSIDE, "sales.import")
def batch(request: Request, batch_id: UUID) -> HttpResponse:
    """The page of an import; a POST says how the file is meant."""
    with acting(request.actor, read_only=True):
        row = queries.batch_row(request.actor, batch_id=batch_id)
        flawed = queries.flawed_rows(request.actor, batch_id=batch_id)[:_FLAWS_SHOWN]
        shown = [_brief(queries.flawed_row(each)) for each in flawed]
        before = queries.same_file(request.actor, batch=row)
    form = _answers_form(request, row)
    if request.method == "POST" and form.is_valid():
        try:
            receiving.answer(
                request.actor,
                storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
                batch_id=batch_id,
                answers=form.layout(),
                mapping=form.mapping(),
                defaults=form.defaults(),
                now=clock.now(),
            )
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            form.add_error(None, str(error))
        else:
            return redirect("sales:import", batch_id)
    context = {**_context(row, form, shown), "before": before, "crumbs": _crumbs(Crumb(label=row.file_name))}
    status = 422 if form.errors else 200
    return render_screen(request, "sales/import.html", context, parts=["state"], status=status)


def _brief(row: FlawedRowShown) -> FlawedRowShown:
    """With the first of its values only: a row may have a thousand."""
    return replace(row, cells=dict(islice(row.cells.items(), _VALUES_SHOWN)))


def _answers_form(request: Request, row: BatchRow) -> AnswersForm:
    asked = {question["about"] for question in row.questions}
    layout = row.layout
    now = {name: layout.get(name, "") for name in AnswersForm.LAYOUT} | dict(row.defaults)
    now |= {f"column_{name}": column for name, column in row.mapping.items()}
    if "encoding" in asked and not row.error:
        now["encoding"] = next(each["choices"][0] for each in row.questions if each["about"] == "encoding")
    return AnswersForm(
        request.POST if request.method == "POST" else None,
        initial=now,
        kind=layout.get("kind", ""),
        columns=list(layout.get("columns", ())),
        sheets=list(layout.get("sheets", ())),
        asked=asked,
    )


def _context(row: BatchRow, form: AnswersForm, shown: list[FlawedRowShown]) -> dict[str, object]:
    layout_fields = [form[name] for name in AnswersForm.LAYOUT if name in form.fields]
    return {
        "batch": row,
        "state": row.state.value,
        "words": STATES[row.state],
        "form": form,
        "layout_fields": layout_fields,
        "column_fields": [form[name] for name in form.fields if name.startswith("column_")],
        "default_fields": [form[name] for name in DefaultsForm.base_fields],
        "questions": row.questions,
        "flawed": shown,
        "steps": _steps(row),
        "done": row.new + row.same + row.corrected,
        "to_write": row.accepted - row.repeated,
        "fields": FIELD_NAMES,
        "may_answer": row.state in policy.MAY_BE_READ_AGAIN,
    }


def _steps(row: BatchRow) -> list[dict[str, object]]:
    order = {State.ASKING: 1, State.FAILED: 1, State.READING: 2, State.READY: 2, State.WRITING: 3, State.DONE: 4}
    state = State(row.stopped_in) if row.state is State.CANCELLED else row.state
    now = order[state]
    labels = (_("File"), _("Meaning"), _("Check"), _("Import"))
    return [
        {"label": label, "state": "done" if place < now else "now" if place == now else "later"}
        for place, label in enumerate(labels)
    ]


def _moved(request: Request, batch_id: UUID) -> HttpResponse:
    return redirect("sales:import", batch_id)


@require_POST
@door(INSIDE, "sales.import")
def start(request: Request, batch_id: UUID) -> HttpResponse:
    moving.start_import(request.actor, batch_id=batch_id, now=clock.now())
    return _moved(request, batch_id)


@require_POST
@door(INSIDE, "sales.import")
def cancel(request: Request, batch_id: UUID) -> HttpResponse:
    moving.cancel_import(request.actor, batch_id=batch_id, now=clock.now())
    messages.info(request, _("The import was stopped. What was imported until then stays, and it can go on."))
    return _moved(request, batch_id)


@require_POST
@door(INSIDE, "sales.import")
def resume(request: Request, batch_id: UUID) -> HttpResponse:
    moving.resume_import(request.actor, batch_id=batch_id, now=clock.now())
    return _moved(request, batch_id)


@require_safe
@door(INSIDE, "sales.import")
def refused(request: Request, batch_id: UUID) -> HttpResponse:
    """The refused rows as CSV: what is wrong, then the row as it was, to be put right and sent again."""
    with acting(request.actor, read_only=True):
        row = queries.batch_row(request.actor, batch_id=batch_id)
        rows = queries.flawed_rows(request.actor, batch_id=batch_id).filter(is_refused=True)[:MOST_REFUSED_IN_A_FILE]
        columns = list(row.layout.get("columns", ()))
        shown = [queries.flawed_row(each) for each in rows]
    values = ([each.number, " ".join(each.flaws), *(each.cells.get(name, "") for name in columns)] for each in shown)
    answer = HttpResponse(
        b"".join(csv_lines([_("Row"), _("What is wrong"), *columns], values)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = content_disposition_header(True, f"refused-{row.file_name}.csv")
    return answer
