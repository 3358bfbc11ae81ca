"""How often somebody may ask: a bucket for each key, in the database, so that all processes count together.

A bucket holds `burst` calls and is filled again at `per_minute`. It is one row with one moment, `full_at`: when the bucket
would be full again. A call moves it on by the time that one call takes to fill, and is refused when that would lie further
ahead than the whole bucket takes (the generic cell rate algorithm, ITU-T I.371). One statement, so that calls at the same
moment cannot pass together; it runs outside of any scope, before there is an actor, and a refused use case counts too.

    per_minute=60, burst=10:   10 calls at once pass, the 11th waits 1 s, then one a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection

from buoy.core.models import RateLimit

_TAKE = """
with step as (select %(one)s * interval '1 microsecond' as one, %(all)s * interval '1 microsecond' as whole)
insert into core_ratelimit as bucket (key, full_at) select %(key)s, %(now)s + one from step
on conflict (key) do update set full_at = greatest(bucket.full_at, %(now)s) + (select one from step)
where greatest(bucket.full_at, %(now)s) + (select one from step) <= %(now)s + (select whole from step)
returning 0
"""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rate:
    """So many calls a minute in the long run, and so many at once."""

    per_minute: int
    burst: int

    @property
    def one(self) -> timedelta:
        """How long a bucket takes to fill by one call."""
        return timedelta(minutes=1) / self.per_minute


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
