"""A bucket lets a burst pass, then as many as it is filled with, whoever counts at the same time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from buoy.core import limits
from buoy.core.limits import Rate, take
from buoy.core.models import RateLimit

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RATE = Rate(per_minute=60, burst=10)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.django_db
def test_a_burst_passes_and_then_one_a_second() -> None:
    assert [take("a", RATE, now=NOW) for _ in range(12)] == [0] * 10 + [1, 1]
    assert [take("a", RATE, now=after(1)) for _ in range(2)] == [0, 1]
    assert [take("a", RATE, now=after(61)) for _ in range(11)] == [0] * 10 + [1]


@pytest.mark.django_db
def test_who_is_told_to_wait_may_pass_after_that_time() -> None:
    slow = Rate(per_minute=2, burst=1)
    assert take("a", slow, now=NOW) == 0
    wait = take("a", slow, now=after(7))
    assert wait == 23
    assert take("a", slow, now=after(7 + wait)) == 0


@pytest.mark.django_db
def test_each_key_has_a_bucket_of_its_own() -> None:
    one = Rate(per_minute=1, burst=1)
    assert (take("a", one, now=NOW), take("b", one, now=NOW), take("a", one, now=NOW)) == (0, 0, 60)


@pytest.mark.django_db
def test_a_full_bucket_is_forgotten_and_no_other() -> None:
    take("old", RATE, now=NOW)
    take("new", RATE, now=after(100))
    limits.forget(before=after(50))
    assert list(RateLimit.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.usefixtures("committed")
def test_calls_at_the_same_moment_do_not_pass_together() -> None:
    passed: list[int] = []

    def ask() -> None:
        passed.extend(take("a", RATE, now=NOW) for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), passed.count(0)) == (60, 10)
