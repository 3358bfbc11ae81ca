"""The catalog as partners see it: what is in sale."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.queries import products as queries
from buoy.domains.catalog.queries.families import family_tree
from buoy.domains.catalog.queries.labels import labels_of
from buoy.domains.catalog.web.products import about, prices_today, product_table
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.shell import Crumb


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Products"), url=reverse("catalog:products")), *more]


@require_safe
@door(Face.PARTNER, "catalog.view")
def products(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        table = product_table(family_tree(request.actor), address="catalog:product", with_state=False)
        listed = read_list(request, table, queries.visible_products(request.actor))
    return answer_list(request, "catalog/partner/products.html", listed, {"crumbs": _crumbs()})


@require_safe
@door(Face.PARTNER, "catalog.view")
def product(request: Request, product_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        page = queries.product_page(request.actor, product_id=product_id)
        labels = labels_of(request.actor, product_id=product_id)
        prices = prices_today(request.actor, product_id)
    context = {
        **about(page),
        "labels": labels,
        "prices": prices,
        "today": clock.now().date(),
        "crumbs": _crumbs(Crumb(label=page.product.name)),
    }
    return render(request, "catalog/partner/product.html", context)
