"""Writes of the workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import BinaryIO, TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core import jobs
from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound, Stale
from buoy.core.events import publish
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.core.storage import Storage
from buoy.core.subjects import Subject, find_subject
from buoy.domains.accounts import queries as accounts
from buoy.domains.workspace import policy, queries
from buoy.domains.workspace.events import PeopleMentioned, TaskAssigned, WorkEnded, WorkRequested
from buoy.domains.workspace.models import (
    About,
    Comment,
    Digest,
    Notification,
    NotificationPreference,
    PutAway,
    SavedView,
    StoredFile,
    Task,
    Work,
)
from buoy.domains.workspace.policy import Channel, Refusal, State

HEAD = 512
Made = TypeVar("Made", Comment, StoredFile)


class FileRefused(DomainError):
    """The file is not taken; `reason` is a word of `policy.Refusal`."""

    kind = Kind.INVALID
    code = "file-refused"
    message = _("%(name)s was not taken. %(why)s")


class FileLost(DomainError):
    """The row is there, and the storage does not have the bytes."""

    kind = Kind.NOT_FOUND
    code = "file-lost"
    message = _(
        "The content of %(name)s is missing where files are kept. Whoever runs the installation finds it in the log, and can"
        " bring it back from a backup."
    )


class TooLateToEdit(DomainError):
    """The words were there long enough to have been read."""

    kind = Kind.CONFLICT
    code = "too-late-to-edit"
    message = _("A comment can be changed for half an hour. Write another one, or remove this one.")


class UnknownAssignee(DomainError):
    """The task was given to somebody who does not see the thing that it is about."""

    kind = Kind.INVALID
    code = "unknown-assignee"
    message = _("A task can be given to people who see what it is about. Choose one of the list.")


WHY: dict[Refusal, str | Promise] = {
    Refusal.EMPTY: _("The file is empty."),
    Refusal.TOO_LARGE: _("The file is larger than 25 MB. Make it smaller, or send it in parts."),
    Refusal.UNKNOWN_KIND: _(
        "Files of this kind are not taken. Send a PDF, a picture, an Office file, a CSV, a text or a ZIP."
    ),
    Refusal.NOT_WHAT_IT_SAYS: _(
        "What is in the file does not fit the ending of its name. Save it again in the format that its name says."
    ),
}

# --- Comments --------------------------------------------------------------------------------------------------


def add_comment(
    actor: Actor, *, subject_type: str, subject_id: UUID, text: str, is_internal: bool = False, now: datetime
) -> UUID:
    """Say something about a thing that the actor sees.

    Writes a comment. Publishes PeopleMentioned. Raises NotFound, NotAllowed.
    """
    with acting(actor):
        writing(actor)
        actor.require("comments.write")
        subject = find_subject(actor, subject_type=subject_type, subject_id=subject_id)
        people = accounts.people_around(actor, partner_id=None if is_internal else subject.partner_id)
        told = policy.mentions(text, {str(person.id): person.name for person in people}) - {str(actor.user_id)}
        comment = Comment.objects.create(
            **_about(actor, subject, is_internal, now), text=text, mentioned=[UUID(each) for each in sorted(told)]
        )
        _note(actor, "comment.added", comment, after={"text": text, "is_internal": comment.is_internal})
        if told:
            publish(PeopleMentioned(comment.id, tuple(comment.mentioned), actor.name, subject.title, subject.link))
    return comment.id


def edit_comment(actor: Actor, *, comment_id: UUID, text: str, now: datetime) -> None:
    """Change the words of one's own comment; the audit trail keeps both. Raises NotFound, TooLateToEdit."""
    with acting(actor):
        writing(actor)
        comment = _own_row(queries.visible(actor, Comment, "comments.write"), actor, comment_id)
        if not policy.may_edit(created_at=comment.created_at, now=now):
            raise TooLateToEdit
        Comment.objects.filter(id=comment.id).update(text=text, edited_at=now)
        _note(actor, "comment.edited", comment, before={"text": comment.text}, after={"text": text})


