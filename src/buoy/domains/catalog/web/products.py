"""Products as the vendor's people see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.errors import DomainError
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.actions import products as actions
from buoy.domains.catalog.forms import VENDOR, Choices, GtinForm, LabelForm, PartForm, ProductForm, SkuForm
from buoy.domains.catalog.models import Product
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.queries import products as queries
from buoy.domains.catalog.queries.channels import visible_channels
from buoy.domains.catalog.queries.families import Tree, family_tree
from buoy.domains.catalog.queries.labels import labels_of
from buoy.domains.catalog.queries.prices import BUYERS, PriceToday, prices_of
from buoy.domains.catalog.queries.products import ProductPage, ProductRow
from buoy.domains.catalog.queries.words import KINDS, OPERATORS, UNITS
from buoy.domains.catalog.web.tries import tried
from buoy.domains.partners import queries as partners
from buoy.domains.workspace import queries as workspace
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Filter, Table
from buoy.ui.shell import Crumb

IN_SALE = {"yes": gettext_lazy("In sale"), "no": gettext_lazy("Out of sale")}
OFFERED = 50
"""So many products stand in a list to choose from before anything is typed."""


def product_table(tree: Tree, *, address: str, with_state: bool) -> Table:
    """The list of products, for either face. The families are those of now, so the table is made for each request."""
    names = {str(row.id): " › ".join(row.path) for row in tree.rows.values()}
    in_sale = Filter(
        name="state",
        label=gettext_lazy("State"),
        choices=lambda: [("", gettext_lazy("In and out of sale")), *IN_SALE.items()],
        narrow=lambda rows, value: rows.filter(is_active=value == "yes"),
    )
    state = Column(
        name="state",
        label=gettext_lazy("State"),
        value=lambda row: (IN_SALE["yes"], "good") if row.is_active else (IN_SALE["no"], ""),
        kind="badge",
        order=("is_active",),
    )
    return Table(
        name="products",
        label=gettext_lazy("Products"),
        search_label=gettext_lazy("Search products"),
        columns=(
            Column(name="name", label=gettext_lazy("Name"), value=lambda row: row.name, kind="link", order=("name",)),
            Column(name="code", label=gettext_lazy("Article number"), value=lambda row: row.code, order=("code",)),
            Column(
                name="family",
                label=gettext_lazy("Family"),
                value=lambda row: names.get(str(row.family_id), ""),
                order=("family__name",),
            ),
            Column(name="kind", label=gettext_lazy("Kind"), value=lambda row: KINDS[row.kind], order=("kind",)),
            Column(name="unit", label=gettext_lazy("Counted in"), value=lambda row: UNITS[row.unit], is_shown=False),
            *([state] if with_state else []),
            Column(
                name="since",
                label=gettext_lazy("In the catalog since"),
                value=lambda row: row.created_at,
                kind="day",
                order=("created_at",),
                is_shown=False,
            ),
        ),
        sort="name",
        url=lambda row: reverse(address, args=[row.pk]),
        search=("name", "code"),
        row=ProductRow.of,
        filters=(
            Filter(
                name="family",
                label=gettext_lazy("Family"),
                choices=lambda: [("", gettext_lazy("All families")), *names.items()],
                narrow=lambda rows, value: rows.filter(family_id__in=tree.below(UUID(value))),
            ),
            Filter(
                name="kind",
                label=gettext_lazy("Kind"),
                choices=lambda: [("", gettext_lazy("All kinds")), *KINDS.items()],
                narrow=lambda rows, value: rows.filter(kind=value),
            ),
            *([in_sale] if with_state else []),
        ),
    )


def crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Products"), url=reverse("catalog:desk-products")), *more]


def about(page: ProductPage) -> dict[str, Any]:
    """What the cards of a product's page show, with words for our codes."""
    return {
        "page": page,
        "product": page.product,
        "kind": KINDS[page.product.kind],
        "unit": UNITS[page.product.unit],
        "gtins": [(row, UNITS[row.unit]) for row in page.gtins],
        "parts": [(row, UNITS[row.unit]) for row in page.parts],
    }


def offered(products: Iterable[Product]) -> Choices:
    """Products to choose from, each with its article number."""
    return [(str(each.id), f"{each.name} · {each.code}") for each in products]


