"""Decisions of the workspace: which files are taken, what people are told and how, when a digest is due."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath

MEGABYTE = 1 << 20
LARGEST_FILE = 25 * MEGABYTE
NAME_LENGTH = 200
DIGEST_HOUR = 8
REMINDER_HOUR = 7
"""Before the digest, so that a reminder is in the one of the same morning."""
EDITABLE = timedelta(minutes=30)
"""How long the words of a comment can be changed: until others have most likely read them."""

# --- Files -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of file: its content type and how its content begins (nothing stands for text)."""

    content_type: str
    begins: tuple[bytes, ...] = ()


_OFFICE = (b"PK\x03\x04",)
KINDS = {
    "pdf": Kind("application/pdf", (b"%PDF-",)),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": Kind("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": Kind("image/webp", (b"RIFF",)),
    "docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _OFFICE),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _OFFICE),
    "pptx": Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", _OFFICE),
    "zip": Kind("application/zip", _OFFICE),
    "csv": Kind("text/csv"),
    "txt": Kind("text/plain"),
    "md": Kind("text/markdown"),
}
"""What is taken, by the ending of the name. SVG and HTML are not: a browser would run what is written in them."""


class Refusal(enum.Enum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    NOT_WHAT_IT_SAYS = "not_what_it_says"


def ending(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def refuse_file(*, name: str, size: int, head: bytes) -> Refusal | None:
    """Why not to take a file of this name and size whose content begins with `head`; None to take it."""
    kind = KINDS.get(ending(name))
    if size == 0:
        return Refusal.EMPTY
    if size > LARGEST_FILE:
        return Refusal.TOO_LARGE
    if kind is None:
        return Refusal.UNKNOWN_KIND
    if kind.begins and not head.startswith(kind.begins):
        return Refusal.NOT_WHAT_IT_SAYS
    if not kind.begins and b"\x00" in head:
        return Refusal.NOT_WHAT_IT_SAYS
    return None


def clean_name(name: str) -> str:
    """The name as it is shown and offered for saving: no folders, no control characters, not too long."""
    bare = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rpartition("/")[2]).strip(
        ". "
    )
    stem, dot, end = bare.rpartition(".")
    return f"{stem[: NAME_LENGTH - len(end) - 1]}{dot}{end}" if dot else bare[:NAME_LENGTH]


# --- Notifications ---------------------------------------------------------------------------------------------


class Channel(enum.Enum):
    """How somebody wants to be told. In the application it always stands, unless they want nothing."""

    NOTHING = "nothing"
    APPLICATION = "application"
    DIGEST = "digest"
    EMAIL = "email"


NOTICES = {
    "mentioned": Channel.EMAIL,
    "task_assigned": Channel.EMAIL,
    "task_due": Channel.DIGEST,
    "role_changed": Channel.EMAIL,
    "work_done": Channel.APPLICATION,
    "work_failed": Channel.EMAIL,
}
"""Everything that people are told, with the way that counts until they choose another."""


def digest_is_due(*, local_now: datetime, last_sent: datetime | None) -> bool:
    """Once a day, at eight in the morning where the reader is, and later that day if the hour was missed."""
    if local_now.hour < DIGEST_HOUR:
        return False
    return last_sent is None or last_sent.astimezone(local_now.tzinfo).date() < local_now.date()


def reminder_is_due(*, local_now: datetime, due_date: date) -> bool:
    """From seven in the morning of the day on which a task is due, where its reader is."""
    return local_now.date() > due_date or (local_now.date() == due_date and local_now.hour >= REMINDER_HOUR)


# --- What is not shown again -----------------------------------------------------------------------------------

TOUR = "tour"
PUT_AWAY = (TOUR,)
"""Everything that somebody can put away for good, until they ask for it again."""

# --- Comments --------------------------------------------------------------------------------------------------


def may_edit(*, created_at: datetime, now: datetime) -> bool:
    """Whether the words of a comment can still be changed by who wrote them."""
    return now - created_at < EDITABLE


def mentions(text: str, names: dict[str, str]) -> set[str]:
    """The ids of those whose name stands in the text after an `@`; `names` holds names by id.

    The longest name counts: `@Ana Maria` is not `@Ana`.
    """
    found, rest = set(), text
    for user_id, name in sorted(names.items(), key=lambda item: -len(item[1])):
        mark = re.compile(rf"(?<!\w)@{re.escape(name)}(?!\w)", re.IGNORECASE)
        if mark.search(rest):
            found.add(user_id)
            rest = mark.sub(" ", rest)
    return found


# --- Long work -------------------------------------------------------------------------------------------------


class State(enum.Enum):
    """Where a piece of long work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (State.DONE, State.FAILED, State.CANCELLED)
MAIL_LOST_AFTER_SECONDS = 300
"""A mail that was begun so long ago and is not noted as sent has lost its process."""
LOST_AFTER_SECONDS = 60
"""Work that has not moved for so long has lost its worker."""
MOST_ATTEMPTS = 3
