"""Where the pages about people stand, and the list that they begin with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor, Face
from buoy.domains.accounts import policy, queries
from buoy.domains.accounts.actions import people
from buoy.ui.lists import Bulk, Column, Filter, Table

VENDOR = "vendor"
"""Says in an address that the vendor's own people are meant."""


@dataclass(frozen=True)
class Side:
    """Where the pages stand: their face, the beginning of their names and addresses, and the frame around them."""

    face: Face
    name: str
    root: str
    frame: str

    def url(self, page: str, *args: object) -> str:
        return reverse(f"accounts:{self.name}_{page}", args=args)


DESK = Side(face=Face.DESK, name="desk", root="desk/users/", frame="ui/desk.html")
TEAM = Side(face=Face.PARTNER, name="team", root="p/team/", frame="ui/portal.html")


def list_of_people(actor: Actor, side: Side, *, partner_id: UUID | None, organisation: str) -> Table:
    """The list of a side; on the desk's, narrowed to one partner when the address says so."""
    is_desk = side is DESK
    may_close = actor.may("users.manage") or actor.may("users.invite_partner")
    return Table(
        name=f"{side.name}-people",
        label=_("People") if is_desk else _("Team"),
        search_label=_("Name or address"),
        columns=tuple(_columns(is_desk=is_desk)),
        sort="name",
        url=lambda user: side.url("person", user.pk),
        search=("name", "email"),
        filters=tuple(_filters(is_desk=is_desk, partner_id=partner_id, organisation=organisation)),
        row=queries.person_of,
        bulk=(_CLOSE,) if may_close else (),
    )


def _columns(*, is_desk: bool) -> Iterable[Column]:
    yield Column(
        name="name",
        label=_("Name"),
        value=lambda person: person.name,
        kind="link",
        order=("name",),
        note=lambda person: person.email,
        avatar="person",
    )
    yield Column(name="email", label=_("E-mail address"), value=lambda person: person.email, is_shown=False)
    if is_desk:
        yield Column(
            name="organisation",
            label=_("Organisation"),
            value=lambda person: person.partner_name or _("The vendor"),
            order=("partner_name",),
        )
    yield Column(name="roles", label=_("Roles"), value=lambda person: ", ".join(person.role_names))
    yield Column(
        name="last",
        label=_("Last signed in"),
        value=lambda person: person.last_login,
        kind="moment",
        order=("last_login",),
    )
    yield Column(
        name="factor",
        label=_("Second factor"),
        value=lambda person: (_("on"), "good") if person.has_second_factor else (_("off"), ""),
        kind="badge",
        order=("second_factor",),
    )
    yield Column(
        name="state",
        label=_("State"),
        value=lambda person: (_("open"), "good") if person.is_active else (_("closed"), "bad"),
        kind="badge",
        order=("is_active",),
    )


def _filters(*, is_desk: bool, partner_id: UUID | None, organisation: str) -> Iterable[Filter]:
    if is_desk:
        places: list[tuple[str, str | Promise]] = [("", _("All organisations")), (VENDOR, _("The vendor"))]
        if partner_id:
            places.append((str(partner_id), organisation))
        yield Filter(name="partner", label=_("Organisation"), choices=lambda: places, narrow=_of_organisation)
    roles = policy.ROLES if is_desk else policy.PARTNER_ROLES
    yield Filter(
        name="role",
        label=_("Role"),
        choices=lambda: [("", _("All roles")), *((role, queries.ROLE_NAMES[role]) for role in roles)],
        narrow=lambda users, role: users.filter(roles__contains=[role]),
    )
    yield Filter(
        name="state",
        label=_("State"),
        choices=lambda: [("", _("All states")), ("open", _("open")), ("closed", _("closed"))],
        narrow=lambda users, state: users.filter(is_active=state == "open"),
    )


def _of_organisation(users: QuerySet[Any], value: str) -> QuerySet[Any]:
    return users.filter(Q(partner_id=None if value == VENDOR else value))


def _close(actor: Actor, key: str, now: datetime) -> bool:
    return people.disable_user(actor, user_id=UUID(key), now=now)


_CLOSE = Bulk(
    name="close",
    label=_("Close the accounts"),
    permission="users.view",
    do=_close,
    icon="lock",
    question=_(
        "Shall these people be kept out? Their sessions end at once; what they did stays, and you can let them in again."
    ),
)
"""Whose account may be closed by whom is decided for each, and told."""
