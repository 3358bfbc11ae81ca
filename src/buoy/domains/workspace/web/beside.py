"""What is done beside a thing: comments, files, tasks. Each answers with the way back to the thing."""

from __future__ import annotations

import itertools
import logging
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from buoy.core import clock
from buoy.core.actor import Face
from buoy.core.errors import DomainError, Kind
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.core.subjects import find_subject
from buoy.domains.workspace import actions, queries
from buoy.domains.workspace.forms import CommentForm, FileForm, TaskForm

log = logging.getLogger(__name__)
INSIDE = (Face.DESK, Face.PARTNER)


@require_safe
@door(INSIDE, "comments.view")
def open_subject(request: Request, subject_type: str, subject_id: UUID) -> HttpResponse:
    """From an address that fits everybody to the one where this actor sees the thing."""
    with acting(request.actor, read_only=True):
        subject = find_subject(request.actor, subject_type=subject_type, subject_id=subject_id)
    return redirect(subject.path)


@require_POST
@door(INSIDE, "comments.write")
def comment(request: Request, subject_type: str, subject_id: UUID) -> HttpResponse:
    form = CommentForm(request.POST)
    if form.is_valid():
        actions.add_comment(
            request.actor, subject_type=subject_type, subject_id=subject_id, **form.cleaned_data, now=clock.now()
        )
    else:
        _complain(request, form)
    return _back(request, subject_type, subject_id, "comments")


@require_POST
@door(INSIDE, "comments.write")
def edit_comment(request: Request, subject_type: str, subject_id: UUID, comment_id: UUID) -> HttpResponse:
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            actions.edit_comment(request.actor, comment_id=comment_id, text=form.cleaned_data["text"], now=clock.now())
        except actions.TooLateToEdit as error:
            messages.error(request, str(error))
    else:
        _complain(request, form)
    return _back(request, subject_type, subject_id, "comments")


@require_POST
@door(INSIDE, "comments.write")
def remove_comment(request: Request, subject_type: str, subject_id: UUID, comment_id: UUID) -> HttpResponse:
    actions.remove_comment(request.actor, comment_id=comment_id, now=clock.now())
    return _back(request, subject_type, subject_id, "comments")


@require_POST
@door(INSIDE, "files.write")
def add_file(request: Request, subject_type: str, subject_id: UUID) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        _complain(request, form)
        return _back(request, subject_type, subject_id, "files")
    upload = cast(UploadedFile, form.cleaned_data["file"])
    try:
        actions.add_file(
            request.actor,
            storage=storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data),
            subject_type=subject_type,
            subject_id=subject_id,
            name=upload.name or "",
            size=upload.size or 0,
            content=upload,  # type: ignore[arg-type]
            is_internal=form.cleaned_data["is_internal"],
            now=clock.now(),
        )
        messages.success(request, _("The file was added."))
    except DomainError as error:
        if error.kind is not Kind.INVALID:
            raise
        messages.error(request, str(error))
    return _back(request, subject_type, subject_id, "files")


@require_safe
@door(INSIDE, "files.view")
def read_file(request: Request, file_id: UUID) -> StreamingHttpResponse:
    """The bytes, to be saved and never shown within our pages: what a stranger wrote must not act as if it were ours."""
    with acting(request.actor, read_only=True):
        row, key = queries.file_to_read(request.actor, file_id=file_id)
    pieces = storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data).read(key)
    try:
        # The first piece before the answer begins: later it could no longer be another answer.
        begins = next(pieces, b"")
    except FileNotFoundError:
        log.error("file %s is missing in the storage, where it should lie under %s", row.id, key)
        raise actions.FileLost(name=row.name) from None
    response = StreamingHttpResponse(itertools.chain([begins], pieces), content_type=row.content_type)
    response["Content-Length"] = str(row.size)
    response["Content-Disposition"] = content_disposition_header(True, row.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@door(INSIDE, "files.write")
def remove_file(request: Request, subject_type: str, subject_id: UUID, file_id: UUID) -> HttpResponse:
    actions.remove_file(request.actor, file_id=file_id, now=clock.now())
    return _back(request, subject_type, subject_id, "files")


@require_POST
@door(INSIDE, "tasks.write")
def add_task(request: Request, subject_type: str, subject_id: UUID) -> HttpResponse:
    form = TaskForm(request.POST)
    if form.is_valid():
        asked = dict(form.cleaned_data)
        try:
            actions.add_task(
                request.actor,
                subject_type=subject_type,
                subject_id=subject_id,
                assignee_id=asked.pop("assignee"),
                **asked,
                now=clock.now(),
            )
        except actions.UnknownAssignee as error:
            messages.error(request, str(error))
    else:
        _complain(request, form)
    return _back(request, subject_type, subject_id, "tasks")


@require_POST
@door(INSIDE, "tasks.write")
def finish_task(request: Request, subject_type: str, subject_id: UUID, task_id: UUID) -> HttpResponse:
    actions.finish_task(request.actor, task_id=task_id, now=clock.now())
    return _back(request, subject_type, subject_id, "tasks")


def _complain(request: Request, form: Form) -> None:
    for field, errors in form.errors.items():
        messages.error(request, f"{form.fields[field].label or field}: {' '.join(str(error) for error in errors)}")


def _back(request: Request, subject_type: str, subject_id: UUID, part: str) -> HttpResponse:
    with acting(request.actor, read_only=True):
        subject = find_subject(request.actor, subject_type=subject_type, subject_id=subject_id)
    return redirect(f"{subject.path}#{part}")
