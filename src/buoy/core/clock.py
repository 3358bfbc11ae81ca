"""The only place that asks what time it is. Everything else is told: `now` is a parameter of every action."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
