"""What is said and kept beside things, for programs. A thing is named by its type and id: `partner/0198…`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Path, Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.core.subjects import find_subject
from buoy.domains.workspace import actions, queries

router = Router()


class ThingIn(Schema):
    """What it is about."""

    subject_type: Annotated[Text, Field(max_length=40)] = Field(description="`partner`.")
    subject_id: UUID


class CommentIn(Schema):
    """What is to be said."""

    text: Annotated[Text, Field(min_length=1, max_length=10_000)]
    is_internal: bool = Field(False, description="For the vendor's people only. A partner's comments never are.")


class CommentOut(Schema):
    """One comment; the text is empty once it was removed."""

    id: UUID
    author: str
    text: str
    is_internal: bool
    is_own: bool
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None


class FileOut(Schema):
    """What is known of a file, without its content."""

    id: UUID
    name: str
    content_type: str
    size: int = Field(description="In bytes.")
    author: str
    is_internal: bool
    created_at: datetime


class MadeOut(Schema):
    """What was made."""

    id: UUID


@router.get("/{subject_type}/{uuid:subject_id}/comments", response=Page[CommentOut])
def list_comments(request: Request, thing: Path[ThingIn], paging: Query[Paging]) -> Any:
    """The conversation about a thing that the caller sees, oldest first."""
    with acting(request.actor, read_only=True):
        subject = find_subject(request.actor, **thing.dict())
        rows = queries.conversation(request.actor, subject=subject)
        show = partial(queries.comment_row, request.actor, now=clock.now())
        return page(rows, order=["created_at", "id"], paging=paging, show=show)


@router.post("/{subject_type}/{uuid:subject_id}/comments", response={201: MadeOut})
def add_comment(request: Request, thing: Path[ThingIn], comment: CommentIn) -> Status[dict[str, UUID]]:
    """Say something about a thing that the caller sees."""
    made = actions.add_comment(
        request.actor, **thing.dict(), text=comment.text, is_internal=comment.is_internal, now=clock.now()
    )
    return Status(201, {"id": made})


@router.get("/{subject_type}/{uuid:subject_id}/files", response=Page[FileOut])
def list_files(request: Request, thing: Path[ThingIn], paging: Query[Paging]) -> Any:
    """The files beside a thing that the caller sees, newest first."""
    with acting(request.actor, read_only=True):
        subject = find_subject(request.actor, **thing.dict())
        rows = queries.files_of(request.actor, subject=subject)
        show = partial(queries.file_row, request.actor)
        return page(rows, order=["-created_at", "-id"], paging=paging, show=show)
