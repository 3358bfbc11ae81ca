"""Rows for the tables that need more than the cast: `FURNISH` gives each partner one of everything.

Whoever adds a table with a partner's data adds a line here, so that the canaries have somewhere to sit.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.idempotency import once
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.accounts.actions.clients import create_client
from buoy.domains.accounts.models import User
from buoy.domains.catalog.actions import engagement
from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.workspace import actions as workspace
from buoy.domains.workspace.models import Work
from tests.buoy.access import of_sales
from tests.buoy.accounts.passkeys import give_passkey
from tests.cast import JOB, SETUP, Cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def repeatable_call(actor: Actor, partner_id: UUID) -> None:
    with once(actor, caller=f"token:{actor.user_id}", key="k", request_hash=b"c") as call:
        call.keep(status=201, body="made")


def ways_in(actor: Actor, partner_id: UUID) -> None:
    """A passkey, a session, an account at the single sign-on, and a program."""
    user = User.objects.get(pk=actor.person)
    give_passkey(user)
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key=str(user.pk), user_agent="A browser")
    SocialAccount.objects.create(user=user, provider="openid_connect", uid=str(user.pk))
    now = clock.now()
    create_client(actor, name="A program", scopes=["read"], expires_at=now + timedelta(days=1), now=now)


def comment(actor: Actor, partner_id: UUID) -> None:
    workspace.add_comment(actor, subject_type="partner", subject_id=partner_id, text="said", now=NOW)


def task(actor: Actor, partner_id: UUID) -> None:
    workspace.add_task(
        actor, subject_type="partner", subject_id=partner_id, title="do", assignee_id=actor.person, now=NOW
    )


def file(actor: Actor, partner_id: UUID) -> None:
    workspace.add_file(
        actor,
        storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
        subject_type="partner",
        subject_id=partner_id,
        name="a.txt",
        size=1,
        content=io.BytesIO(b"a"),
        now=NOW,
    )


def notification(actor: Actor, partner_id: UUID) -> None:
    workspace.tell(JOB, user_ids=[actor.person], kind="task_due", params={"title": "do"}, path="/", now=NOW)


def saved_view(actor: Actor, partner_id: UUID) -> None:
    workspace.save_view(actor, list_name="partners", name="mine", query="a=b")


def put_away(actor: Actor, partner_id: UUID) -> None:
    workspace.put_away(actor, name="tour", now=NOW)


def work(actor: Actor, partner_id: UUID) -> None:
    with acting(SETUP):
        Work.objects.create(
            kind="k", partner_id=partner_id, requester="requester", error="error", requested_by_id=actor.person
        )


def rule_of_engagement(actor: Actor, partner_id: UUID) -> None:
    draft = Draft(
        title="rule",
        verdict=Verdict.REVIEW,
        reason="reason",
        valid_from=date(2026, 1, 1),
        partner_id=partner_id,
        segments=("segment",),
        customers=("customer",),
    )
    engagement.add_rule(SETUP, draft=draft, now=NOW)


FURNISH: list[Callable[[Actor, UUID], None]] = [
    ways_in,
    repeatable_call,
    comment,
    task,
    file,
    notification,
    saved_view,
    put_away,
    work,
    rule_of_engagement,
    of_sales.imported_file,
]


def furnish(cast: Cast) -> None:
    """One of everything for each partner, made by its administrator."""
    for actor in (cast.ramon, cast.otto, cast.dana):
        assert actor.partner_id
        for make in FURNISH:
            make(actor, actor.partner_id)
