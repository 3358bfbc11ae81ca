"""The queue of names that no rule could match, and exchange rates."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.errors import DomainError, Kind
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.queries import products as catalog
from buoy.domains.sales.actions import matching, rates
from buoy.domains.sales.forms import PartnerMatchForm, ProductMatchForm, RateForm, RatesFileForm
from buoy.domains.sales.policy import RateKind
from buoy.domains.sales.queries import matches as queries
from buoy.domains.sales.queries.rates import visible_rates
from buoy.domains.sales.web.imports import crumbs
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.lists import Column, Filter, Table
from buoy.ui.shell import Crumb

_KINDS = {RateKind.PUBLISHED.value: gettext_lazy("Published"), RateKind.MANUAL.value: gettext_lazy("By hand")}

RATES = Table(
    name="rates",
    label=gettext_lazy("Exchange rates"),
    search_label=gettext_lazy("Search by currency"),
    columns=(
        Column(name="currency", label=gettext_lazy("Currency"), value=lambda row: row.currency, order=("currency",)),
        Column(
            name="day", label=gettext_lazy("Day"), value=lambda row: row.rate_date, kind="day", order=("rate_date",)
        ),
        Column(name="rate", label=gettext_lazy("Units for one euro"), value=lambda row: row.rate, kind="number"),
        Column(name="kind", label=gettext_lazy("From"), value=lambda row: _KINDS[row.kind]),
        Column(name="by", label=gettext_lazy("Entered by"), value=lambda row: row.entered_by, is_shown=False),
    ),
    sort="-day",
    search=("currency",),
    filters=(
        Filter(
            name="kind",
            label=gettext_lazy("From"),
            choices=lambda: [("", gettext_lazy("All rates")), *_KINDS.items()],
            narrow=lambda rows, value: rows.filter(kind=value),
        ),
    ),
)


@require_safe
@door(Face.DESK, "sales.match")
def queue(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        context = {
            "partners": queries.partners_waiting(request.actor),
            "products": queries.products_waiting(request.actor),
            "choices": queries.partner_choices(request.actor),
            "crumbs": crumbs(Crumb(label=_("To match"))),
        }
    return render(request, "sales/queue.html", context)


@require_POST
@door(Face.DESK, "sales.match")
def match_partner(request: Request, match_id: UUID) -> HttpResponse:
    form = PartnerMatchForm(request.POST)
    if form.is_valid():
        matching.match_by_hand(request.actor, match_id=match_id, target_id=form.cleaned_data["target"], now=clock.now())
        messages.success(request, _("Lines that are there move to the partner, and the next file is understood."))
    else:
        messages.error(request, _("Choose a partner."))
    return redirect("sales:queue")


@require_POST
@door(Face.DESK, "sales.match")
def match_product(request: Request, match_id: UUID) -> HttpResponse:
    form = ProductMatchForm(request.POST)
    code = form.cleaned_data["code"].strip() if form.is_valid() else ""
    with acting(request.actor, read_only=True):
        product = catalog.products_by_code(request.actor, codes=[code]).get(code.upper())
    if product is None:
        messages.error(request, _("There is no product with the code “%(code)s”.") % {"code": code})
    else:
        matching.match_product_by_hand(request.actor, match_id=match_id, target_id=product.id, now=clock.now())
        messages.success(request, _("Lines that are there get their product, and the next file is understood."))
    return redirect("sales:queue")


@require_safe
@door(Face.DESK, "sales.view")
def exchange_rates(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        listed = read_list(request, RATES, visible_rates(request.actor))
    may_manage = request.actor.may("rates.manage")
    context = {"crumbs": crumbs(Crumb(label=_("Exchange rates"))), "may_manage": may_manage}
    return answer_list(request, "sales/rates.html", listed, context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "rates.manage")
def add_rates(request: Request) -> HttpResponse:
    """One rate by hand, or the file of the European Central Bank: two forms on one page."""
    sends_file = request.method == "POST" and "file" in request.FILES
    one = RateForm(request.POST if request.method == "POST" and not sends_file else None)
    many = RatesFileForm(request.POST if sends_file else None, request.FILES if sends_file else None)
    if request.method == "POST" and (many if sends_file else one).is_valid():
        try:
            if sends_file:
                count = rates.import_rates(request.actor, content=many.cleaned_data["file"], now=clock.now())
                messages.success(request, _("%(count)s rates were read.") % {"count": count})
            else:
                rates.enter_rate(request.actor, **one.cleaned_data, now=clock.now())
                messages.success(request, _("The rate was kept."))
            return redirect("sales:rates")
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            (many if sends_file else one).add_error(None, str(error))
    trail = crumbs(Crumb(label=_("Exchange rates"), url=reverse("sales:rates")), Crumb(label=_("New rates")))
    status = 422 if one.errors or many.errors else 200
    return render(request, "sales/rates_add.html", {"one": one, "many": many, "crumbs": trail}, status=status)
