"""The living style guide: every component in every state, on pages that the tests look at in two themes and directions.

It shows invented data only. It is open in a demo and while developing; elsewhere it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from buoy.core import clock
from buoy.ui import styleguide_samples as samples
from buoy.ui.brand import Brand
from buoy.ui.fragments import render_screen
from buoy.ui.shell import Look

View = Callable[..., HttpResponse]
LONGEST_JOB = 5


def shown_where_harmless(view: View) -> View:
    """404 unless the installation is a demo or is being developed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.STYLEGUIDE:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


class SampleForm(forms.Form):
    """One field of each kind."""

    customer = forms.CharField(help_text="The company that will use what is sold.", max_length=80)
    amount = forms.DecimalField(label="Expected amount", min_value=0)
    close = forms.DateField(label="Expected close", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="Kind of deal", choices=[("new", "New business"), ("more", "More of the same")])
    partner = forms.ChoiceField(
        choices=[("", ""), *((name, name) for name in samples.PARTNERS)],
        widget=forms.Select(attrs={"data-combobox": True, "data-placeholder": "Type a name"}),
    )
    reason = forms.CharField(label="Why you", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    way = forms.ChoiceField(
        label="How you sell", widget=forms.RadioSelect, choices=[("with", "With us"), ("through", "On your own")]
    )
    terms = forms.BooleanField(label="The customer agreed to be named", help_text="Ask before you tick this.")
    news = forms.BooleanField(label="Tell me when it changes", required=False)


@require_safe
@shown_where_harmless
def show(request: HttpRequest) -> HttpResponse:
    rows = Paginator(samples.rows(request.GET.get("q", ""), request.GET.get("sort", "-bookings")), 5)
    page = rows.get_page(request.GET.get("page"))
    wrong = SampleForm({"customer": "", "amount": "-5", "partner": samples.PARTNERS[1], "way": "with", "reason": "…"})
    context = {
        **samples.frame(request, crumb="Style guide"),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "sort": request.GET.get("sort", "-bookings"),
        "search": request.GET.get("q", ""),
        "form": SampleForm(initial={"way": "through", "news": True}),
        "wrong": wrong,
        "pictures": samples.pictures(),
        "stats": samples.stats(),
        "events": samples.events(clock.now()),
        "days": samples.days(clock.now().date()),
        "columns": samples.columns(),
        "soon": clock.now() + timedelta(hours=3),
        **samples.COMPONENTS,
    }
    return render_screen(request, "styleguide/show.html", context, parts=["rows"])


@require_safe
@shown_where_harmless
def screen(request: HttpRequest, face: str) -> HttpResponse:
    """A dashboard as a vendor or a partner meets it: what the components look like together."""
    words = samples.words(translation.get_language())
    context = {
        **samples.frame(request, face=face, crumb=words["dashboard"]),
        "words": words,
        "stats": samples.stats(),
        "rows": samples.rows("", "-bookings")[:6],
        "waiting": samples.waiting(),
        "bookings": samples.pictures()["bars"],
        "base": f"ui/{face}.html",
    }
    return render(request, "styleguide/screen.html", context)


@require_safe
@shown_where_harmless
def door(request: HttpRequest) -> HttpResponse:
    shell = {"look": Look(name="Nimbus"), "is_demo": False}
    return render(request, "styleguide/door.html", {"form": SampleForm(), "shell": shell})


@require_safe
@shown_where_harmless
def palette(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/palette_results.html", {"groups": samples.hits(request.GET.get("q", ""))})


@require_safe
@shown_where_harmless
def partners(request: HttpRequest) -> HttpResponse:
    """Options for a combobox that asks the server."""
    wanted = request.GET.get("q", "").lower()
    found = [name for name in samples.PARTNERS if wanted in name.lower()]
    return render(request, "ui/options.html", {"options": [(name, name, "") for name in found]})


@require_safe
@shown_where_harmless
def toast(request: HttpRequest, tone: str) -> HttpResponse:
    return render(request, "ui/toast_after.html", {"text": "Deal registered.", "tone": tone})


@require_safe
@shown_where_harmless
def job(request: HttpRequest, done: int) -> HttpResponse:
    """A job that is one step further each time it is asked."""
    poll = reverse("ui:styleguide-job", args=[done + 1]) if done < LONGEST_JOB else ""
    words = f"{done} of {LONGEST_JOB} partners" if poll else "Done."
    context = {"label": "Calculating", "done": done, "total": LONGEST_JOB, "words": words, "poll_url": poll}
    return render(request, "ui/progress.html", context)


@require_POST
@shown_where_harmless
def form(request: HttpRequest) -> HttpResponse:
    """A form whose answer is the form itself with what is wrong (422), or a toast."""
    sent = SampleForm(request.POST)
    if sent.is_valid():
        return render(request, "ui/toast_after.html", {"text": "Deal registered.", "tone": "good"})
    return render(request, "styleguide/show.html#form", {"form": sent}, status=422)


@require_POST
@shown_where_harmless
def change(request: HttpRequest) -> HttpResponse:
    """Takes what a form of the page sends, a moved card or chosen rows, and leads back: nothing is kept here."""
    return redirect("ui:styleguide")


@require_safe
@shown_where_harmless
def error(request: HttpRequest, status: int) -> HttpResponse:
    """An answer with this status: what a page does when a request of htmx fails."""
    return HttpResponse("<p>This must not land in the page.</p>", status=status)


@require_safe
@shown_where_harmless
def brand(request: HttpRequest) -> HttpResponse:
    """Another vendor's colours."""
    return HttpResponse(Brand(accent="#0f766e", radius_px=4).css(), content_type="text/css")
