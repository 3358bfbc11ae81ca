"""How people join: somebody who may, invites them; a letter with a signed link goes out; the link is good for one use.

The link names the invitation and the number of its letter, signed with the installation's key. It holds no secret that
the database would have to keep, so that a job can write the letter, again if it must. Sending another letter counts up
and makes older links worthless; accepting, revoking and time end them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from buoy.core import jobs
from buoy.core.actor import Actor, job_actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.domains.accounts import policy
from buoy.domains.accounts.actions import letters, people
from buoy.domains.accounts.models import Invitation
from buoy.domains.accounts.policy import InvitationState

_SALT = "accounts.invitation"
_DOOR = job_actor("invitations")
"""Who opens an invitation has no account yet: the signed link is their right, and the door acts for them."""


class AlreadyInvited(DomainError):
    """The same organisation has invited this address, and the invitation is open."""

    kind = Kind.CONFLICT
    code = "already-invited"
    message = _("%(email)s has been invited already. Send the invitation again instead.")


class InvitationOver(DomainError):
    """A link that was used, revoked, replaced by a newer letter, too old, or never ours."""

    kind = Kind.NOT_FOUND
    code = "invitation-over"
    message = _("This invitation is no longer valid. Ask whoever invited you to send it again.")


@dataclass(frozen=True)
class OpenInvitation:
    """What the page of an invitation shows to whoever holds its link."""

    id: UUID
    email: str
    name: str
    language: str
    organisation: str
    """The partner's name; empty for the vendor's own people."""


def invite_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    partner_id: UUID | None,
    language: str,
    now: datetime,
) -> UUID:
    """Invite somebody into the vendor's or a partner's team; the letter leaves by a job.

    Writes the invitation. Raises NotAllowed, RolesDoNotFit, AddressTaken (as far as the actor sees), AlreadyInvited.
    """
    address, chosen = email.strip().lower(), sorted(set(roles))
    with acting(actor):
        writing(actor)
        people.require_may_give(actor, partner_id=partner_id)
        people.require_fitting(chosen, is_partner_user=partner_id is not None)
        people.require_free(address)
        _close_expired(address, partner_id, now=now)
        invitation = Invitation(
            id=new_id(),
            partner_id=partner_id,
            email=address,
            name=name,
            roles=chosen,
            language=language,
            invited_by_id=actor.user_id,
            created_at=now,
            expires_at=now + policy.INVITATION_LASTS,
        )
        if not _insert(invitation):
            raise AlreadyInvited(email=address)
        after = {"email": address, "name": name, "roles": chosen}
        _record(actor, "invitation.made", invitation, after=after)
        jobs.enqueue("accounts.send_invitation", invitation_id=str(invitation.id))
    return invitation.id


def send_invitation(actor: Actor, *, invitation_id: UUID, now: datetime) -> None:
    """Write the letter of an invitation that is open and has not been sent; twice in the worst case, never not at all.

    Called by a job. Writes when it was sent.
    """
    with acting(actor):
        invitation = Invitation.objects.select_related("partner").filter(id=invitation_id, sent_at=None).first()
    if invitation is None or _state(invitation, now=now) is not InvitationState.OPEN:
        return
    letters.invitation(invitation, token=token_of(invitation))
    with acting(actor):
        Invitation.objects.filter(id=invitation_id, letter=invitation.letter).update(sent_at=now)


def resend_invitation(actor: Actor, *, invitation_id: UUID, now: datetime) -> None:
    """Send another letter, good for as long as a new one; links in older letters end. Raises NotFound, NotAllowed."""
    with acting(actor):
        invitation = _change_open(
            actor,
            invitation_id,
            letter=F("letter") + 1,
            sent_at=None,
            expires_at=now + policy.INVITATION_LASTS,
        )
        _record(actor, "invitation.sent_again", invitation)
        jobs.enqueue("accounts.send_invitation", invitation_id=str(invitation_id))


def revoke_invitation(actor: Actor, *, invitation_id: UUID, now: datetime) -> None:
    """Take an invitation back. Raises NotFound, NotAllowed."""
    with acting(actor):
        invitation = _change_open(actor, invitation_id, revoked_at=now)
        _record(actor, "invitation.revoked", invitation)


def open_invitation(*, token: str, now: datetime) -> OpenInvitation:
    """What the holder of a link is invited to. Raises InvitationOver."""
    with acting(_DOOR, read_only=True):
        invitation = _held(token, now=now)
        return OpenInvitation(
            id=invitation.id,
            email=invitation.email,
            name=invitation.name,
            language=invitation.language,
            organisation=invitation.partner.name if invitation.partner else "",
        )


def accept_invitation(
    *, token: str, name: str, password: str | None, language: str, time_zone: str, now: datetime
) -> UUID:
    """Make the account that the holder of a link was invited to.

    Writes the user, their address (the letter has reached it, so it is verified) and the end of the invitation.
    Raises InvitationOver and AddressTaken.
    """
    with acting(_DOOR):
        invitation = _held(token, now=now)
        unchanged = Invitation.objects.filter(
            id=invitation.id, letter=invitation.letter, accepted_at=None, revoked_at=None
        )
        if not unchanged.update(accepted_at=now):
            raise InvitationOver
        user_id = people.add_user(
            email=invitation.email,
            name=name,
            roles=invitation.roles,
            partner_id=invitation.partner_id,
            password=password,
            language=language,
            time_zone=time_zone,
            now=now,
        )
        _record(_DOOR, "invitation.accepted", invitation, after={"user_id": user_id, "roles": invitation.roles})
        return user_id


def token_of(invitation: Invitation) -> str:
    """The secret part of the link in an invitation's current letter."""
    return signing.dumps([str(invitation.id), invitation.letter], salt=_SALT)


