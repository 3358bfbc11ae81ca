"""Rules of engagement, and the page that asks them."""

from __future__ import annotations

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
from buoy.domains.catalog.actions import engagement as actions
from buoy.domains.catalog.forms import VENDOR, AskForm, Choices, RuleForm, family_choices
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.queries import engagement as queries
from buoy.domains.catalog.queries.channels import visible_channels
from buoy.domains.catalog.queries.engagement import FACTS, VERDICTS, Answer, RuleRow
from buoy.domains.catalog.queries.families import family_tree
from buoy.domains.catalog.queries.products import visible_products
from buoy.domains.catalog.queries.words import OPERATORS
from buoy.domains.catalog.web.products import OFFERED, offered, partner_choices
from buoy.domains.catalog.web.tries import tried
from buoy.ui import formats
from buoy.ui.fragments import render_screen
from buoy.ui.shell import Crumb

TONES = {
    Verdict.ALLOWED.value: "good",
    Verdict.REFUSED.value: "bad",
    Verdict.REVIEW.value: "warn",
    Verdict.UNDECIDED.value: "info",
}
TITLES: dict[str, Promise] = {
    Verdict.ALLOWED.value: gettext_lazy("Yes, this may be sold"),
    Verdict.REFUSED.value: gettext_lazy("No, this may not be sold"),
    Verdict.REVIEW.value: gettext_lazy("Ask your channel manager first"),
    Verdict.UNDECIDED.value: gettext_lazy("It depends"),
}


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Rules of engagement"), url=reverse("catalog:desk-rules")), *more]


# --- The question ----------------------------------------------------------------------------------------------


@require_safe
@door(Face.DESK, "engagement.view")
def ask(request: Request) -> HttpResponse:
    """May this partner sell this to that customer? The answer, and how the rules were read."""
    return _ask(request, "catalog/desk/ask.html", _crumbs(Crumb(label=_("Ask"))))


@require_safe
@door(Face.PARTNER, "catalog.view")
def ask_for_oneself(request: Request) -> HttpResponse:
    """May we sell this to that customer? The answer and its reason."""
    return _ask(request, "catalog/partner/ask.html", [Crumb(label=_("May we sell it?"))])


def _ask(request: Request, template: str, crumbs: list[Crumb]) -> HttpResponse:
    actor = request.actor
    is_asked = "product" in request.GET
    context: dict[str, Any] = {"crumbs": crumbs, "action": request.path}
    with acting(actor, read_only=True):
        form = _ask_form(request, request.GET if is_asked else None)
        if is_asked and form.is_valid():
            answer = queries.answer_to(actor, **form.asked)
            context |= {
                "answer": answer,
                "tone": TONES[answer.verdict],
                "title": TITLES[answer.verdict],
                "missing": [FACTS[fact] for fact in answer.missing],
                "read": _read(answer),
            }
    return render_screen(request, template, {**context, "form": form}, parts=["answer"])


def _ask_form(request: Request, data: Any) -> AskForm:
    actor = request.actor
    is_staff = actor.face is Face.DESK
    chosen = _uuid(data.get("partner", "")) if data is not None else None
    itself: Choices = [(VENDOR, OPERATORS[Operator.VENDOR.value])] if is_staff else []
    offers: dict[str, Choices] = {
        "partner": [*itself, *partner_choices(actor, chosen=chosen)],
        "product": _products(actor, _uuid(data.get("product", "")) if data is not None else None),
        "channel": [(str(id_), name) for id_, name in visible_channels(actor).values_list("id", "name")],
        "segment": [(each, each) for each in queries.named_segments(actor)],
    }
    sources = {"product": reverse("catalog:product-options")}
    if is_staff:
        sources["partner"] = reverse("catalog:seller-options")
    initial = {"on": clock.now().date(), "partner": actor.partner_id or VENDOR}
    return AskForm(data, offers=offers, sources=sources, may_be_vendor=is_staff, initial=initial)


