"""What a use case says when it cannot be done.

A `DomainError` is raised where the fact is found, named for it (`DealConflict`), and knows nothing of HTTP. Its `kind`
is one of a closed list, which `buoy.api.problems` maps to a status and the forms to a message; its `code` never changes,
so that programs may rely on it and a page in the documentation may explain it; `params` fill the message in the reader's
language. Something wrong *in data* is not an error but a problem, which is collected and shown.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(enum.Enum):
    """Every way in which a use case can fail."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    CONFLICT = "conflict"
    STALE = "stale"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


class DomainError(Exception):
    """The base of all: a subclass sets `kind`, `code` and `message`, a sentence with named places for the params."""

    kind: ClassVar[Kind]
    code: ClassVar[str]
    message: ClassVar[str | Promise]

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.params


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: the two are told apart nowhere."""

    kind = Kind.NOT_FOUND
    code = "not-found"
    message = _("This was not found. It may have been removed, or it may not be yours to see.")


class NotAllowed(DomainError):
    """The actor sees the thing and lacks the right to do this with it."""

    kind = Kind.NOT_ALLOWED
    code = "not-allowed"
    message = _("You do not have the right to do this. Ask an administrator of your organisation for it.")


class Stale(DomainError):
    """Somebody else was first."""

    kind = Kind.STALE
    code = "stale"
    message = _("Somebody has changed this in the meantime. Load it again, then repeat what you wanted to do.")
