"""What each role may do. A permission is `room.verb`; a user has the permissions of all their roles.

The table is the one place where rights are decided: actions and queries ask for a permission, never for a role.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime, timedelta

_DESK_READ = {
    "desk.enter",
    "partners.view",
    "catalog.view",
    "engagement.view",
    "users.view",
    "comments.view",
    "files.view",
    "tasks.view",
    "sales.view",
}
_DESK_WORK = {"comments.write", "files.write", "tasks.write"}

DESK_ROLES: dict[str, frozenset[str]] = {
    "administrator": frozenset(
        _DESK_READ
        | _DESK_WORK
        | {
            "partners.manage",
            "partners.look_as",
            "catalog.manage",
            "users.manage",
            "audit.view",
            "jobs.view",
            "jobs.manage",
            "settings.manage",
            "api_clients.manage",
            "sales.import",
            "sales.match",
            "rates.manage",
        }
    ),
    "channel_manager": frozenset(
        _DESK_READ
        | _DESK_WORK
        | {
            "partners.manage",
            "partners.look_as",
            "catalog.manage",
            "users.invite_partner",
            "sales.import",
            "sales.match",
        }
    ),
    "finance": frozenset(_DESK_READ | _DESK_WORK | {"bank.view", "margins.view", "sales.import", "rates.manage"}),
    "marketing": frozenset(_DESK_READ | _DESK_WORK),
    "executive": frozenset(_DESK_READ | {"margins.view"}),
    "auditor": frozenset(_DESK_READ | {"margins.view", "bank.view", "audit.view", "jobs.view"}),
    "delegate": frozenset({"desk.enter"}),
}
"""A delegate (a third party that runs a programme for the vendor) has what is granted to them one by one, and no more."""

_PARTNER_READ = {
    "portal.enter",
    "partners.view",
    "catalog.view",
    "users.view",
    "comments.view",
    "files.view",
    "tasks.view",
    "sales.view",
}
_PARTNER_WORK = {"comments.write", "files.write", "tasks.write"}

PARTNER_ROLES: dict[str, frozenset[str]] = {
    "partner_administrator": frozenset(
        _PARTNER_READ
        | _PARTNER_WORK
        | {"users.manage", "api_clients.manage", "audit.view", "bank.view", "margins.view", "sales.import"}
    ),
    "partner_seller": frozenset(_PARTNER_READ | _PARTNER_WORK),
    "partner_marketing": frozenset(_PARTNER_READ | _PARTNER_WORK),
    "partner_finance": frozenset(_PARTNER_READ | _PARTNER_WORK | {"bank.view", "margins.view", "sales.import"}),
}

ROLES = DESK_ROLES | PARTNER_ROLES

EVERYBODY = frozenset({"tokens.manage"})
"""What everybody may do who can sign in: with their own things only."""

GRANTABLE = frozenset().union(*DESK_ROLES.values()) - {"users.manage", "settings.manage", "partners.look_as"}
"""What a delegate can be granted: never the right to grant."""


def permissions_of(roles: Iterable[str], grants: Iterable[str] = ()) -> frozenset[str]:
    """All permissions of somebody with these roles and, for a delegate, these grants."""
    held = set(roles)
    granted = GRANTABLE & set(grants) if "delegate" in held else frozenset()
    return EVERYBODY.union(*(ROLES[role] for role in held), granted)


def roles_fit(*, is_partner_user: bool, roles: Iterable[str]) -> bool:
    """A partner's user has partner roles only, a vendor's user desk roles only."""
    return set(roles) <= set(PARTNER_ROLES if is_partner_user else DESK_ROLES)


READ, WRITE = "read", "write"
SCOPES = EVERYBODY.union(*ROLES.values()) | {READ, WRITE}
"""What a program's token can be limited to: everything (`write`), everything that only reads, or single permissions."""

_READING = (".view", ".enter")


def within_scopes(permissions: frozenset[str], scopes: Iterable[str]) -> frozenset[str]:
    """What is left of a user's permissions for a program whose token has these scopes."""
    given = set(scopes)
    if WRITE in given:
        return permissions
    reading = {each for each in permissions if each.endswith(_READING)} if READ in given else set()
    return permissions & (given | reading)


SECOND_FACTOR_ROLES = frozenset({"administrator", "finance", "partner_administrator", "partner_finance"})
"""Who cannot work without a second factor: those who give rights, and those who see or change where money goes."""

INVITATION_LASTS = timedelta(days=7)
LETTER_WAITS = timedelta(minutes=1)
"""How long the letter of an invitation may take before somebody looks for it."""
LOOK_LASTS = timedelta(minutes=60)
SESSION_LASTS = timedelta(hours=12)
SESSION_RESTS = timedelta(minutes=30)
"""A session ends so long after its beginning, and so long after its last request."""


def needs_second_factor(roles: Iterable[str]) -> bool:
    return not SECOND_FACTOR_ROLES.isdisjoint(roles)


def may_give(*, is_partner_user: bool, permissions: frozenset[str], is_own_organisation: bool) -> bool:
    """May somebody with these permissions invite, and change the rights of, such a user?

    A partner's administrator does so in their own organisation, the vendor's administrator everywhere, and a channel
    manager for partners only.
    """
    if "users.manage" in permissions:
        return is_own_organisation or "desk.enter" in permissions
    return is_partner_user and "users.invite_partner" in permissions


class InvitationState(enum.Enum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


def invitation_state(
    *, accepted_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> InvitationState:
    if accepted_at:
        return InvitationState.ACCEPTED
    if revoked_at:
        return InvitationState.REVOKED
    return InvitationState.EXPIRED if expires_at <= now else InvitationState.OPEN


def session_is_over(*, began_at: datetime, seen_at: datetime, now: datetime) -> bool:
    return now - began_at >= SESSION_LASTS or now - seen_at >= SESSION_RESTS


def look_is_over(*, began_at: datetime, now: datetime) -> bool:
    return now - began_at >= LOOK_LASTS
