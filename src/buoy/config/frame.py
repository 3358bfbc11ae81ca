"""What stands around every page: navigation by permission, the person, the brand, what waits. Here the rooms meet.

Templates get `shell`; `frame`, the template that a page extends which both sides share; `guide`, an administrator's first
steps; and `figures`, those of the home page. Nothing is looked up until a template asks for it.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from buoy.config.figures import figures_for
from buoy.config.guide import guide_for
from buoy.config.help import help_for
from buoy.config.tour import tour_for
from buoy.core.actor import ANONYMOUS, Actor, Face
from buoy.core.http import Request
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.accounts.queries import role_name
from buoy.domains.vendor import queries as vendor
from buoy.domains.workspace import queries as workspace
from buoy.ui.shell import Group, Link, Look, Person, Shell, Viewing

Entry = tuple[str, str, str, str]
"""Label, name of the address, icon, permission."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if actor.face not in (Face.DESK, Face.PARTNER):
        at_the_door = {"look": SimpleLazyObject(_look), "is_demo": settings.CONFIGURATION.demo}
        return {"shell": at_the_door, "frame": "ui/door.html"}
    template = "ui/desk.html" if actor.face is Face.DESK else "ui/portal.html"
    return {
        "shell": SimpleLazyObject(lambda: _shell(cast(Request, request))),
        "guide": SimpleLazyObject(lambda: guide_for(request)),
        "figures": SimpleLazyObject(lambda: figures_for(request)),
        "frame": template,
    }


def groups(actor: Actor) -> list[Group]:
    """The navigation of this actor: what it may not open is not there."""
    return _desk(actor) if actor.face is Face.DESK else _portal(actor)


def _look() -> Look:
    """One query."""
    look = vendor.look()
    return Look(
        name=look.name,
        logo_url=f"{reverse('vendor:logo')}?v={look.logo_sha256[:12]}" if look.logo_sha256 else "",
        css_url=f"{reverse('vendor:css')}?v={look.css_version}" if look.brand else "",
    )


def _shell(request: Request) -> Shell:
    actor = request.actor
    with acting(actor, read_only=True):
        unread, look = workspace.unread_count(actor), _look()
    is_desk = actor.face is Face.DESK
    return Shell(
        face="desk" if is_desk else "portal",
        look=look,
        home_url=reverse("workspace:desk" if is_desk else "workspace:portal"),
        groups=groups(actor),
        person=_person(request),
        palette_url=reverse("palette"),
        bell=Link(label=_("Notifications"), url=reverse("workspace:notifications"), icon="bell", count=unread),
        help=help_for(request),
        tour=tour_for(request, actor),
        viewing=Viewing(partner=actor.name, leave_url=reverse("accounts:stop_looking")) if actor.is_read_only else None,
        is_demo=settings.CONFIGURATION.demo,
    )


def _person(request: Request) -> Person:
    """Who is signed in; whoever looks with another's eyes has nothing of theirs to change."""
    own = (
        Link(label=_("Profile"), url=reverse("accounts:profile"), icon="user"),
        Link(label=_("Notifications"), url=reverse("workspace:notification-settings"), icon="bell"),
        Link(label=_("Security"), url=reverse("mfa_index"), icon="shield-lock"),
        Link(label=_("Sessions"), url=reverse("usersessions_list"), icon="device-desktop"),
        Link(label=_("Tokens"), url=reverse("accounts:tokens"), icon="key"),
    )
    return Person(
        name=request.actor.name,
        note=", ".join(role_name(role) for role in cast(User, request.user).roles),
        sign_out_url=reverse("account_logout"),
        links=() if request.actor.is_read_only else own,
    )


def _desk(actor: Actor) -> list[Group]:
    administration = _links(
        actor,
        (_("People"), "accounts:desk_people", "user-plus", "users.view"),
        (_("API clients"), "accounts:desk_clients", "key", "api_clients.manage"),
        (_("Audit trail"), "workspace:audit", "history", "audit.view"),
        (_("Jobs"), "workspace:jobs", "clock", "jobs.view"),
        (_("Settings"), "vendor:settings", "settings", "settings.manage"),
    )
    return [
        Group(
            links=_links(
                actor,
                (_("Home"), "workspace:desk", "layout-dashboard", "desk.enter"),
                (_("Tasks"), "workspace:tasks", "list-check", "tasks.view"),
            )
        ),
        Group(title=_("Channel"), links=_links(actor, (_("Partners"), "partners:desk-list", "users", "partners.view"))),
        *_group(
            _("Catalog"),
            _links(
                actor,
                (_("Products"), "catalog:desk-products", "package", "catalog.view"),
                (_("Price lists"), "catalog:desk-price-lists", "coin", "catalog.view"),
                (_("Sales channels"), "catalog:desk-channels", "building-store", "catalog.view"),
                (_("Rules of engagement"), "catalog:desk-rules", "shield-check", "engagement.view"),
            ),
        ),
        *_group(
            _("Sales"),
            _links(
                actor,
                (_("Sales"), "sales:lines", "chart-bar", "sales.view"),
                (_("Imports"), "sales:imports", "upload", "sales.import"),
                (_("To match"), "sales:queue", "list-check", "sales.match"),
                (_("Exchange rates"), "sales:rates", "coin", "sales.view"),
            ),
        ),
        *_group(_("Administration"), administration),
    ]


def _portal(actor: Actor) -> list[Group]:
    own = Link(label=_("Our company"), url=reverse("partners:partner", args=[actor.partner_id]), icon="building")
    return [
        Group(
            links=[
                *_links(actor, (_("Home"), "workspace:portal", "home", "portal.enter")),
                own,
                *_links(actor, (_("Tasks"), "workspace:tasks", "list-check", "tasks.view")),
            ]
        ),
        *_group(
            _("Catalog"),
            _links(
                actor,
                (_("Products"), "catalog:products", "package", "catalog.view"),
                (_("May we sell it?"), "catalog:ask", "shield-check", "catalog.view"),
            ),
        ),
        *_group(
            _("Sales"),
            _links(
                actor,
                (_("Sales"), "sales:lines", "chart-bar", "sales.view"),
                (_("Imports"), "sales:imports", "upload", "sales.import"),
            ),
        ),
        Group(
            links=_links(
                actor,
                (_("Team"), "accounts:team_people", "users", "users.view"),
                (_("API clients"), "accounts:team_clients", "key", "api_clients.manage"),
            )
        ),
    ]


def _group(title: str, links: list[Link]) -> list[Group]:
    """Nothing for a group of which the actor may open nothing."""
    return [Group(title=title, links=links)] if links else []


def _links(actor: Actor, *entries: Entry) -> list[Link]:
    return [
        Link(label=label, url=reverse(address), icon=icon)
        for label, address, icon, permission in entries
        if actor.may(permission)
    ]