def _products(actor: Actor, wanted: UUID | None) -> Choices:
    """The first of the catalog to choose from, and the one that was chosen."""
    chosen = visible_products(actor).filter(id=wanted) if wanted else []
    return list(dict.fromkeys([*offered(chosen), *offered(visible_products(actor)[:OFFERED])]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _read(answer: Answer) -> list[dict[str, Any]]:
    """How the rules were read, as rows of a table."""
    return [
        {
            "row": row,
            "words": VERDICTS[row.verdict],
            "tone": TONES[row.verdict],
            "facts": [FACTS[fact] for fact in (row.failed, *row.missing) if fact],
        }
        for row in answer.read
    ]


# --- The rules -------------------------------------------------------------------------------------------------


@require_safe
@door(Face.DESK, "engagement.view")
def rules(request: Request) -> HttpResponse:
    today = clock.now().date()
    with acting(request.actor, read_only=True):
        rows = queries.rule_rows(request.actor)
    shown = [
        {
            "row": row,
            "words": VERDICTS[row.verdict],
            "tone": TONES[row.verdict],
            "conditions": conditions(row),
            "is_over": row.valid_until is not None and row.valid_until <= today,
            "is_ahead": row.valid_from > today,
        }
        for row in rows
    ]
    context = {"rules": shown, "crumbs": _crumbs(), "may_manage": request.actor.may("catalog.manage")}
    return render(request, "catalog/desk/rules.html", context)


def conditions(row: RuleRow) -> list[tuple[str, str]]:
    """What a rule is about, as pairs of label and words; nothing for a rule about everything."""
    said = [
        (_("Product"), row.product),
        (_("Family"), row.family),
        (_("Sold by"), str(OPERATORS[row.sold_by]) if row.sold_by else ""),
        (_("Partner"), row.partner),
        (_("Sales channel"), row.channel),
        (_("Customer segments"), ", ".join(row.segments)),
        (_("Countries"), ", ".join(formats.country(code) for code in row.countries)),
        (_("Customers by name"), ", ".join(row.customers)),
    ]
    return [(label, words) for label, words in said if words]


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def add(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        form = _rule_form(request, initial={"valid_from": clock.now().date()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_rule(request.actor, draft=form.draft, now=clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The rule was added after all others. Move it up if it is to be read earlier."))
            return redirect("catalog:desk-rules")
    context = {"form": form, "crumbs": _crumbs(Crumb(label=_("New rule")))}
    return render(request, "catalog/desk/add_rule.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door(Face.DESK, "catalog.manage")
def change(request: Request, rule_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.rule_row(request.actor, rule_id=rule_id)
        form = _rule_form(request, initial=_as_typed(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_rule(request.actor, rule_id=rule_id, draft=form.draft)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("catalog:desk-rules")
    context = {"form": form, "row": row, "crumbs": _crumbs(Crumb(label=row.title))}
    return render(request, "catalog/desk/change_rule.html", context, status=422 if form.is_bound else 200)


@require_POST
@door(Face.DESK, "catalog.manage")
def move(request: Request, rule_id: UUID, way: str) -> HttpResponse:
    return tried(
        request,
        lambda: actions.move_rule(request.actor, rule_id=rule_id, up=way == "up"),
        back=reverse("catalog:desk-rules"),
    )


@require_POST
@door(Face.DESK, "catalog.manage")
def end(request: Request, rule_id: UUID) -> HttpResponse:
    return tried(
        request,
        lambda: actions.end_rule(request.actor, rule_id=rule_id, on=clock.now().date()),
        back=reverse("catalog:desk-rules"),
    )


def _rule_form(request: Request, *, initial: dict[str, Any]) -> RuleForm:
    actor = request.actor
    data = request.POST if request.method == "POST" else None
    typed = data if data is not None else initial
    offers: dict[str, Choices] = {
        "product": _products(actor, _uuid(str(typed.get("product", "")))),
        "family": family_choices(family_tree(actor)),
        "partner": partner_choices(actor, chosen=_uuid(str(typed.get("partner", "")))),
        "channel": [(str(id_), name) for id_, name in visible_channels(actor).values_list("id", "name")],
    }
    sources = {"product": reverse("catalog:product-options"), "partner": reverse("catalog:partner-options")}
    return RuleForm(data, offers=offers, sources=sources, initial=initial)


def _as_typed(row: RuleRow) -> dict[str, Any]:
    """A rule as somebody would type it."""
    same = ("title", "verdict", "reason", "sold_by", "valid_from", "valid_until")
    return {
        **{name: getattr(row, name) for name in same},
        "product": row.product_id,
        "family": row.family_id,
        "partner": row.partner_id,
        "channel": row.channel_id,
        "segments": ", ".join(row.segments),
        "countries": ", ".join(formats.country(code) for code in row.countries),
        "customers": ", ".join(row.customers),
    }