def remove_comment(actor: Actor, *, comment_id: UUID, now: datetime) -> None:
    """Take one's own comment back; its place stays. Raises NotFound."""
    with acting(actor):
        writing(actor)
        comment = _own_row(queries.visible(actor, Comment, "comments.write"), actor, comment_id)
        Comment.objects.filter(id=comment.id).update(removed_at=now)
        _note(actor, "comment.removed", comment, before={"text": comment.text})


# --- Files -----------------------------------------------------------------------------------------------------


def add_file(
    actor: Actor,
    *,
    storage: Storage,
    subject_type: str,
    subject_id: UUID,
    name: str,
    size: int,
    content: BinaryIO,
    is_internal: bool = False,
    now: datetime,
) -> UUID:
    """Keep a file beside a thing that the actor sees.

    The bytes are stored before the transaction: a crash may leave bytes that no row knows, never a row without bytes.
    Writes a file. Raises NotFound, NotAllowed, FileRefused.
    """
    shown = policy.clean_name(name)
    head = content.read(HEAD)
    if refusal := policy.refuse_file(name=shown, size=size, head=head):
        raise FileRefused(name=shown, why=WHY[refusal])
    with acting(actor, read_only=True):
        actor.require("files.write")
        find_subject(actor, subject_type=subject_type, subject_id=subject_id)
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    content.seek(0)
    key = f"{now:%Y/%m}/{new_id()}"
    storage.put(key, content)
    with acting(actor):
        writing(actor)
        actor.require("files.write")
        subject = find_subject(actor, subject_type=subject_type, subject_id=subject_id)
        file = StoredFile.objects.create(
            **_about(actor, subject, is_internal, now),
            name=shown,
            content_type=policy.KINDS[policy.ending(shown)].content_type,
            size=size,
            sha256=digest,
            key=key,
        )
        _note(actor, "file.added", file, after={"name": shown, "size": size, "sha256": digest})
    return file.id


def remove_file(actor: Actor, *, file_id: UUID, now: datetime) -> None:
    """Hide a file that one uploaded. Raises NotFound."""
    with acting(actor):
        writing(actor)
        file = _own_row(queries.visible(actor, StoredFile, "files.write"), actor, file_id)
        StoredFile.objects.filter(id=file.id).update(removed_at=now)
        _note(actor, "file.removed", file, before={"name": file.name})


# --- Tasks -----------------------------------------------------------------------------------------------------


def add_task(
    actor: Actor,
    *,
    subject_type: str,
    subject_id: UUID,
    title: str,
    assignee_id: UUID,
    due_date: date | None = None,
    is_internal: bool = False,
    now: datetime,
) -> UUID:
    """Ask somebody to do something about a thing.

    Writes a task. Publishes TaskAssigned. Raises NotFound, NotAllowed, UnknownAssignee.
    """
    with acting(actor):
        writing(actor)
        actor.require("tasks.write")
        subject = find_subject(actor, subject_type=subject_type, subject_id=subject_id)
        people = accounts.people_around(actor, partner_id=None if is_internal else subject.partner_id)
        names = {person.id: person.name for person in people}
        if assignee_id not in names:
            raise UnknownAssignee
        task = Task.objects.create(
            **_about(actor, subject, is_internal, now),
            title=title,
            assignee_id=assignee_id,
            assignee_name=names[assignee_id],
            due_date=due_date,
        )
        _note(actor, "task.added", task, after={"title": title, "assignee": task.assignee_name, "due_date": due_date})
        if assignee_id != actor.user_id:
            publish(TaskAssigned(task.id, assignee_id, actor.name, title, subject.link))
    return task.id


def finish_task(actor: Actor, *, task_id: UUID, now: datetime) -> None:
    """Mark a task as done. Raises NotFound, Stale when it was done already."""
    with acting(actor):
        writing(actor)
        tasks = queries.visible(actor, Task, "tasks.write").filter(id=task_id)
        task = tasks.first()
        if task is None:
            raise NotFound
        if tasks.filter(done_at=None).update(done_at=now) == 0:
            raise Stale
        _note(actor, "task.done", task)


