"""What lets programs in: tokens of one's own, and the API clients of an organisation.

Both are lists with a form; the secret is in the answer to the form and nowhere else, so that answer is a page of its own
that no browser keeps. Making one asks for the password or a code again, since a key outlives the session that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.errors import NotAllowed
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions import clients, tokens
from buoy.domains.accounts.forms import KeyForm
from buoy.domains.accounts.queries import TokenRow
from buoy.ui.shell import Crumb

_BOTH = (Face.DESK, Face.PARTNER)
Make = Callable[..., tuple[UUID, str]]


@require_safe
@door(_BOTH, "tokens.manage")
def own_tokens(request: Request) -> HttpResponse:
    """One's own tokens. One query."""
    with acting(request.actor, read_only=True):
        rows = [TokenRow.of(row) for row in queries.own_tokens(request.actor)]
    context = {
        "rows": [(row, row.expires_at <= clock.now(), reverse("accounts:revoke_token", args=[row.id])) for row in rows],
        "may_make": not request.actor.is_read_only,
        "crumbs": [Crumb(label=_("Tokens"))],
    }
    return render(request, "accounts/tokens.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door(_BOTH, "tokens.manage")
@never_cache
@reauthentication_required
def new_token(request: Request) -> HttpResponse:
    above = Crumb(label=_("Tokens"), url=reverse("accounts:tokens"))
    return _new(request, make=tokens.create_token, title=_("New token"), above=above)


@require_POST
@door(_BOTH, "tokens.manage")
def revoke_token(request: Request, token_id: UUID) -> HttpResponse:
    tokens.revoke_token(request.actor, token_id=token_id, now=clock.now())
    messages.success(request, _("The token has ended."))
    return redirect("accounts:tokens")


def api_clients(request: Request, side: str) -> HttpResponse:
    """The programs of an organisation; the desk sees those of partners too. One query."""
    with acting(request.actor, read_only=True):
        rows = queries.api_clients(request.actor)
    context = {
        "rows": [(row, row.expires_at <= clock.now(), _at(side, "revoke_client", row.id)) for row in rows],
        "new_url": _at(side, "new_client"),
        "is_desk": request.actor.face is Face.DESK,
        "may_make": not request.actor.is_read_only,
        "token_url": settings.CONFIGURATION.address + reverse("oauth-token"),
        "crumbs": [Crumb(label=_("API clients"))],
    }
    return render(request, "accounts/clients.html", context)


def new_client(request: Request, side: str) -> HttpResponse:
    above = Crumb(label=_("API clients"), url=_at(side, "clients"))
    return _new(request, make=clients.create_client, title=_("New API client"), above=above)


def revoke_client(request: Request, side: str, client_id: UUID) -> HttpResponse:
    clients.revoke_client(request.actor, client_id=client_id, now=clock.now())
    messages.success(request, _("The program is shut out; its tokens have ended."))
    return redirect(_at(side, "clients"))


def _new(request: Request, *, make: Make, title: str, above: Crumb) -> HttpResponse:
    actor = request.actor
    if actor.is_read_only:
        raise NotAllowed(permission="write")
    form = KeyForm(request.POST if request.method == "POST" else None, permissions=actor.permissions)
    context: dict[str, Any] = {"form": form, "title": title, "above": above, "crumbs": [above, Crumb(label=title)]}
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, clock.now()
        expires_at = now + timedelta(days=given["days"])
        made, secret = make(actor, name=given["name"], scopes=given["scopes"], expires_at=expires_at, now=now)
        context |= {"name": given["name"], "secret": secret}
        context["client_id"] = made if make is clients.create_client else None
        return render(request, "accounts/secret.html", context, status=201)
    return render(request, "accounts/new_key.html", context, status=422 if form.errors else 200)


def _at(side: str, name: str, *args: object) -> str:
    return reverse(f"accounts:{side}_{name}", args=args)


def _pages_of_clients(side: str, root: str, face: Face) -> list[URLPattern]:
    def at(
        address: str, name: str, view: Callable[..., HttpResponse], *methods: str, again: bool = False
    ) -> URLPattern:
        shown = never_cache(reauthentication_required(partial(view, side=side))) if again else partial(view, side=side)
        behind = require_http_methods(methods)(door(face, "api_clients.manage")(shown))
        return path(f"{root}{address}", behind, name=f"{side}_{name}")

    return [
        at("", "clients", api_clients, "GET", "HEAD"),
        at("new/", "new_client", new_client, "GET", "HEAD", "POST", again=True),
        at("<uuid:client_id>/revoke/", "revoke_client", revoke_client, "POST"),
    ]


urlpatterns = [
    path("account/tokens/", own_tokens, name="tokens"),
    path("account/tokens/new/", new_token, name="new_token"),
    path("account/tokens/<uuid:token_id>/revoke/", revoke_token, name="revoke_token"),
    *_pages_of_clients("desk", "desk/api-clients/", Face.DESK),
    *_pages_of_clients("team", "p/api-clients/", Face.PARTNER),
]
