"""What administrators choose for the vendor, and what shows that the installation works."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.vendor import actions, queries
from buoy.domains.vendor.forms import WHITE, LookForm, words_about
from buoy.ui.brand import LEAST_CONTRAST, contrast
from buoy.ui.fragments import render_screen
from buoy.ui.shell import Crumb

ACCENT = "#4754c8"
"""Offered to those who have chosen none: nearly the accent of Buoy, whose own is said in another system of colours."""


@require_safe
@door(Face.DESK, "settings.manage")
def show(request: Request) -> HttpResponse:
    """All settings; or, when htmx asks for it, what is to be said about the colours that are being chosen."""
    look = queries.look()
    brand = look.brand
    initial = {
        "name": look.name,
        "has_own_colours": brand is not None,
        "accent": brand.accent if brand else ACCENT,
        "accent_text": brand.accent_text if brand else WHITE,
        "radius_px": brand.radius_px if brand else 8,
    }
    return _screen(request, LookForm(initial=initial | request.GET.dict()))


@require_POST
@door(Face.DESK, "settings.manage")
def change_look(request: Request) -> HttpResponse:
    form = LookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _screen(request, form, status=422)
    upload = form.cleaned_data["logo"]
    try:
        actions.change_look(
            request.actor,
            name=form.cleaned_data["name"],
            brand=form.brand,
            logo=upload.read() if upload else None,
            removes_logo=form.cleaned_data["removes_logo"],
        )
    except actions.LogoRefused as error:
        form.add_error("logo", str(error))
        return _screen(request, form, status=422)
    messages.success(request, _("Your changes were saved."))
    return redirect("vendor:settings")


@require_POST
@door(Face.DESK, "settings.manage")
def test_mail(request: Request) -> HttpResponse:
    """Send a mail to whoever asks, now, and say what became of it."""
    address = _own_address(request)
    letter = EmailMessage(
        _("A test of the mails of %(name)s") % {"name": queries.look().name},
        _("If you read this, mails leave this installation and reach you. Nothing else is to be done."),
        to=[address],
    )
    try:
        letter.send()
    except OSError as error:
        reason = {"server": _mail_server(), "error": error}
        messages.error(request, _("The mail could not be sent by %(server)s. It answered: %(error)s") % reason)
        return redirect("vendor:settings")
    if _is_printed():
        messages.warning(request, _("The mail was printed where Buoy was started, and reached nobody."))
    else:
        actions.note_mail_test(request.actor, address=address, now=clock.now())
        messages.success(request, _("A mail is on its way to %(address)s.") % {"address": address})
    return redirect("vendor:settings")


@require_POST
@door(Face.DESK, "settings.manage")
def keep_guide(request: Request) -> HttpResponse:
    """Put the set-up guide away, or bring it back; then home, where it stands."""
    if request.POST.get("shown") == "yes":
        actions.bring_guide_back(request.actor)
    else:
        actions.end_guide(request.actor, now=clock.now())
        messages.info(request, _("The guide is put away. The settings bring it back."))
    return redirect("workspace:desk")


def _screen(request: Request, form: LookForm, *, status: int = 200) -> HttpResponse:
    with acting(request.actor, read_only=True):
        so_far = queries.set_up(request.actor)
    accent, accent_text = (str(form[name].value() or "") for name in ("accent", "accent_text"))
    try:
        is_readable, words = contrast(accent, accent_text) >= LEAST_CONTRAST, words_about(accent, accent_text)
    except ValueError:
        is_readable, words = False, _("Write a colour as # and six hexadecimal digits, such as #0f766e.")
    context = {
        "form": form,
        "so_far": so_far,
        "is_readable": is_readable,
        "words": words,
        "mail_server": _mail_server(),
        "mail_from": settings.DEFAULT_FROM_EMAIL,
        "is_printed": _is_printed(),
        "address": _own_address(request),
        "crumbs": [Crumb(label=_("Settings"))],
    }
    return render_screen(request, "vendor/settings.html", context, parts=["check"], status=status)


def _mail_server() -> str:
    """Where mails go, without the password that may stand in the setting."""
    where = urlsplit(settings.CONFIGURATION.mail)
    return f"{where.hostname}:{where.port}" if where.port else where.hostname or f"{where.scheme}:{where.path}"


def _is_printed() -> bool:
    return bool(settings.CONFIGURATION.mail == "console:")


def _own_address(request: Request) -> str:
    assert request.user.is_authenticated
    return request.user.email