# --- Notifications ---------------------------------------------------------------------------------------------


def tell(
    actor: Actor,
    *,
    user_ids: Sequence[UUID],
    kind: str,
    params: dict[str, str],
    path: str,
    now: datetime,
    key: str = "",
) -> list[UUID]:
    """Tell people something, each in the way that they chose; for jobs. The ids of those to be mailed at once.

    Nobody is told twice under one `key`.
    """
    with acting(actor):
        return _told(user_ids, kind=kind, params=params, path=path, now=now, key=key)


def remind(actor: Actor, *, task_id: UUID, now: datetime) -> list[UUID]:
    """Remind the reader of an open task, once, however often it is called; for jobs. Ids as `tell` returns them."""
    with acting(actor):
        waiting = Task.objects.filter(id=task_id, done_at=None, reminded_at=None)
        if waiting.update(reminded_at=now) == 0:
            return []
        task = Task.objects.get(id=task_id)
        link = f"/open/{task.subject_type}/{task.subject_id}"
        return _told([task.assignee_id], kind="task_due", params={"title": task.title}, path=link, now=now)


def _told(
    user_ids: Sequence[UUID], *, kind: str, params: dict[str, str], path: str, now: datetime, key: str = ""
) -> list[UUID]:
    """Write the notifications, in the scope of the caller."""
    chosen = dict(
        NotificationPreference.objects.filter(user_id__in=user_ids, kind=kind).values_list("user_id", "channel")
    )
    ways = {user_id: Channel(chosen.get(user_id, policy.NOTICES[kind].value)) for user_id in user_ids}
    made = Notification.objects.bulk_create(
        (
            Notification(
                user_id=user_id, kind=kind, params=params, path=path, channel=way.value, created_at=now, key=key
            )
            for user_id, way in ways.items()
            if way is not Channel.NOTHING
        ),
        ignore_conflicts=bool(key),
    )
    mailed = [each.id for each in made if each.channel == Channel.EMAIL.value]
    return list(Notification.objects.filter(id__in=mailed).values_list("id", flat=True)) if mailed else []


def claim_mail(actor: Actor, *, notification_id: UUID, now: datetime) -> Notification | None:
    """The notification, if it is still to be mailed and nobody else is at it. It is mailed once `note_mailed` says so."""
    with acting(actor):
        waiting = queries.unmailed(Channel.EMAIL, now=now).filter(id=notification_id)
        if waiting.update(claimed_at=now) == 0:
            return None
        return Notification.objects.get(id=notification_id)


def note_mailed(actor: Actor, *, notifications: Sequence[Notification], now: datetime) -> None:
    """The mail that tells of them has been sent."""
    with acting(actor):
        Notification.objects.filter(id__in=[each.id for each in notifications]).update(mailed_at=now)
        for user_id in {each.user_id for each in notifications if each.channel == Channel.DIGEST.value}:
            Digest.objects.update_or_create(user_id=user_id, defaults={"sent_at": now})


def give_mail_back(actor: Actor, *, notifications: Sequence[Notification]) -> None:
    """The mail could not be sent: let a later job try again."""
    with acting(actor):
        Notification.objects.filter(id__in=[each.id for each in notifications]).update(claimed_at=None)


def claim_digest(actor: Actor, *, user_id: UUID, now: datetime) -> list[Notification]:
    """What waits for somebody's digest, if nobody else is at it; empty when nothing waits."""
    with acting(actor):
        waiting = queries.unmailed(Channel.DIGEST, now=now).filter(user_id=user_id)
        found = list(waiting.select_for_update(skip_locked=True).order_by("created_at"))
        Notification.objects.filter(id__in=[each.id for each in found]).update(claimed_at=now)
    return found


