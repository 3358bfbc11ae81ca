"""Reads of the workspace. Every list is what the actor sees; what is internal, partners do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.core.subjects import Subject
from buoy.domains.accounts import queries as accounts
from buoy.domains.accounts.queries import Named
from buoy.domains.workspace import policy
from buoy.domains.workspace.models import (
    About,
    Comment,
    Notification,
    NotificationPreference,
    PutAway,
    SavedView,
    StoredFile,
    Task,
    Work,
)
from buoy.domains.workspace.policy import Channel, State

if TYPE_CHECKING:
    from django.db.models import Model

A = TypeVar("A", bound=About)
BELL_LENGTH = 20
_MOST_URGENT = (F("due_date").asc(nulls_last=True), "created_at", "id")
_OPEN_FIRST = (F("done_at").asc(nulls_first=True), *_MOST_URGENT)


@dataclass(frozen=True)
class CommentRow:
    """One comment; the text is empty once it was removed."""

    id: UUID
    author: str
    text: str
    is_internal: bool
    is_own: bool
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    is_editable: bool = False


@dataclass(frozen=True)
class FileRow:
    id: UUID
    name: str
    content_type: str
    size: int
    author: str
    is_internal: bool
    is_own: bool
    created_at: datetime


@dataclass(frozen=True)
class TaskRow:
    id: UUID
    title: str
    assignee: str
    due_date: date | None
    is_internal: bool
    is_mine: bool
    is_overdue: bool
    done_at: datetime | None
    subject_type: str
    subject_id: UUID
    author: str
    partner_name: str = ""
    """Filled for lists that are about many partners."""


@dataclass(frozen=True)
class NotificationRow:
    id: UUID
    kind: str
    params: dict[str, Any]
    path: str
    created_at: datetime
    is_read: bool


@dataclass(frozen=True)
class WorkRow:
    id: UUID
    kind: str
    state: str
    done: int
    total: int | None
    error: str
    result_path: str
    attempts: int
    requester: str
    created_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return policy.State(self.state) not in policy.ENDED


# --- What the actor sees ---------------------------------------------------------------------------------------


def visible(actor: Actor, model: type[A], permission: str) -> QuerySet[A]:
    """The rows of a model about things that the actor sees: for a partner those of its scope that are not internal."""
    require_scope()
    actor.require(permission)
    rows = model._default_manager.all()
    if actor.face is Face.PARTNER:
        return rows.filter(partner_id__in=actor.partner_ids, is_internal=False)
    return rows


def _own(actor: Actor, model: type[Model]) -> QuerySet[Any]:
    require_scope()
    return model._default_manager.filter(user_id=actor.user_id)


def _about(subject: Subject) -> Q:
    return Q(subject_type=subject.type, subject_id=subject.id)


# --- Beside a thing --------------------------------------------------------------------------------------------


def conversation(actor: Actor, *, subject: Subject) -> QuerySet[Comment]:
    """The comments about a thing, oldest first."""
    return visible(actor, Comment, "comments.view").filter(_about(subject)).order_by("created_at", "id")


def comments_about(actor: Actor, *, subject: Subject, now: datetime) -> list[CommentRow]:
    """The conversation about a thing, oldest first. One query."""
    return [comment_row(actor, row, now=now) for row in conversation(actor, subject=subject)]


def comment_row(actor: Actor, row: Comment, *, now: datetime) -> CommentRow:
    """A comment as the actor sees it."""
    is_own = row.created_by_id == actor.user_id
    return CommentRow(
        id=row.id,
        author=row.author,
        text="" if row.removed_at else row.text,
        is_internal=row.is_internal,
        is_own=is_own,
        created_at=row.created_at,
        edited_at=row.edited_at,
        removed_at=row.removed_at,
        is_editable=is_own and row.removed_at is None and policy.may_edit(created_at=row.created_at, now=now),
    )


def files_of(actor: Actor, *, subject: Subject) -> QuerySet[StoredFile]:
    """The files of a thing that were not removed, newest first."""
    rows = visible(actor, StoredFile, "files.view").filter(_about(subject), removed_at=None)
    return rows.order_by("-created_at", "-id")


@dataclass(frozen=True)
class Said:
    """One comment among those about many things."""

    author: str
    text: str
    subject_type: str
    subject_id: UUID
    created_at: datetime
    partner_name: str
    is_internal: bool


def latest_comments(actor: Actor, *, limit: int = 10) -> list[Said]:
    """What was said last, about anything that the actor sees, newest first. One query."""
    rows = visible(actor, Comment, "comments.view").filter(removed_at=None).annotate(partner_name=F("partner__name"))
    return [
        Said(
            row.author,
            row.text,
            row.subject_type,
            row.subject_id,
            row.created_at,
            row.partner_name or "",
            row.is_internal,
        )
        for row in rows.order_by("-created_at", "-id")[:limit]
    ]


def files_about(actor: Actor, *, subject: Subject) -> list[FileRow]:
    """The files of a thing, newest first. One query."""
    return [file_row(actor, row) for row in files_of(actor, subject=subject)]


def file_to_read(actor: Actor, *, file_id: UUID) -> tuple[FileRow, str]:
    """One file and its key in the storage. Raises NotFound. One query."""
    row = visible(actor, StoredFile, "files.view").filter(id=file_id, removed_at=None).first()
    if row is None:
        raise NotFound
    return file_row(actor, row), row.key


def file_row(actor: Actor, row: StoredFile) -> FileRow:
    """A file as the actor sees it."""
    return FileRow(
        id=row.id,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        author=row.author,
        is_internal=row.is_internal,
        is_own=row.created_by_id == actor.user_id,
        created_at=row.created_at,
    )


def tasks_about(actor: Actor, *, subject: Subject, today: date) -> list[TaskRow]:
    """The tasks of a thing: open ones by day, then those that are done. One query."""
    rows = visible(actor, Task, "tasks.view").filter(_about(subject))
    return [_task_row(actor, row, today) for row in rows.order_by(*_OPEN_FIRST)]


def visible_tasks(actor: Actor) -> QuerySet[Task]:
    """All tasks that the actor sees."""
    return visible(actor, Task, "tasks.view")


def tasks_waiting_for(actor: Actor, *, today: date, limit: int = 20) -> list[TaskRow]:
    """The actor's own open tasks, the most urgent first. One query."""
    rows = _own_open_tasks(actor).annotate(partner_name=F("partner__name"))
    return [_task_row(actor, row, today) for row in rows.order_by(*_MOST_URGENT)[:limit]]


