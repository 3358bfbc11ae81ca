"""How often somebody may ask: a bucket for each key, in the database, so that all processes count together.

A bucket holds `burst` calls and is filled again at `per_minute`. It is one row with one moment, `full_at`: when the bucket
would be full again. A call moves it on by the time that one call takes to fill, and is refused when that would lie further
ahead than the whole bucket takes (the generic cell rate algorithm, ITU-T I.371). One statement, so that calls at the same
moment cannot pass together; it runs outside of any scope, before there is an actor, and a refused use case counts too.

    per_minute=60, burst=10:   10 calls at once pass, the 11th waits 1 s, then one a second.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.utils.translation import gettext_lazy as _

from buoy.core.errors import DomainError, Kind
from buoy.core.models import RateLimit

_TAKE = """
with step as (select %(one)s * interval '1 microsecond' as one, %(all)s * interval '1 microsecond' as whole)
insert into core_ratelimit as bucket (key, full_at) select %(key)s, %(now)s + one from step
on conflict (key) do update set full_at = greatest(bucket.full_at, %(now)s) + (select one from step)
where greatest(bucket.full_at, %(now)s) + (select one from step) <= %(now)s + (select whole from step)
returning 0
"""
_MICROSECOND = timedelta(microseconds=1)


BURST_SECONDS = 20
"""So many seconds' worth of calls may come at once."""


class TooManyCalls(DomainError):
    """`seconds`: how long to wait."""

    kind = Kind.TOO_MANY
    code = "too-many-calls"
    message = _("There were too many calls in a short time. Try again in %(seconds)s seconds.")


@dataclass(frozen=True)
class Rate:
    """So many calls a minute in the long run, and so many at once."""

    per_minute: int
    burst: int

    @property
    def one(self) -> timedelta:
        """How long a bucket takes to fill by one call."""
        return timedelta(minutes=1) / self.per_minute


def count(key: str, per_minute: int, *, now: datetime) -> None:
    """Count a call of the key, which may make so many a minute and a third of them at once. Raises TooManyCalls."""
    if seconds := take(key, _rate(per_minute), now=now):
        raise TooManyCalls(seconds=seconds)


def _rate(per_minute: int) -> Rate:
    return Rate(per_minute=per_minute, burst=max(1, per_minute * BURST_SECONDS // 60))


class Buckets:
    """The same buckets in the memory of one process, for what is asked so often that it must not cost a statement.

    Each process counts by itself, so that somebody may ask as many times as much as there are processes.
    """

    _MOST = 10_000

    def __init__(self) -> None:
        self._full_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def count(self, key: str, per_minute: int, *, now: datetime) -> None:
        """As `count` of this module. Raises TooManyCalls."""
        rate = _rate(per_minute)
        with self._lock:
            if len(self._full_at) > self._MOST:
                self._full_at = {each: full_at for each, full_at in self._full_at.items() if full_at > now}
            full_at = max(self._full_at.get(key, now), now) + rate.one
            wait = full_at - (now + rate.one * rate.burst)
            if wait > timedelta(0):
                raise TooManyCalls(seconds=max(1, ceil(wait.total_seconds())))
            self._full_at[key] = full_at


def take(key: str, rate: Rate, *, now: datetime) -> int:
    """Take one call out of the key's bucket: 0 when it may pass, else the whole seconds to wait before the next try."""
    one = rate.one // _MICROSECOND
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "now": now, "one": one, "all": one * rate.burst})
        if cursor.fetchone():
            return 0
    full_at = RateLimit.objects.values_list("full_at", flat=True).filter(key=key).first() or now
    wait = full_at + rate.one - (now + rate.one * rate.burst)
    return max(1, ceil(wait.total_seconds()))


def forget(*, before: datetime) -> None:
    """Remove buckets that were full at the moment: they are as good as new."""
    RateLimit.objects.filter(full_at__lt=before).delete()
