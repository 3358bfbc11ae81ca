"""The pages that a link leads to whoever has no account yet: that of an invitation, and that of the very first start."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from buoy.core import clock
from buoy.core.http import Request
from buoy.domains.accounts.actions import first, invitations
from buoy.domains.accounts.forms import JoinForm, StartForm
from buoy.domains.accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: Request, token: str) -> HttpResponse:
    """Shows what somebody is invited to; takes name and password, and signs them in."""
    if too_many := ratelimit.consume_or_429(request, action="signup"):
        return too_many
    now = clock.now()
    invitation = invitations.open_invitation(token=token, now=now)
    with translation.override(invitation.language if request.method == "GET" else translation.get_language()):
        initial = {"name": invitation.name, "language": invitation.language, "time_zone": _zone()}
        form = JoinForm(request.POST if request.method == "POST" else None, initial=initial, email=invitation.email)
        if request.method == "POST" and form.is_valid():
            user_id = invitations.accept_invitation(token=token, now=now, **form.cleaned_data)
            return _sign_in(request, User.objects.get(id=user_id))
        context = {"form": form, "invitation": invitation}
        return render(request, "accounts/join.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: Request, token: str) -> HttpResponse:
    """Lets whoever started Buoy make the first administrator's account, and signs them in."""
    if too_many := ratelimit.consume_or_429(request, action="signup"):
        return too_many
    first.require_open(token=token)
    initial = {"language": request.LANGUAGE_CODE, "time_zone": settings.CONFIGURATION.time_zone}
    form = StartForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        user_id = first.create_first_administrator(token=token, now=clock.now(), **form.cleaned_data)
        return _sign_in(request, User.objects.get(id=user_id))
    return render(request, "accounts/start.html", {"form": form}, status=422 if form.errors else 200)


def _sign_in(request: Request, user: User) -> HttpResponse:
    login = Login(user=user, email=user.email)
    response: HttpResponse = perform_password_login(request, {"email": user.email}, login)
    return response


def _zone() -> str:
    return timezone.get_current_timezone_name()