def own_task_counts(actor: Actor, *, today: date) -> tuple[int, int]:
    """How many of the actor's own tasks are open, and how many of those are overdue. One query."""
    counted = _own_open_tasks(actor).aggregate(is_open=Count("id"), overdue=Count("id", filter=Q(due_date__lt=today)))
    return counted["is_open"], counted["overdue"]


def _own_open_tasks(actor: Actor) -> QuerySet[Task]:
    return visible(actor, Task, "tasks.view").filter(assignee_id=actor.user_id, done_at=None)


def _task_row(actor: Actor, row: Task, today: date) -> TaskRow:
    return TaskRow(
        id=row.id,
        title=row.title,
        assignee=row.assignee_name,
        due_date=row.due_date,
        is_internal=row.is_internal,
        is_mine=row.assignee_id == actor.user_id,
        is_overdue=row.done_at is None and row.due_date is not None and row.due_date < today,
        done_at=row.done_at,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        author=row.author,
        partner_name=getattr(row, "partner_name", None) or "",
    )


@dataclass(frozen=True)
class Panel:
    """Everything that stands beside a thing, and what the actor may add."""

    subject: Subject
    comments: list[CommentRow]
    files: list[FileRow]
    tasks: list[TaskRow]
    people: list[Named]
    may_comment: bool
    may_add_files: bool
    may_add_tasks: bool
    may_be_internal: bool


def panel(actor: Actor, *, subject: Subject, now: datetime) -> Panel:
    """What stands beside a thing. Four queries."""
    may_write = not actor.is_read_only
    return Panel(
        subject=subject,
        comments=comments_about(actor, subject=subject, now=now),
        files=files_about(actor, subject=subject),
        tasks=tasks_about(actor, subject=subject, today=timezone.localtime(now).date()),
        people=accounts.people_around(actor, partner_id=subject.partner_id),
        may_comment=may_write and actor.may("comments.write"),
        may_add_files=may_write and actor.may("files.write"),
        may_add_tasks=may_write and actor.may("tasks.write"),
        may_be_internal=actor.face is Face.DESK,
    )


# --- One's own -------------------------------------------------------------------------------------------------


