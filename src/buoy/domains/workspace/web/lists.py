"""The lists of tasks and of notifications."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.errors import Stale
from buoy.domains.workspace import actions
from buoy.ui.lists import Bulk, Column, Filter, Table


def _finish(actor: Actor, key: str, now: datetime) -> bool:
    try:
        actions.finish_task(actor, task_id=UUID(key), now=now)
    except Stale:
        return False
    return True


def _mark_read(actor: Actor, key: str, now: datetime) -> bool:
    return actions.mark_read(actor, notification_ids=[UUID(key)], now=now)


def tasks(actor: Actor) -> Table:
    """The tasks that somebody sees; their own can be asked for."""
    today = timezone.localtime(clock.now()).date()
    return Table(
        name="tasks",
        label=_("Tasks"),
        search_label=_("Search tasks"),
        columns=(
            Column(
                name="title",
                label=_("What is to be done"),
                value=lambda task: task.title,
                kind="link",
                order=("title",),
            ),
            Column(
                name="assignee", label=_("Who does it"), value=lambda task: task.assignee_name, order=("assignee_name",)
            ),
            Column(name="due", label=_("Due date"), value=lambda task: task.due_date, kind="day", order=("due_date",)),
            Column(name="state", label=_("State"), value=lambda task: _state(task, today), kind="badge"),
            Column(name="author", label=_("Asked for by"), value=lambda task: task.author, is_shown=False),
            Column(
                name="added",
                label=_("Added"),
                value=lambda task: task.created_at,
                kind="day",
                order=("created_at",),
                is_shown=False,
            ),
        ),
        sort="due",
        url=lambda task: reverse("workspace:open", args=[task.subject_type, task.subject_id]),
        search=("title", "assignee_name"),
        filters=(
            Filter(
                name="whose",
                label=_("Who does it"),
                choices=lambda: [("", _("Everybody's tasks")), ("mine", _("My tasks"))],
                narrow=lambda rows, value: rows.filter(assignee_id=actor.user_id),
            ),
            Filter(
                name="state",
                label=_("State"),
                choices=lambda: [
                    ("", _("All states")),
                    ("open", _("Open")),
                    ("overdue", _("Overdue")),
                    ("done", _("Done")),
                ],
                narrow=lambda rows, value: _of_state(rows, value, today),
            ),
        ),
        bulk=(Bulk(name="done", label=_("Mark as done"), permission="tasks.write", do=_finish, icon="check"),),
    )


def _state(task: Any, today: date) -> tuple[Any, str]:
    if task.done_at:
        return _("Done"), "good"
    if task.due_date and task.due_date < today:
        return _("Overdue"), "bad"
    return _("Open"), ""


def _of_state(rows: QuerySet[Any], value: str, today: date) -> QuerySet[Any]:
    narrow: dict[str, Callable[[], QuerySet[Any]]] = {
        "open": lambda: rows.filter(done_at=None),
        "overdue": lambda: rows.filter(done_at=None, due_date__lt=today),
        "done": lambda: rows.exclude(done_at=None),
    }
    return narrow[value]()


NOTIFICATIONS = Table(
    name="notifications",
    label=_("Notifications"),
    search_label=_("Search notifications"),
    columns=(
        Column(
            name="what",
            label=_("What"),
            value=lambda row: render_to_string("workspace/notice.txt", {"notice": row}).strip(),
            kind="open",
        ),
        Column(
            name="state",
            label=_("State"),
            value=lambda row: (_("Read"), "") if row.read_at else (_("New"), "accent"),
            kind="badge",
        ),
        Column(name="when", label=_("When"), value=lambda row: row.created_at, kind="moment", order=("created_at",)),
    ),
    sort="-when",
    url=lambda row: reverse("workspace:open-notification", args=[row.pk]),
    search=("params__title", "params__author"),
    filters=(
        Filter(
            name="state",
            label=_("State"),
            choices=lambda: [("", _("New and read")), ("new", _("New")), ("read", _("Read"))],
            narrow=lambda rows, value: rows.filter(read_at__isnull=value == "new"),
        ),
    ),
    bulk=(Bulk(name="read", label=_("Mark as read"), permission="comments.view", do=_mark_read, icon="checks"),),
)
