"""What happened in the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class PeopleMentioned:
    comment_id: UUID
    user_ids: tuple[UUID, ...]
    author: str
    title: str
    path: str


@dataclass(frozen=True)
class TaskAssigned:
    task_id: UUID
    assignee_id: UUID
    author: str
    title: str
    path: str


@dataclass(frozen=True)
class WorkRequested:
    work_id: UUID


@dataclass(frozen=True)
class WorkEnded:
    work_id: UUID
    kind: str
    requested_by_id: UUID | None
    has_failed: bool
    ended_at: datetime