def notifications(actor: Actor) -> list[NotificationRow]:
    """The newest of the actor's own notifications. One query."""
    return [
        NotificationRow(row.id, row.kind, row.params, row.path, row.created_at, row.read_at is not None)
        for row in _own(actor, Notification).order_by("-created_at")[:BELL_LENGTH]
    ]


def own_notifications(actor: Actor) -> QuerySet[Notification]:
    """All of the actor's own notifications."""
    return _own(actor, Notification)


def unread_count(actor: Actor) -> int:
    """How many of the actor's own notifications are unread. One query."""
    return _own(actor, Notification).filter(read_at=None).count()


def preferences(actor: Actor) -> dict[str, policy.Channel]:
    """The actor's way for every kind of notice: the one that was chosen, else the usual one. One query."""
    chosen = dict(_own(actor, NotificationPreference).values_list("kind", "channel"))
    return {kind: policy.Channel(chosen.get(kind, usual.value)) for kind, usual in policy.NOTICES.items()}


def saved_views(actor: Actor, *, list_name: str) -> list[tuple[UUID, str, str]]:
    """The actor's own views of a list: id, name, query; by name. One query."""
    rows = _own(actor, SavedView).filter(list_name=list_name).order_by("name")
    return list(rows.values_list("id", "name", "query"))


def has_put_away(actor: Actor, *, name: str) -> bool:
    """Did the actor put this away? One query."""
    return bool(_own(actor, PutAway).filter(name=name).exists())


# --- Long work -------------------------------------------------------------------------------------------------


def visible_work(actor: Actor) -> QuerySet[Work]:
    """Newest first: everything for whoever watches jobs, else what the actor asked for."""
    require_scope()
    rows = Work.objects.order_by("-created_at", "-id")
    return rows if actor.may("jobs.view") else rows.filter(requested_by_id=actor.user_id)


def work_row(actor: Actor, *, work_id: UUID) -> WorkRow:
    """One piece of work. Raises NotFound. One query."""
    row = visible_work(actor).filter(id=work_id).first()
    if row is None:
        raise NotFound
    return _work_row(row)


def work_rows(actor: Actor, *, limit: int = 100) -> list[WorkRow]:
    """The newest pieces of work. One query."""
    return [_work_row(row) for row in visible_work(actor)[:limit]]


def _work_row(row: Work) -> WorkRow:
    return WorkRow(
        id=row.id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        error=row.error,
        result_path=row.result_path,
        attempts=row.attempts,
        requester=row.requester,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def work_left_behind(actor: Actor, *, before: datetime) -> list[UUID]:
    """Work that waits or runs and has not moved since then. One query."""
    require_scope()
    rows = Work.objects.filter(state__in=[State.WAITING.value, State.RUNNING.value], moved_at__lt=before)
    return list(rows.values_list("id", flat=True))


# --- Reminders -------------------------------------------------------------------------------------------------


def reminders_waiting(actor: Actor, *, latest: date) -> list[tuple[UUID, date, str]]:
    """Open tasks due by then whose reader was not reminded: id, day, the reader's time zone. One query."""
    require_scope()
    rows = Task.objects.filter(due_date__lte=latest, done_at=None, reminded_at=None, assignee__is_active=True)
    found = rows.order_by("due_date", "id").values_list("id", "due_date", "assignee__time_zone")
    return [(task_id, due_date, zone) for task_id, due_date, zone in found if due_date]


# --- Mail ------------------------------------------------------------------------------------------------------


def unmailed(channel: Channel, *, now: datetime) -> QuerySet[Notification]:
    """What is still to be mailed and nobody is at: a claim that has not ended in a mail for so long lost its process."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - timedelta(seconds=policy.MAIL_LOST_AFTER_SECONDS))
    return Notification.objects.filter(free, channel=channel.value, mailed_at=None)


def mails_forgotten(actor: Actor, *, before: datetime, now: datetime) -> list[UUID]:
    """Notifications that should have been mailed by then. One query."""
    require_scope()
    rows = unmailed(Channel.EMAIL, now=now).filter(created_at__lt=before)
    return list(rows.values_list("id", flat=True))


def digests_waiting(actor: Actor) -> list[tuple[UUID, str, datetime | None]]:
    """Readers for whom something waits: id, time zone, when they got their last digest. One query."""
    require_scope()
    rows = Notification.objects.filter(channel=Channel.DIGEST.value, mailed_at=None, user__is_active=True)
    return list(rows.values_list("user_id", "user__time_zone", "user__digest__sent_at").distinct())
