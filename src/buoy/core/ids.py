"""Identifiers: UUID version 7 (RFC 9562), opaque to people and sorted by the moment they were made.

Made here and not by the database, since PostgreSQL 16 and 17 cannot, and an action knows the id of a row before it is
written. They are names, not secrets: what a person may see is decided by rows, never by an id that is hard to guess.
"""

from __future__ import annotations

import secrets
import time
import uuid

_VERSION = 7 << 76
_VARIANT = 2 << 62


def new_id() -> uuid.UUID:
    """48 bits of milliseconds, then 74 random bits."""
    moment = time.time_ns() // 1_000_000 << 80
    randomness = secrets.randbits(74)
    return uuid.UUID(int=moment | _VERSION | (randomness >> 62) << 64 | _VARIANT | randomness & (1 << 62) - 1)
