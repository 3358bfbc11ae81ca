"""The tree of families."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from buoy.core.actor import Face
from buoy.core.errors import DomainError
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.actions import families as actions
from buoy.domains.catalog.forms import FamilyForm
from buoy.domains.catalog.queries.families import family_row, family_tree
from buoy.domains.catalog.web.products import crumbs
from buoy.domains.catalog.web.tries import tried
from buoy.ui.shell import Crumb


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.view")
def families(request: Request) -> HttpResponse:
    """The tree, and a form for a new family."""
    with acting(request.actor, read_only=True):
        tree = family_tree(request.actor)
    form = FamilyForm(request.POST if request.method == "POST" else None, tree=tree)
    if request.method == "POST":
        request.actor.require("catalog.manage")
        if form.is_valid():
            try:
                name, parent_id = form.cleaned_data["name"], form.cleaned_data["parent"]
                actions.add_family(request.actor, name=name, parent_id=parent_id)
            except DomainError as error:
                form.add_error("name", str(error))
            else:
                return redirect("catalog:desk-families")
    context = {
        "rows": list(tree.rows.values()),
        "form": form,
        "crumbs": crumbs(Crumb(label=_("Families"))),
        "may_manage": request.actor.may("catalog.manage"),
    }
    return render(request, "catalog/desk/families.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def change(request: Request, family_id: UUID) -> HttpResponse:
    """Rename or move a family. Those within it are no place for it."""
    with acting(request.actor, read_only=True):
        row, tree = family_row(request.actor, family_id=family_id), family_tree(request.actor)
    form = FamilyForm(
        request.POST if request.method == "POST" else None,
        tree=tree,
        without=tree.below(family_id).__contains__,
        initial={"name": row.name, "parent": row.parent_id},
    )
    if request.method == "POST" and form.is_valid():
        try:
            name, parent_id = form.cleaned_data["name"], form.cleaned_data["parent"]
            actions.change_family(request.actor, family_id=family_id, name=name, parent_id=parent_id)
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            return redirect("catalog:desk-families")
    above = Crumb(label=_("Families"), url=reverse("catalog:desk-families"))
    context = {"form": form, "row": row, "crumbs": crumbs(above, Crumb(label=row.name))}
    return render(request, "catalog/desk/change_family.html", context, status=422 if form.is_bound else 200)


@require_POST
@door(Face.DESK, "catalog.manage")
def remove(request: Request, family_id: UUID) -> HttpResponse:
    return tried(
        request,
        lambda: actions.remove_family(request.actor, family_id=family_id),
        back=reverse("catalog:desk-families"),
    )