@require_safe
@door(Face.DESK, "catalog.view")
def products(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        table = product_table(family_tree(request.actor), address="catalog:desk-product", with_state=True)
        listed = read_list(request, table, queries.visible_products(request.actor))
    context = {"crumbs": crumbs(), "may_manage": request.actor.may("catalog.manage")}
    return answer_list(request, "catalog/desk/products.html", listed, context)


@require_safe
@door((Face.DESK, Face.PARTNER), "catalog.view")
def options(request: Request) -> HttpResponse:
    """What a field that asks for a product offers: a fragment. One query."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    with acting(request.actor, read_only=True):
        found = queries.visible_products(request.actor, search=words)[:OFFERED]
        chosen = [(str(each.id), each.name, each.code) for each in found]
    return render(request, "ui/options.html", {"options": chosen})


@require_safe
@door(Face.DESK, "catalog.view")
def sellers(request: Request, with_vendor: bool) -> HttpResponse:
    """What a field that asks for a partner, or for whoever sells, offers: a fragment. One query."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    with acting(request.actor, read_only=True):
        found = partner_choices(request.actor, search=words)
    itself = str(OPERATORS[Operator.VENDOR.value])
    if with_vendor and words.lower() in itself.lower():
        found = [(VENDOR, itself), *found]
    return render(request, "ui/options.html", {"options": [(value, name, "") for value, name in found]})


def partner_choices(actor: Actor, *, search: str = "", chosen: UUID | None = None) -> Choices:
    """The first partners by name, and the one that is chosen: there may be thousands. At most two queries."""
    rows = partners.visible_partners(actor, search=search).values_list("id", "name")
    found = dict(rows[:OFFERED])
    if chosen and chosen not in found:
        found.update(rows.filter(id=chosen))
    return [(str(id_), name) for id_, name in found.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def add(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        form = ProductForm(request.POST if request.method == "POST" else None, tree=family_tree(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            product_id = actions.add_product(request.actor, **form.said, now=clock.now())
        except actions.ProductExists as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("%(name)s was added.") % form.cleaned_data)
            return redirect("catalog:desk-product", product_id)
    context = {"form": form, "crumbs": crumbs(Crumb(label=_("New product")))}
    return render(request, "catalog/desk/add_product.html", context, status=422 if form.is_bound else 200)


@require_safe
@door(Face.DESK, "catalog.view")
def product(request: Request, product_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        page = queries.product_page(request.actor, product_id=product_id)
        context = {
            **about(page),
            "panel": workspace.panel(
                request.actor,
                subject=queries.product_subject(request.actor, product_id),
                now=clock.now(),
            ),
            "crumbs": crumbs(Crumb(label=page.product.name)),
            "may_manage": request.actor.may("catalog.manage"),
            "gtin_form": GtinForm(prefix="gtin"),
            "sku_form": SkuForm(prefix="sku", channels=_channels(request.actor)),
            "part_form": _part_form(request, product_id),
            "prices": prices_today(request.actor, product_id),
            "labels": labels_of(request.actor, product_id=product_id),
            "label_form": LabelForm(
                prefix="label",
                partners=partner_choices(request.actor),
                source=reverse("catalog:partner-options"),
                initial={"valid_from": clock.now().date()},
            ),
            "today": clock.now().date(),
        }
    return render(request, "catalog/desk/product.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def change(request: Request, product_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.product_row(request.actor, product_id=product_id)
        now = {name: getattr(row, name) for name in ("name", "code", "kind", "unit", "description", "is_active")}
        form = ProductForm(
            request.POST if request.method == "POST" else None,
            tree=family_tree(request.actor),
            initial={**now, "family": row.family_id},
        )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_product(request.actor, product_id=product_id, **form.said)
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("catalog:desk-product", product_id)
    above = Crumb(label=row.name, url=reverse("catalog:desk-product", args=[product_id]))
    context = {"form": form, "product": row, "crumbs": crumbs(above, Crumb(label=_("Change")))}
    return render(request, "catalog/desk/change_product.html", context, status=422 if form.is_bound else 200)


# --- What stands in the cards of a product's page ------------------------------------------------------------------


@require_POST
@door(Face.DESK, "catalog.manage")
def add_gtin(request: Request, product_id: UUID) -> HttpResponse:
    form = GtinForm(request.POST, prefix="gtin")
    return tried(
        request,
        lambda: actions.add_gtin(request.actor, product_id=product_id, **form.cleaned_data),
        back=_page(request, product_id, "gtins"),
        form=form,
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def remove_gtin(request: Request, product_id: UUID, gtin_id: int) -> HttpResponse:
    return tried(
        request,
        lambda: actions.remove_gtin(request.actor, product_id=product_id, gtin_id=gtin_id),
        back=_page(request, product_id, "gtins"),
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def add_sku(request: Request, product_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        form = SkuForm(request.POST, prefix="sku", channels=_channels(request.actor))
    return tried(
        request,
        lambda: actions.add_sku(
            request.actor,
            product_id=product_id,
            channel_id=form.cleaned_data["channel"],
            sku=form.cleaned_data["sku"],
        ),
        back=_page(request, product_id, "skus"),
        form=form,
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def remove_sku(request: Request, product_id: UUID, sku_id: int) -> HttpResponse:
    return tried(
        request,
        lambda: actions.remove_sku(request.actor, product_id=product_id, sku_id=sku_id),
        back=_page(request, product_id, "skus"),
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def put_part(request: Request, product_id: UUID) -> HttpResponse:
    form = PartForm(request.POST, prefix="part", products=[], source="")
    return tried(
        request,
        lambda: actions.put_into_bundle(
            request.actor,
            bundle_id=product_id,
            part_id=form.cleaned_data["part"],
            quantity=form.cleaned_data["quantity"],
        ),
        back=_page(request, product_id, "bundle"),
        form=form,
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def take_part_out(request: Request, product_id: UUID, part_id: UUID) -> HttpResponse:
    return tried(
        request,
        lambda: actions.take_out_of_bundle(request.actor, bundle_id=product_id, part_id=part_id),
        back=_page(request, product_id, "bundle"),
    )


def _page(request: Request, product_id: UUID, part: str) -> str:
    """The page of a product that there is. Raises NotFound."""
    with acting(request.actor, read_only=True):
        queries.product_row(request.actor, product_id=product_id)
    return f"{reverse('catalog:desk-product', args=[product_id])}#{part}"


def _channels(actor: Actor) -> Choices:
    return [(str(id_), name) for id_, name in visible_channels(actor).values_list("id", "name")]


def prices_today(actor: Actor, product_id: UUID) -> list[tuple[PriceToday, Promise]]:
    """What a product costs today, each price with the words for whom it is. One query."""
    found = prices_of(actor, product_id=product_id, on=clock.now().date())
    return [(each, BUYERS[each.price_list.buyer]) for each in found]


def _part_form(request: Request, product_id: UUID) -> PartForm:
    others = queries.visible_products(request.actor).exclude(id=product_id)[:OFFERED]
    return PartForm(prefix="part", products=offered(others), source=reverse("catalog:product-options"))
