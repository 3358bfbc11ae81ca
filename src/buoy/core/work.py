"""Long work, and what does it: a room has a function for each kind of its own; `wiring` holds the map.

The row, its states and its progress are the workspace's. A function gets what was asked for and says now and then how
far it is, which also tells the others that it is alive; it is done at least once, so it must not mind a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Order:
    """What somebody asked for."""

    id: UUID
    kind: str
    params: dict[str, str]
    partner_id: UUID | None
    requested_by_id: UUID | None


class Stopped(Exception):
    """The work was cancelled, or another worker has it: what was raised by `progress` ends the function."""


Progress = Callable[[int, int | None], None]
"""Says how much is done, out of how much (None: unknown). Raises Stopped."""
Do = Callable[[Order, Progress], str]
"""Does the work; returns the address of its result, or nothing."""


def do(order: Order, progress: Progress) -> str:
    """Raises KeyError for a kind that nobody does, and whatever its function raises."""
    kinds: Mapping[str, Do] = import_string(settings.KINDS_OF_WORK)
    return kinds[order.kind](order, progress)
