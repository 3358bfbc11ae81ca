"""Somebody's rights, and whether they may come in at all.

A change of rights ends the sessions of whom it concerns, so that it holds from their next click, and tells them by
e-mail, since a right that somebody gave themselves in another's name would otherwise go unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core import jobs
from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotAllowed, NotFound, Stale
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.domains.accounts import policy
from buoy.domains.accounts.actions import letters
from buoy.domains.accounts.models import User


class RolesDoNotFit(DomainError):
    """A partner's user with a role of the vendor's, the other way round, or a role that there is not."""

    kind = Kind.INVALID
    code = "roles-do-not-fit"
    message = _("Found the roles %(roles)s. Expected one or more of: %(known)s.")


class GrantsDoNotFit(DomainError):
    """Rights that cannot be granted one by one, or to somebody who is no delegate."""

    kind = Kind.INVALID
    code = "grants-do-not-fit"
    message = _("Only a delegate has rights of their own, and only these can be granted: %(known)s.")


class AddressTaken(DomainError):
    """An account with this address exists already."""

    kind = Kind.CONFLICT
    code = "address-taken"
    message = _("There is an account with the address %(email)s already. Its owner can sign in with it.")


class OwnAccount(DomainError):
    """Somebody who tries to change their own rights or to lock themselves out."""

    kind = Kind.NOT_ALLOWED
    code = "own-account"
    message = _("You cannot change your own rights. Ask another administrator.")


class LastAdministrator(DomainError):
    """Without an administrator nobody could make one."""

    kind = Kind.CONFLICT
    code = "last-administrator"
    message = _("This is the last administrator. Make somebody else an administrator first.")


class NothingToReset(DomainError):
    """Somebody without a second factor, or without a link to a single sign-on."""

    kind = Kind.CONFLICT
    code = "nothing-to-reset"
    message = _("There is nothing to remove: this person signs in without it.")


def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    partner_id: UUID | None = None,
    password: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
    now: datetime,
) -> UUID:
    """Make an account without an invitation: the first administrator's, and those of the demo programme.

    Writes the user and their address, which counts as verified. Raises NotAllowed, RolesDoNotFit, AddressTaken.
    """
    with acting(actor):
        writing(actor)
        actor.require("users.manage")
        user_id = add_user(
            email=email,
            name=name,
            roles=roles,
            partner_id=partner_id,
            password=password,
            language=language,
            time_zone=time_zone,
            now=now,
        )
        after = {"email": email, "name": name, "roles": sorted(set(roles))}
        record(actor, action="user.created", object_type="user", object_id=user_id, partner_id=partner_id, after=after)
        return user_id


def change_roles(actor: Actor, *, user_id: UUID, roles: Iterable[str], now: datetime) -> None:
    """Give somebody exactly these roles.

    Writes the user; ends their sessions; tells them. Raises NotFound, NotAllowed, RolesDoNotFit, OwnAccount,
    LastAdministrator, Stale.
    """
    chosen = sorted(set(roles))
    with acting(actor):
        user = _in_my_hands(actor, user_id)
        require_fitting(chosen, is_partner_user=user.is_partner_user)
        if "administrator" in user.roles and "administrator" not in chosen:
            _require_another_administrator(user)
        grants = user.grants if "delegate" in chosen else []
        _update(actor, user, "user.roles_changed", roles=chosen, grants=grants)
        _tell(user, by=actor)


def grant_to_delegate(actor: Actor, *, user_id: UUID, grants: Iterable[str], now: datetime) -> None:
    """Let a delegate do exactly these things.

    Writes the user; ends their sessions; tells them. Raises NotFound, NotAllowed, GrantsDoNotFit, OwnAccount, Stale.
    """
    chosen = sorted(set(grants))
    with acting(actor):
        user = _in_my_hands(actor, user_id)
        if "delegate" not in user.roles or not policy.GRANTABLE.issuperset(chosen):
            raise GrantsDoNotFit(known=", ".join(sorted(policy.GRANTABLE)))
        _update(actor, user, "user.grants_changed", grants=chosen)
        _tell(user, by=actor)


def disable_user(actor: Actor, *, user_id: UUID, now: datetime) -> bool:
    """Keep somebody out; what they did stays. False when they were out already.

    Raises NotFound, NotAllowed, OwnAccount, LastAdministrator, Stale.
    """
    with acting(actor):
        user = _in_my_hands(actor, user_id)
        if not user.is_active:
            return False
        if "administrator" in user.roles:
            _require_another_administrator(user)
        _update(actor, user, "user.disabled", is_active=False)
    return True


def enable_user(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Let somebody in again. Raises NotFound, NotAllowed, OwnAccount, Stale."""
    with acting(actor):
        _update(actor, _in_my_hands(actor, user_id), "user.enabled", is_active=True)