def _held(token: str, *, now: datetime) -> Invitation:
    try:
        invitation_id, letter = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise InvitationOver from None
    invitation = Invitation.objects.select_related("partner").filter(id=invitation_id, letter=letter).first()
    if invitation is None or _state(invitation, now=now) is not InvitationState.OPEN:
        raise InvitationOver
    return invitation


def _change_open(actor: Actor, invitation_id: UUID, **change: object) -> Invitation:
    """Change an invitation that nobody has accepted or revoked, expired or not."""
    writing(actor)
    invitation = Invitation.objects.filter(id=invitation_id).first()
    if invitation is None:
        raise NotFound
    people.require_may_give(actor, partner_id=invitation.partner_id)
    open_ones = Invitation.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None)
    if not open_ones.update(**change):
        raise InvitationOver
    return invitation


def _record(actor: Actor, action: str, invitation: Invitation, *, after: Mapping[str, Any] | None = None) -> None:
    record(
        actor,
        action=action,
        object_type="invitation",
        object_id=invitation.id,
        partner_id=invitation.partner_id,
        after=after,
    )


def _close_expired(email: str, partner_id: UUID | None, *, now: datetime) -> None:
    """An invitation that ran out does not stand in the way of a new one."""
    mine = Invitation.objects.filter(Q(partner_id=partner_id), email=email, accepted_at=None, revoked_at=None)
    mine.filter(expires_at__lte=now).update(revoked_at=now)


def _insert(invitation: Invitation) -> bool:
    """False when there is an open one for the same address and organisation; the database has the last word."""
    made = Invitation.objects.bulk_create([invitation], ignore_conflicts=True)
    return Invitation.objects.filter(id=made[0].id).exists()


def _state(invitation: Invitation, *, now: datetime) -> InvitationState:
    return policy.invitation_state(
        accepted_at=invitation.accepted_at,
        revoked_at=invitation.revoked_at,
        expires_at=invitation.expires_at,
        now=now,
    )
