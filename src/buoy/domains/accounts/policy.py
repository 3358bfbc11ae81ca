"""What each role may do. A permission is `room.verb`; a user has the permissions of all their roles.

The table is the one place where rights are decided: actions and queries ask for a permission, never for a role.
"""

from __future__ import annotations

from collections.abc import Iterable

_DESK_READ = {"desk.enter", "partners.view", "users.view", "comments.view", "files.view", "tasks.view"}
_DESK_WORK = {"comments.write", "files.write", "tasks.write"}

DESK_ROLES: dict[str, frozenset[str]] = {
    "administrator": frozenset(
        _DESK_READ
        | _DESK_WORK
        | {
            "partners.manage",
            "partners.look_as",
            "users.manage",
            "audit.view",
            "jobs.view",
            "jobs.manage",
            "settings.manage",
            "api_clients.manage",
        }
    ),
    "channel_manager": frozenset(
        _DESK_READ | _DESK_WORK | {"partners.manage", "partners.look_as", "users.invite_partner"}
    ),
    "finance": frozenset(_DESK_READ | _DESK_WORK | {"bank.view", "margins.view"}),
    "marketing": frozenset(_DESK_READ | _DESK_WORK),
    "executive": frozenset(_DESK_READ | {"margins.view"}),
    "auditor": frozenset(_DESK_READ | {"margins.view", "bank.view", "audit.view", "jobs.view"}),
    "delegate": frozenset({"desk.enter"}),
}
"""A delegate (a third party that runs a programme for the vendor) has what is granted to them one by one, and no more."""

_PARTNER_READ = {"portal.enter", "partners.view", "users.view", "comments.view", "files.view", "tasks.view"}
_PARTNER_WORK = {"comments.write", "files.write", "tasks.write"}

PARTNER_ROLES: dict[str, frozenset[str]] = {
    "partner_administrator": frozenset(
        _PARTNER_READ
        | _PARTNER_WORK
        | {"users.manage", "api_clients.manage", "audit.view", "bank.view", "margins.view"}
    ),
    "partner_seller": frozenset(_PARTNER_READ | _PARTNER_WORK),
    "partner_marketing": frozenset(_PARTNER_READ | _PARTNER_WORK),
    "partner_finance": frozenset(_PARTNER_READ | _PARTNER_WORK | {"bank.view", "margins.view"}),
}

ROLES = DESK_ROLES | PARTNER_ROLES

EVERYBODY = frozenset({"tokens.manage"})
"""What everybody may do who can sign in: with their own things only."""

GRANTABLE = frozenset().union(*DESK_ROLES.values()) - {"users.manage", "settings.manage", "partners.look_as"}
"""What a delegate can be granted: never the right to grant."""


def permissions_of(roles: Iterable[str], grants: Iterable[str] = ()) -> frozenset[str]:
    """All permissions of somebody with these roles and, for a delegate, these grants."""
    return EVERYBODY.union(*(ROLES[role] for role in roles), GRANTABLE & set(grants))


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
