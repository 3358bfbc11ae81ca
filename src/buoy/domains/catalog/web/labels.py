"""Private labels: the list of all, and those of a product."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.actions import labels as actions
from buoy.domains.catalog.forms import LabelForm
from buoy.domains.catalog.queries.labels import LabelRow, visible_labels
from buoy.domains.catalog.queries.products import product_row
from buoy.domains.catalog.web.products import crumbs
from buoy.domains.catalog.web.tries import tried
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Table
from buoy.ui.shell import Crumb


def _table(address: str) -> Table:
    return Table(
        name="private-labels",
        label=gettext_lazy("Private labels"),
        search_label=gettext_lazy("Search private labels"),
        columns=(
            Column(
                name="name", label=gettext_lazy("Name there"), value=lambda row: row.name, kind="link", order=("name",)
            ),
            Column(name="brand", label=gettext_lazy("Brand"), value=lambda row: row.brand, order=("brand",)),
            Column(
                name="code", label=gettext_lazy("Article number there"), value=lambda row: row.code, order=("code",)
            ),
            Column(
                name="partner", label=gettext_lazy("Partner"), value=lambda row: row.partner, order=("partner__name",)
            ),
            Column(
                name="product", label=gettext_lazy("Product"), value=lambda row: row.product, order=("product__name",)
            ),
            Column(
                name="product_code",
                label=gettext_lazy("Article number"),
                value=lambda row: row.product_code,
                order=("product__code",),
            ),
            Column(name="from", label=gettext_lazy("From"), value=lambda row: row.valid_from, kind="day"),
            Column(name="until", label=gettext_lazy("Until"), value=lambda row: row.valid_until, kind="day"),
        ),
        sort="name",
        url=lambda row: reverse(address, args=[row.product_id]),
        search=("name", "brand", "code", "partner__name", "product__name", "product__code"),
        row=LabelRow.of,
    )


@require_safe
@door(Face.DESK, "catalog.view")
def labels(request: Request) -> HttpResponse:
    return _list(request, "catalog/desk/labels.html", "catalog:desk-product", crumbs(Crumb(label=_("Private labels"))))


@require_safe
@door(Face.PARTNER, "catalog.view")
def own_labels(request: Request) -> HttpResponse:
    above = Crumb(label=_("Products"), url=reverse("catalog:products"))
    return _list(request, "catalog/partner/labels.html", "catalog:product", [above, Crumb(label=_("Private labels"))])


def _list(request: Request, template: str, address: str, crumbs: list[Crumb]) -> HttpResponse:
    table = _table(address)
    with acting(request.actor, read_only=True):
        listed = read_list(request, table, visible_labels(request.actor))
    return answer_list(request, template, listed, {"crumbs": crumbs})


@require_POST
@door(Face.DESK, "catalog.manage")
def add(request: Request, product_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        product_row(request.actor, product_id=product_id)
    form = LabelForm(request.POST, prefix="label", partners=[], source="")
    return tried(
        request,
        lambda: actions.add_label(request.actor, product_id=product_id, **form.said),
        back=f"{reverse('catalog:desk-product', args=[product_id])}#labels",
        form=form,
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def end(request: Request, product_id: UUID, label_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        product_row(request.actor, product_id=product_id)
    return tried(
        request,
        lambda: actions.end_label(request.actor, label_id=label_id, on=clock.now().date()),
        back=f"{reverse('catalog:desk-product', args=[product_id])}#labels",
    )
