"""Small forms beside a thing: do what was asked, say how it went, and go back to the thing."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from buoy.core.errors import DomainError, Kind

EXPECTED = {Kind.INVALID, Kind.CONFLICT}


def tried(request: HttpRequest, do: Callable[[], object], *, back: str, form: Form | None = None) -> HttpResponse:
    """Do it if the form is right; what is wrong is told on the page that one goes back to."""
    if form is not None and not form.is_valid():
        for name, errors in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            messages.error(request, f"{label}: {' '.join(map(str, errors))}" if label else " ".join(map(str, errors)))
        return redirect(back)
    try:
        do()
    except DomainError as error:
        if error.kind not in EXPECTED:
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your changes were saved."))
    return redirect(back)
