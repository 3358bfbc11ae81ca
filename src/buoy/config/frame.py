"""The frame around every page: what the navigation offers to this actor, who is signed in, what waits.

A context processor; it looks nothing up until a template asks for `shell`.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from buoy.core.actor import Actor, Face
from buoy.core.http import Request
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.accounts.queries import role_name
from buoy.domains.workspace import queries as workspace
from buoy.ui.shell import Group, Link, Look, Person, Shell

Entry = tuple[str, str, str, str]
"""Label, name of the address, icon, permission."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Gives templates `shell`, for somebody who is signed in."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.face not in (Face.DESK, Face.PARTNER):
        return {}
    return {"shell": SimpleLazyObject(lambda: _shell(cast(Request, request)))}


def _shell(request: Request) -> Shell:
    actor, user = request.actor, cast(User, request.user)
    with acting(actor, read_only=True):
        unread = workspace.unread_count(actor)
    is_desk = actor.face is Face.DESK
    return Shell(
        face="desk" if is_desk else "portal",
        look=Look(name=settings.CONFIGURATION.vendor_name),
        home_url=reverse("workspace:desk" if is_desk else "workspace:portal"),
        groups=groups(actor),
        person=Person(
            name=actor.name,
            note=", ".join(role_name(role) for role in user.roles),
            sign_out_url=reverse("account_logout"),
            links=[
                Link(label=_("Profile"), url=reverse("accounts:profile"), icon="user"),
                Link(label=_("Notifications"), url=reverse("workspace:notification-settings"), icon="bell"),
            ],
        ),
        palette_url=reverse("palette"),
        bell=Link(label=_("Notifications"), url=reverse("workspace:notifications"), icon="bell", count=unread),
        is_demo=settings.CONFIGURATION.demo,
    )


def groups(actor: Actor) -> list[Group]:
    """The navigation of this actor: what it may not open is not there."""
    return _desk(actor) if actor.face is Face.DESK else _portal(actor)


def _desk(actor: Actor) -> list[Group]:
    return [
        Group(links=_links(actor, (_("Home"), "workspace:desk", "layout-dashboard", "desk.enter"))),
        Group(title=_("Channel"), links=_links(actor, (_("Partners"), "partners:desk-list", "users", "partners.view"))),
        Group(
            title=_("Administration"),
            links=_links(
                actor,
                (_("Audit trail"), "workspace:audit", "history", "audit.view"),
                (_("Jobs"), "workspace:jobs", "clock", "jobs.view"),
            ),
        ),
    ]


def _portal(actor: Actor) -> list[Group]:
    own = Link(label=_("Our company"), url=reverse("partners:partner", args=[actor.partner_id]), icon="building")
    return [
        Group(links=[*_links(actor, (_("Home"), "workspace:portal", "home", "portal.enter")), own]),
    ]


def _links(actor: Actor, *entries: Entry) -> list[Link]:
    return [
        Link(label=label, url=reverse(address), icon=icon)
        for label, address, icon, permission in entries
        if actor.may(permission)
    ]
