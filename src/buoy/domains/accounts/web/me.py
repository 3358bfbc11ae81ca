"""Somebody's own account: how they are called, and in which language, time zone and colours they read."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from buoy.core import clock
from buoy.core.http import Request, address_of
from buoy.domains.accounts.actions import door, people, profile
from buoy.domains.accounts.forms import ProfileForm
from buoy.domains.accounts.models import Theme
from buoy.ui.views import keep_theme


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: Request) -> HttpResponse:
    user = request.user
    initial = {name: getattr(user, name) for name in ("name", "language", "time_zone", "theme")}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        profile.change_profile(request.actor, **form.cleaned_data, now=clock.now())
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your profile has been saved."))
        theme = form.cleaned_data["theme"]
        return keep_theme(request, redirect("accounts:profile"), "" if theme == Theme.SYSTEM else theme)
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


class Sessions(ListUserSessionsView):
    """allauth's list of one's own sessions, which ends the others; it has no hook that tells of it."""

    def form_valid(self, form: Any) -> HttpResponse:
        door.note(self.request.user, action="user.other_sessions_ended", address=address_of(self.request))
        answer: HttpResponse = super().form_valid(form)
        return answer


@require_POST
@login_required
def end_session(request: Request, session_id: int) -> HttpResponse:
    """End one of one's own sessions; ending the one in use is signing out."""
    session = UserSession.objects.select_related("user").filter(user=request.user.pk, pk=session_id).first()
    if session is None:
        raise Http404
    door.note(session.user, action="user.session_ended", address=address_of(request))
    session.end()
    return redirect("usersessions_list")


@require_POST
@login_required
def sign_out_everywhere(request: Request) -> HttpResponse:
    """End all sessions of one's own, this one too."""
    if request.actor.user_id:
        people.end_sessions(request.actor, user_id=request.actor.user_id, now=clock.now())
    return redirect("account_login")
