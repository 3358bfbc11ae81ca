"""What a check found."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.Enum):
    """How it stands."""

    FINE = "fine"
    LOOK = "look"
    """Works, and somebody should know."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One check, and what it found, with what to do when it is not fine."""

    check: str
    state: State
    found: str
