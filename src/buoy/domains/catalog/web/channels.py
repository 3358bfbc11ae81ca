"""Sales channels."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core.actor import Face
from buoy.core.errors import DomainError
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels as actions
from buoy.domains.catalog.forms import ChangeChannelForm, ChannelForm
from buoy.domains.catalog.queries.channels import channel_row, channel_rows
from buoy.domains.catalog.queries.words import CHANNEL_KINDS, OPERATORS
from buoy.ui.shell import Crumb


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Sales channels"), url=reverse("catalog:desk-channels")), *more]


@require_safe
@door(Face.DESK, "catalog.view")
def channels(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        rows = channel_rows(request.actor)
    context = {
        "rows": [(row, CHANNEL_KINDS[row.kind], OPERATORS[row.operated_by]) for row in rows],
        "crumbs": _crumbs(),
        "may_manage": request.actor.may("catalog.manage"),
    }
    return render(request, "catalog/desk/channels.html", context)


@require_POST
@door(Face.DESK, "catalog.manage")
def add_usual(request: Request) -> HttpResponse:
    actions.add_usual_channels(request.actor)
    messages.success(request, _("The usual channels are there. Change their names as you like."))
    return redirect("catalog:desk-channels")


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def add(request: Request) -> HttpResponse:
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_channel(request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(_place(error), str(error))
        else:
            messages.success(request, _("%(name)s was added.") % form.cleaned_data)
            return redirect("catalog:desk-channels")
    context = {"form": form, "crumbs": _crumbs(Crumb(label=_("New channel")))}
    return render(request, "catalog/desk/add_channel.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def change(request: Request, channel_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = channel_row(request.actor, channel_id=channel_id)
    now = {name: getattr(row, name) for name in ("name", "code", "kind", "operated_by", "is_active")}
    form = ChangeChannelForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_channel(request.actor, channel_id=channel_id, **form.cleaned_data)
        except DomainError as error:
            form.add_error(_place(error), str(error))
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("catalog:desk-channels")
    context = {"form": form, "row": row, "crumbs": _crumbs(Crumb(label=row.name))}
    return render(request, "catalog/desk/change_channel.html", context, status=422 if form.is_bound else 200)


def _place(error: DomainError) -> str:
    return "operated_by" if isinstance(error, actions.ChannelMisfit) else "code"