def mark_read(actor: Actor, *, notification_ids: Sequence[UUID] | None = None, now: datetime) -> bool:
    """Mark the actor's own notifications as read: the named ones, or all. False when all of them were."""
    with acting(actor):
        writing(actor)
        unread = Notification.objects.filter(user_id=actor.person, read_at=None)
        if notification_ids is not None:
            unread = unread.filter(id__in=notification_ids)
        return unread.update(read_at=now) > 0


def open_notification(actor: Actor, *, notification_id: UUID, now: datetime) -> str:
    """Mark one of the actor's own notifications as read, and say where it leads. Raises NotFound."""
    with acting(actor):
        writing(actor)
        mine = Notification.objects.filter(user_id=actor.person, id=notification_id)
        path = mine.values_list("path", flat=True).first()
        if path is None:
            raise NotFound
        mine.filter(read_at=None).update(read_at=now)
    return path


def choose_channels(actor: Actor, *, channels: dict[str, Channel]) -> None:
    """Keep how the actor wants to be told."""
    with acting(actor):
        writing(actor)
        NotificationPreference.objects.filter(user_id=actor.person, kind__in=channels).delete()
        NotificationPreference.objects.bulk_create(
            NotificationPreference(user_id=actor.person, kind=kind, channel=channel.value)
            for kind, channel in channels.items()
            if channel is not policy.NOTICES[kind]
        )


# --- Saved views -----------------------------------------------------------------------------------------------


def save_view(actor: Actor, *, list_name: str, name: str, query: str) -> None:
    """Keep a list as it is shown now, under a name; the same name takes its place."""
    with acting(actor):
        writing(actor)
        SavedView.objects.update_or_create(
            user_id=actor.person, list_name=list_name, name=name, defaults={"query": query}
        )


def forget_view(actor: Actor, *, view_id: UUID) -> None:
    """Raises NotFound."""
    with acting(actor):
        writing(actor)
        deleted, _models = SavedView.objects.filter(user_id=actor.person, id=view_id).delete()
        if not deleted:
            raise NotFound


# --- What is not shown again -----------------------------------------------------------------------------------


def put_away(actor: Actor, *, name: str, now: datetime) -> None:
    """Do not show this to the actor again; nothing happens the second time."""
    with acting(actor):
        writing(actor)
        PutAway.objects.bulk_create([PutAway(user_id=actor.person, name=name, at=now)], ignore_conflicts=True)


# --- Long work -------------------------------------------------------------------------------------------------


def request_work(actor: Actor, *, kind: str, params: dict[str, str], now: datetime) -> UUID:
    """Ask for long work. Writes a row in the state `waiting`. Publishes WorkRequested."""
    with acting(actor):
        writing(actor)
        work = Work.objects.create(
            kind=kind,
            params=params,
            partner_id=actor.partner_id,
            requested_by_id=actor.person,
            requester=actor.name,
            created_at=now,
            moved_at=now,
        )
        record(actor, action="work.requested", object_type="work", object_id=work.id, after={"kind": kind, **params})
        publish(WorkRequested(work.id))
    return work.id


def claim_work(actor: Actor, *, work_id: UUID, lost_before: datetime, now: datetime) -> Work | None:
    """Take work that waits, or that lost its worker; None when somebody else has it or it has ended."""
    free = Q(state=State.WAITING.value) | Q(state=State.RUNNING.value, moved_at__lt=lost_before)
    with acting(actor):
        mine = Work.objects.filter(free, id=work_id, attempts__lt=policy.MOST_ATTEMPTS)
        taken = mine.update(state=State.RUNNING.value, attempts=F("attempts") + 1, moved_at=now, done=0)
        return Work.objects.get(id=work_id) if taken else None


def move_work(actor: Actor, *, work: Work, done: int, total: int | None, now: datetime) -> bool:
    """Say how far it is. False when it was cancelled or taken by another worker meanwhile: then stop."""
    with acting(actor):
        mine = Work.objects.filter(id=work.id, state=State.RUNNING.value, attempts=work.attempts)
        return mine.update(done=done, total=total, moved_at=now) > 0


