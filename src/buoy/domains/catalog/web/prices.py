"""Price lists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.errors import DomainError
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.actions import prices as actions
from buoy.domains.catalog.actions.importing import FileNotRead
from buoy.domains.catalog.forms import Choices, PriceFileForm, PriceForm, PriceListForm
from buoy.domains.catalog.queries import prices as queries
from buoy.domains.catalog.queries.channels import visible_channels
from buoy.domains.catalog.queries.prices import BUYERS, PriceListRow, PriceRow
from buoy.domains.catalog.queries.products import visible_products
from buoy.domains.catalog.queries.words import UNITS
from buoy.domains.catalog.web.products import OFFERED, offered
from buoy.domains.catalog.web.tries import tried
from buoy.ui import formats
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Filter, Table
from buoy.ui.shell import Crumb

LISTS = Table(
    name="price-lists",
    label=gettext_lazy("Price lists"),
    search_label=gettext_lazy("Search price lists"),
    columns=(
        Column(name="name", label=gettext_lazy("Name"), value=lambda row: row.name, kind="link", order=("name",)),
        Column(name="currency", label=gettext_lazy("Currency"), value=lambda row: row.currency, order=("currency",)),
        Column(name="buyer", label=gettext_lazy("For whom"), value=lambda row: BUYERS[row.buyer], order=("buyer",)),
        Column(name="tier", label=gettext_lazy("Tier"), value=lambda row: row.tier, order=("tier",)),
        Column(
            name="channel", label=gettext_lazy("Sales channel"), value=lambda row: row.channel, order=("channel__name",)
        ),
        Column(name="from", label=gettext_lazy("From"), value=lambda row: row.valid_from, kind="day", order=("valid",)),
        Column(name="until", label=gettext_lazy("Until"), value=lambda row: row.valid_until, kind="day"),
        Column(
            name="prices", label=gettext_lazy("Prices"), value=lambda row: row.prices, kind="number", order=("held",)
        ),
    ),
    sort="name",
    url=lambda row: reverse("catalog:desk-price-list", args=[row.pk]),
    search=("name", "tier"),
    row=PriceListRow.of,
    filters=(
        Filter(
            name="buyer",
            label=gettext_lazy("For whom"),
            choices=lambda: [("", gettext_lazy("For anybody")), *BUYERS.items()],
            narrow=lambda rows, value: rows.filter(buyer=value),
        ),
    ),
)

PRICES = Table(
    name="prices",
    label=gettext_lazy("Prices"),
    search_label=gettext_lazy("Search products"),
    columns=(
        Column(
            name="name",
            label=gettext_lazy("Product"),
            value=lambda row: row.name,
            kind="link",
            order=("product__name",),
        ),
        Column(name="code", label=gettext_lazy("Article number"), value=lambda row: row.code, order=("product__code",)),
        Column(name="unit", label=gettext_lazy("Counted in"), value=lambda row: UNITS[row.unit]),
        Column(
            name="price",
            label=gettext_lazy("Price"),
            value=lambda row: (row.amount, row.currency),
            kind="price",
            order=("amount",),
        ),
        Column(name="currency", label=gettext_lazy("Currency"), value=lambda row: row.currency, is_shown=False),
    ),
    sort="name",
    url=lambda row: reverse("catalog:desk-product", args=[row.product_id]),
    search=("product__name", "product__code"),
    row=PriceRow.of,
)


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Price lists"), url=reverse("catalog:desk-price-lists")), *more]


@require_safe
@door(Face.DESK, "catalog.view")
def price_lists(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        listed = read_list(request, LISTS, queries.visible_price_lists(request.actor))
    context = {"crumbs": _crumbs(), "may_manage": request.actor.may("catalog.manage")}
    return answer_list(request, "catalog/desk/price_lists.html", listed, context)


@require_safe
@door(Face.DESK, "catalog.view")
def price_list(request: Request, price_list_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.price_list_row(request.actor, price_list_id=price_list_id)
        prices = queries.prices_in(request.actor, price_list_id=price_list_id)
        listed = read_list(request, PRICES, prices)
        products = offered(visible_products(request.actor)[:OFFERED])
    context = {
        "row": row,
        "buyer": BUYERS[row.buyer],
        "crumbs": _crumbs(Crumb(label=row.name)),
        "may_manage": request.actor.may("catalog.manage"),
        "price_form": PriceForm(prefix="price", products=products, source=reverse("catalog:product-options")),
    }
    return answer_list(request, "catalog/desk/price_list.html", listed, context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def add(request: Request) -> HttpResponse:
    form = _form(request, {"valid_from": clock.now().date()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_price_list(request.actor, draft=form.draft, now=clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s was added.") % form.cleaned_data)
            return redirect("catalog:desk-price-list", made)
    context = {"form": form, "crumbs": _crumbs(Crumb(label=_("New price list")))}
    return render(request, "catalog/desk/add_price_list.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def change(request: Request, price_list_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.price_list_row(request.actor, price_list_id=price_list_id)
    same = ("name", "currency", "buyer", "tier", "valid_from", "valid_until")
    form = _form(request, {**{name: getattr(row, name) for name in same}, "channel": row.channel_id})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_price_list(request.actor, price_list_id=price_list_id, draft=form.draft)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("catalog:desk-price-list", price_list_id)
    above = Crumb(label=row.name, url=reverse("catalog:desk-price-list", args=[price_list_id]))
    context = {"form": form, "row": row, "crumbs": _crumbs(above, Crumb(label=_("Change")))}
    return render(request, "catalog/desk/change_price_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@door(Face.DESK, "catalog.manage")
def set_price(request: Request, price_list_id: UUID) -> HttpResponse:
    """One price, by hand."""
    back = _page(request.actor, price_list_id)
    form = PriceForm(request.POST, prefix="price", products=[], source="")
    return tried(
        request,
        lambda: actions.set_prices(
            request.actor,
            price_list_id=price_list_id,
            prices={form.cleaned_data["product"]: form.cleaned_data["amount"]},
        ),
        back=back,
        form=form,
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def import_prices(request: Request, price_list_id: UUID) -> HttpResponse:
    """Prices from a file: the page of the list with what became of the rows."""
    back = _page(request.actor, price_list_id)
    form = PriceFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return tried(request, lambda: None, back=back, form=form)
    try:
        report = actions.import_prices(
            request.actor, price_list_id=price_list_id, content=form.cleaned_data["file"].read()
        )
    except FileNotRead as error:
        messages.error(request, str(error))
        return redirect(back)
    stats: list[dict[str, Any]] = [
        {"label": _("Rows in the file"), "value": formats.number(report.rows)},
        {"label": _("Changed"), "value": formats.number(report.changed)},
        {"label": _("As they were"), "value": formats.number(report.same)},
        {"label": _("Refused"), "value": formats.number(len(report.refused))},
    ]
    context = {"stats": stats, "shown": report.refused[:200], "back": back, "crumbs": _crumbs(Crumb(label=_("Import")))}
    return render(request, "catalog/desk/import_prices.html", context)


def _page(actor: Actor, price_list_id: UUID) -> str:
    """The page of a list that there is. Raises NotFound."""
    with acting(actor, read_only=True):
        queries.price_list_row(actor, price_list_id=price_list_id)
    return reverse("catalog:desk-price-list", args=[price_list_id])


def _form(request: Request, initial: dict[str, Any]) -> PriceListForm:
    with acting(request.actor, read_only=True):
        rows = visible_channels(request.actor).values_list("id", "name")
        channels: Choices = [(str(id_), name) for id_, name in rows]
    return PriceListForm(request.POST if request.method == "POST" else None, channels=channels, initial=initial)
