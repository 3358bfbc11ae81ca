"""Partners as the vendor's people see them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.errors import DomainError
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.partners import actions, queries
from buoy.domains.partners.forms import ChangeForm, PartnerForm, PlaceForm, countries
from buoy.domains.workspace import queries as workspace
from buoy.ui import formats
from buoy.ui.bulk import answer_bulk
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Bulk, Column, Filter, Table
from buoy.ui.shell import Crumb

OFFERED = 20
"""So many partners are offered at once where one is chosen; typing finds the others."""
ACTIVE = {"yes": gettext_lazy("Active"), "no": gettext_lazy("Not active")}


def _take_part(actor: Actor, key: str, now: datetime) -> bool:
    return actions.set_taking_part(actor, partner_id=UUID(key), is_active=True)


def _end(actor: Actor, key: str, now: datetime) -> bool:
    return actions.set_taking_part(actor, partner_id=UUID(key), is_active=False)


PARTNERS = Table(
    name="partners",
    label=gettext_lazy("Partners"),
    search_label=gettext_lazy("Search partners"),
    columns=(
        Column(
            name="name",
            label=gettext_lazy("Name"),
            value=lambda row: row.name,
            kind="link",
            order=("name",),
            avatar="company",
        ),
        Column(
            name="country",
            label=gettext_lazy("Country"),
            value=lambda row: formats.country(row.country),
            order=("country",),
        ),
        Column(
            name="state",
            label=gettext_lazy("State"),
            value=lambda row: (ACTIVE["yes"], "good") if row.is_active else (ACTIVE["no"], ""),
            kind="badge",
            order=("is_active",),
        ),
        Column(
            name="since",
            label=gettext_lazy("Partner since"),
            value=lambda row: row.created_at,
            kind="day",
            order=("created_at",),
        ),
        Column(
            name="language",
            label=gettext_lazy("Language"),
            value=lambda row: formats.language(row.language),
            is_shown=False,
        ),
    ),
    sort="name",
    url=lambda row: reverse("partners:desk-partner", args=[row.pk]),
    search=("name",),
    filters=(
        Filter(
            name="state",
            label=gettext_lazy("State"),
            choices=lambda: [("", gettext_lazy("All states")), *ACTIVE.items()],
            narrow=lambda rows, value: rows.filter(is_active=value == "yes"),
        ),
        Filter(
            name="country",
            label=gettext_lazy("Country"),
            choices=lambda: [("", gettext_lazy("All countries")), *countries()[1:]],
            narrow=lambda rows, value: rows.filter(country=value),
        ),
    ),
    bulk=(
        Bulk(
            name="start",
            label=gettext_lazy("Let them take part"),
            permission="partners.manage",
            do=_take_part,
            icon="player-play",
        ),
        Bulk(
            name="end",
            label=gettext_lazy("End their part in the programme"),
            permission="partners.manage",
            do=_end,
            icon="circle-x",
            question=gettext_lazy(
                "Shall these partners take part no longer? Nothing of theirs is deleted, and you can let them in again."
            ),
        ),
    ),
)


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Partners"), url=reverse("partners:desk-list")), *more]


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "partners.view")
def partners(request: Request) -> HttpResponse:
    """The list; by post, something done with chosen rows of it."""
    if request.method == "POST":
        return answer_bulk(request, PARTNERS, lambda: queries.visible_partners(request.actor), crumbs=_crumbs())
    with acting(request.actor, read_only=True):
        listed = read_list(request, PARTNERS, queries.visible_partners(request.actor))
    context = {"crumbs": _crumbs(), "may_add": request.actor.may("partners.manage")}
    return answer_list(request, "partners/desk/list.html", listed, context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "partners.manage")
def add(request: Request) -> HttpResponse:
    form = PartnerForm(request.POST if request.method == "POST" else None, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        partner_id = actions.add_partner(request.actor, **form.cleaned_data, now=clock.now())
        messages.success(request, _("%(name)s was added.") % form.cleaned_data)
        return redirect("partners:desk-partner", partner_id)
    context = {"form": form, "crumbs": _crumbs(Crumb(label=_("New partner")))}
    return render(request, "partners/desk/add.html", context, status=422 if form.is_bound else 200)


@require_safe
@door(Face.DESK, "partners.view")
def partner(request: Request, partner_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.partner_row(request.actor, partner_id=partner_id)
        context = {
            "partner": row,
            "chain": queries.chain_of(request.actor, partner_id=partner_id, on=clock.now().date()),
            "below": queries.directly_below(request.actor, partner_id=partner_id, on=clock.now().date()),
            "panel": workspace.panel(
                request.actor, subject=queries.partner_subject(request.actor, partner_id), now=clock.now()
            ),
            "crumbs": _crumbs(Crumb(label=row.name)),
            "may_manage": request.actor.may("partners.manage"),
            "people_url": f"{reverse('accounts:desk_people')}?partner={partner_id}"
            if request.actor.may("users.view")
            else "",
        }
    return render(request, "partners/desk/partner.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "partners.manage")
def change(request: Request, partner_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.partner_row(request.actor, partner_id=partner_id)
    now = {"name": row.name, "country": row.country, "language": row.language, "is_active": row.is_active}
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        actions.change_partner(request.actor, partner_id=partner_id, **form.cleaned_data)
        messages.success(request, _("Your changes were saved."))
        return redirect("partners:desk-partner", partner_id)
    url = reverse("partners:desk-partner", args=[partner_id])
    context = {
        "form": form,
        "partner": row,
        "crumbs": _crumbs(Crumb(label=row.name, url=url), Crumb(label=_("Change"))),
    }
    return render(request, "partners/desk/change.html", context, status=422 if form.is_bound else 200)


@require_safe
@door(Face.DESK, "partners.manage")
def options(request: Request) -> HttpResponse:
    """A fragment: from whom a partner may buy, as somebody types."""
    with acting(request.actor, read_only=True):
        found = _offered(request.actor, search=request.GET.get("q", "").replace("\x00", "").strip())
    return render(request, "ui/options.html", {"options": [(value, words, "") for value, words in found]})


def _offered(actor: Actor, *, search: str = "", chosen: UUID | None = None) -> list[tuple[str, str]]:
    """The vendor, then the first partners by name, and the one that is chosen. At most two queries."""
    rows = queries.visible_partners(actor, search=search)
    names = dict(rows.values_list("id", "name")[:OFFERED])
    if chosen is not None and chosen not in names:
        names.update(rows.filter(id=chosen).values_list("id", "name"))
    vendor = _("The vendor itself")
    first = [("", vendor)] if search.lower() in vendor.lower() else []
    return first + [(str(id_), name) for id_, name in names.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "partners.manage")
def place(request: Request, partner_id: UUID) -> HttpResponse:
    """Whom a partner buys from, from a day on."""
    today = clock.now().date()
    with acting(request.actor, read_only=True):
        row = queries.partner_row(request.actor, partner_id=partner_id)
        form = PlaceForm(
            request.POST if request.method == "POST" else None, initial={"from_date": today + timedelta(days=1)}
        )
        chosen = form.cleaned_data.get("parent") if form.is_bound and form.is_valid() else None
        form.fields["parent"].widget.choices = _offered(request.actor, chosen=chosen)
        form.fields["parent"].widget.attrs["data-source"] = reverse("partners:desk-options")
    if request.method == "POST" and form.is_valid():
        try:
            actions.place_under(
                request.actor,
                partner_id=partner_id,
                parent_id=form.cleaned_data["parent"],
                from_date=form.cleaned_data["from_date"],
            )
        except DomainError as error:
            form.add_error("parent", str(error))
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("partners:desk-partner", partner_id)
    url = reverse("partners:desk-partner", args=[partner_id])
    context = {"form": form, "partner": row, "crumbs": _crumbs(Crumb(label=row.name, url=url), Crumb(label=_("Chain")))}
    return render(request, "partners/desk/place.html", context, status=422 if form.is_bound else 200)