def end_work(actor: Actor, *, work: Work, error: str = "", result_path: str = "", now: datetime) -> None:
    """It is done, or it failed with an error. Publishes WorkEnded."""
    state = State.FAILED if error else State.DONE
    with acting(actor):
        mine = Work.objects.filter(id=work.id, state=State.RUNNING.value, attempts=work.attempts)
        ended = mine.update(state=state.value, error=error, result_path=result_path, ended_at=now, moved_at=now)
        if ended:
            publish(WorkEnded(work.id, work.kind, work.requested_by_id, bool(error), now))


def give_up_work(actor: Actor, *, lost_before: datetime, now: datetime) -> None:
    """Fail work that lost its worker too often. Publishes WorkEnded for each."""
    with acting(actor):
        lost = Work.objects.filter(
            state=State.RUNNING.value, moved_at__lt=lost_before, attempts__gte=policy.MOST_ATTEMPTS
        )
        for work in lost.select_for_update(skip_locked=True):
            error = f"its worker died {work.attempts} times"
            lost.filter(id=work.id).update(state=State.FAILED.value, error=error, ended_at=now)
            publish(WorkEnded(work.id, work.kind, work.requested_by_id, has_failed=True, ended_at=now))


def cancel_work(actor: Actor, *, work_id: UUID, now: datetime) -> None:
    """Stop work that has not ended: one's own, or any for whoever manages jobs. Raises NotFound, Stale."""
    with acting(actor):
        writing(actor)
        work = queries.visible_work(actor).filter(id=work_id)
        if not actor.may("jobs.manage"):
            work = work.filter(requested_by_id=actor.person)
        if not work.exists():
            raise NotFound
        is_open = Q(state__in=[State.WAITING.value, State.RUNNING.value])
        if work.filter(is_open).update(state=State.CANCELLED.value, ended_at=now) == 0:
            raise Stale
        record(actor, action="work.cancelled", object_type="work", object_id=work_id)


def repeat_work(actor: Actor, *, work_id: UUID, now: datetime) -> None:
    """Let failed work be tried again. Publishes WorkRequested. Raises NotFound, Stale."""
    with acting(actor):
        writing(actor)
        actor.require("jobs.manage")
        work = queries.visible_work(actor).filter(id=work_id)
        if not work.exists():
            raise NotFound
        again = work.filter(state=State.FAILED.value)
        if again.update(state=State.WAITING.value, attempts=0, error="", ended_at=None, moved_at=now) == 0:
            raise Stale
        record(actor, action="work.repeated", object_type="work", object_id=work_id)
        publish(WorkRequested(work_id))


def repeat_job(actor: Actor, *, job_id: int, now: datetime) -> None:
    """Let a job that was given up be tried again. Raises NotAllowed, NotFound."""
    actor.require("jobs.manage")
    if not jobs.repeat(job_id):
        raise NotFound
    with acting(actor):
        record(actor, action="job.repeated", object_type="job", object_id=str(job_id))


# --- Shared ----------------------------------------------------------------------------------------------------


def _about(actor: Actor, subject: Subject, is_internal: bool, now: datetime) -> dict[str, object]:
    """The columns that every row about a thing has. A partner's rows are never internal."""
    return {
        "subject_type": subject.type,
        "subject_id": subject.id,
        "partner_id": subject.partner_id,
        "is_internal": is_internal and actor.face is Face.DESK,
        "created_by_id": actor.person,
        "author": actor.name,
        "created_at": now,
    }


def _own_row(rows: QuerySet[Made], actor: Actor, row_id: UUID) -> Made:
    """The row, if the actor made it and it is not removed. Raises NotFound."""
    own = rows.filter(id=row_id, created_by_id=actor.person, removed_at=None).first()
    if own is None:
        raise NotFound
    return own


def _note(actor: Actor, action: str, row: About, **sides: Mapping[str, object]) -> None:
    """Into the audit trail."""
    kind = row._meta.model_name or ""
    record(actor, action=action, object_type=kind, object_id=row.id, partner_id=row.partner_id, **sides)
