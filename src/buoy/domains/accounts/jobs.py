"""Letters that must not be lost."""

from __future__ import annotations

from uuid import UUID

from buoy.core import clock
from buoy.core.actor import job_actor
from buoy.core.jobs import job, nudge
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions import clients, invitations, people


@job(queue="mail")
def send_invitation(invitation_id: str) -> None:
    """Send the letter of an invitation."""
    actor = job_actor("send_invitation")
    invitations.send_invitation(actor, invitation_id=UUID(invitation_id), now=clock.now())


@job(queue="mail")
def send_rights(user_id: str, by_id: str) -> None:
    """Tell somebody that their rights have changed."""
    people.send_rights(job_actor("send_rights"), user_id=UUID(user_id), by_id=UUID(by_id) if by_id else None)


@job(queue="mail")
def send_reset(user_id: str, by_id: str) -> None:
    """Tell somebody that their second factor has been taken away."""
    people.send_reset(job_actor("send_reset"), user_id=UUID(user_id), by_id=UUID(by_id) if by_id else None)


@job(queue="mail", cron="*/5 * * * *")
def send_forgotten_invitations(timestamp: int) -> None:
    """Find invitations whose letter has not left, because a process died or the mail server was away."""
    actor = job_actor("send_forgotten_invitations")
    with acting(actor, read_only=True):
        unsent = queries.unsent_invitations(actor, now=clock.now())
    for invitation_id in unsent:
        nudge(send_invitation, invitation_id=str(invitation_id))


@job(cron="40 3 * * *")
def forget_tokens(timestamp: int) -> None:
    """Remove the tokens of API clients that have ended; they are the login's, and in no scope."""
    clients.forget_tokens(before=clock.now())