def end_sessions(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Sign somebody out everywhere: oneself, or somebody whose rights one may change. Raises NotFound, NotAllowed."""
    with acting(actor):
        user = _writable(actor, user_id) if user_id == actor.user_id else _in_my_hands(actor, user_id)
        _update(actor, user, "user.signed_out_everywhere")


def reset_second_factor(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Take a lost second factor away, recovery codes included: a role that demands one has it set up at the next sign-in.

    Ends their sessions; tells them. Raises NotFound, NotAllowed, OwnAccount, NothingToReset, Stale.
    """
    with acting(actor):
        user = _in_my_hands(actor, user_id)
        if not _delete_of("mfa_authenticator", user):
            raise NothingToReset
        _update(actor, user, "user.second_factor_reset")
        jobs.enqueue("accounts.send_reset", user_id=str(user.id), by_id=_whose_id(actor))


def unlink_single_sign_on(actor: Actor, *, user_id: UUID, now: datetime) -> None:
    """Part an account from whoever it is linked to at the company's provider, who may have a new account there.

    The next sign-in from there finds it by its address again. Ends their sessions. Raises NotFound, NotAllowed, OwnAccount,
    NothingToReset, Stale.
    """
    with acting(actor):
        user = _in_my_hands(actor, user_id)
        if not _delete_of("socialaccount_socialaccount", user):
            raise NothingToReset
        _update(actor, user, "user.single_sign_on_unlinked")


def send_rights(actor: Actor, *, user_id: UUID, by_id: UUID | None) -> None:
    """Tell somebody which rights they have now, and who gave them. Called by a job; sends, writes nothing."""
    letters.rights(*_person_and_helper(actor, user_id, by_id))


def send_reset(actor: Actor, *, user_id: UUID, by_id: UUID | None) -> None:
    """Tell somebody that their second factor is gone, and who took it. Called by a job; sends, writes nothing."""
    letters.reset(*_person_and_helper(actor, user_id, by_id))


def add_user(
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    partner_id: UUID | None,
    password: str | None,
    language: str,
    time_zone: str,
    now: datetime,
) -> UUID:
    """Write a user and their address, in the scope of the caller. Raises RolesDoNotFit and AddressTaken."""
    chosen = sorted(set(roles))
    require_fitting(chosen, is_partner_user=partner_id is not None)
    address = email.strip().lower()
    user = User(
        id=new_id(),
        email=address,
        name=name,
        roles=chosen,
        partner_id=partner_id,
        language=language,
        time_zone=time_zone,
        created_at=now,
    )
    user.set_password(password)
    User.objects.bulk_create([user], ignore_conflicts=True)
    if not User.objects.filter(id=user.id).exists():
        raise AddressTaken(email=address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user.id


def require_free(address: str) -> None:
    """Raises AddressTaken when the scope sees a user with this address; one that it does not see stays unknown."""
    if User.objects.filter(email=address).exists():
        raise AddressTaken(email=address)


def require_fitting(roles: list[str], *, is_partner_user: bool) -> None:
    """Raises RolesDoNotFit unless there is a role, and each is one for such a user."""
    if not roles or not policy.roles_fit(is_partner_user=is_partner_user, roles=roles):
        known = policy.PARTNER_ROLES if is_partner_user else policy.DESK_ROLES
        raise RolesDoNotFit(roles=", ".join(roles) or "–", known=", ".join(known))


def require_may_give(actor: Actor, *, partner_id: UUID | None) -> None:
    """Raises NotAllowed unless the actor may invite and manage users of this partner (of the vendor, for none)."""
    own = partner_id == actor.partner_id
    if not policy.may_give(
        is_partner_user=partner_id is not None,
        permissions=actor.permissions,
        is_own_organisation=own or actor.face is Face.DESK,
    ):
        raise NotAllowed(permission="users.manage")


def _in_my_hands(actor: Actor, user_id: UUID) -> User:
    """Another person whose rights the actor may change."""
    user = _writable(actor, user_id)
    require_may_give(actor, partner_id=user.partner_id)
    if user.id == actor.user_id:
        raise OwnAccount
    return user


def _writable(actor: Actor, user_id: UUID) -> User:
    writing(actor)
    users = User.objects.defer("password").filter(id=user_id)
    if actor.face is Face.PARTNER:
        users = users.filter(Q(partner_id=actor.partner_id))
    user = users.first()
    if user is None:
        raise NotFound
    return user


def _update(actor: Actor, user: User, action: str, **change: Any) -> None:
    """Write and record it unless somebody was first, and end the user's sessions."""
    unchanged = User.objects.filter(id=user.id, roles=user.roles, grants=user.grants, is_active=user.is_active)
    if not unchanged.update(**change, session_epoch=F("session_epoch") + 1):
        raise Stale
    record(
        actor,
        action=action,
        object_type="user",
        object_id=user.id,
        partner_id=user.partner_id,
        before={name: getattr(user, name) for name in change},
        after=change,
    )


def _delete_of(table: str, user: User) -> int:
    """Delete a user's rows of a table of allauth's, of which the scope may read little more than whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(f"delete from {table} where user_id = %s", [user.id])
        return cursor.rowcount


def _tell(user: User, *, by: Actor) -> None:
    jobs.enqueue("accounts.send_rights", user_id=str(user.id), by_id=_whose_id(by))


def _whose_id(actor: Actor) -> str:
    """Empty for whoever has the machine: the command line acts for nobody in particular."""
    return str(actor.user_id or "")


def _person_and_helper(actor: Actor, user_id: UUID, by_id: UUID | None) -> tuple[User, str | Promise]:
    with acting(actor, read_only=True):
        people = User.objects.defer("password").filter(id__in=[user_id, by_id]).in_bulk()
    return people[user_id], people[by_id].name if by_id else _("An administrator of the installation")


def _require_another_administrator(user: User) -> None:
    """Locks the administrators, so that two of them cannot remove each other at the same moment."""
    administrators = User.objects.select_for_update().filter(roles__contains=["administrator"], is_active=True)
    if set(administrators.values_list("id", flat=True)) <= {user.id}:
        raise LastAdministrator
