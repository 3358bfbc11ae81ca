"""Rows for the tables that need more than the cast: `FURNISH` gives each partner one of everything.

Whoever adds a table with a partner's data adds a line here, so that the canaries have somewhere to sit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.idempotency import once
from buoy.core.scope import acting
from buoy.domains.workspace import actions as workspace
from buoy.domains.workspace.models import StoredFile, Work
from tests.cast import JOB, SETUP, Cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def repeatable_call(actor: Actor, partner_id: UUID) -> None:
    with once(actor, caller=f"token:{actor.user_id}", key="k", request_hash=b"c") as call:
        call.keep(status=201, body="made")


def comment(actor: Actor, partner_id: UUID) -> None:
    workspace.add_comment(actor, subject_type="partner", subject_id=partner_id, text="said", now=NOW)


def task(actor: Actor, partner_id: UUID) -> None:
    workspace.add_task(
        actor, subject_type="partner", subject_id=partner_id, title="do", assignee_id=actor.person, now=NOW
    )


def file(actor: Actor, partner_id: UUID) -> None:
    with acting(actor):
        StoredFile.objects.create(
            partner_id=partner_id,
            subject_type="partner",
            subject_id=partner_id,
            created_by_id=actor.person,
            author="author",
            name="a.txt",
            content_type="text/plain",
            size=1,
            sha256="0" * 64,
            key=str(partner_id),
        )


def notification(actor: Actor, partner_id: UUID) -> None:
    workspace.tell(JOB, user_ids=[actor.person], kind="task_due", params={"title": "do"}, path="/", now=NOW)


def saved_view(actor: Actor, partner_id: UUID) -> None:
    workspace.save_view(actor, list_name="partners", name="mine", query="a=b")


def work(actor: Actor, partner_id: UUID) -> None:
    with acting(SETUP):
        Work.objects.create(
            kind="k", partner_id=partner_id, requester="requester", error="error", requested_by_id=actor.person
        )


FURNISH: list[Callable[[Actor, UUID], None]] = [
    repeatable_call,
    comment,
    task,
    file,
    notification,
    saved_view,
    work,
]


def furnish(cast: Cast) -> None:
    """One of everything for each partner, made by its administrator."""
    for actor in (cast.ramon, cast.otto, cast.dana):
        assert actor.partner_id
        for make in FURNISH:
            make(actor, actor.partner_id)
