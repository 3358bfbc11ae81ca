"""What a comment, a file or a task is about, without knowing the room that it stands in.

A room says for each type of its things how an actor finds one (`wiring` holds the map); the workspace asks here and gets
the title, the address and the partner whose thing it is, or `NotFound`. So one comment panel serves every room, and who
may not see the thing may not see what is said about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from buoy.core.actor import Actor
from buoy.core.errors import NotFound


@dataclass(frozen=True)
class Subject:
    """`partner_id` is empty for what belongs to the vendor alone."""

    type: str
    id: UUID
    partner_id: UUID | None
    title: str
    path: str
    """Where the actor sees it."""

    @property
    def link(self) -> str:
        """An address that leads everybody to where they see it, whatever their face."""
        return f"/open/{self.type}/{self.id}"


Find = Callable[[Actor, UUID], Subject]


@cache
def _finders() -> Mapping[str, Find]:
    """The map of `buoy.wiring`, which stands above and is therefore known by name only."""
    wired: Mapping[str, Find] = import_string(settings.SUBJECT_FINDERS)
    return wired


def find_subject(actor: Actor, *, subject_type: str, subject_id: UUID) -> Subject:
    """Raises NotFound for a type that is not known and for a thing that the actor does not see."""
    find = _finders().get(subject_type)
    if find is None:
        raise NotFound
    return find(actor, subject_id)
