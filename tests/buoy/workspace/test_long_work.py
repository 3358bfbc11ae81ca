"""Long work is a row: it is done once, survives its worker, shows how far it is, and can be stopped."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from buoy.core import clock
from buoy.core.errors import NotAllowed, NotFound, Stale
from buoy.core.scope import acting
from buoy.core.work import Do, Order, Progress
from buoy.domains.workspace import actions, jobs, queries
from buoy.domains.workspace.models import Notification, Work
from buoy.domains.workspace.policy import MOST_ATTEMPTS
from tests.cast import JOB, Cast

LATER = timedelta(minutes=5)
KINDS: dict[str, Do] = {}


@pytest.fixture
def done(settings: Any) -> Iterator[list[str]]:
    """The kinds `count` (counts to three) and `break`, and what they did."""
    said: list[str] = []

    def count(order: Order, progress: Progress) -> str:
        for step in range(3):
            progress(step, 3)
            said.append(order.params["word"])
        return "/result"

    def fail(order: Order, progress: Progress) -> str:
        raise OSError("the disk is full")

    KINDS.update({"count": count, "break": fail})
    settings.KINDS_OF_WORK = f"{__name__}.KINDS"
    yield said
    KINDS.clear()


def request(actor: Any, kind: str = "count") -> Any:
    return actions.request_work(actor, kind=kind, params={"word": "tick"}, now=clock.now())


def state(work_id: Any) -> tuple[str, int, int | None]:
    with acting(JOB):
        row = Work.objects.get(id=work_id)
    return row.state, row.done, row.total


def test_work_is_done_once(cast: Cast, done: list[str]) -> None:
    work_id = request(cast.mei)
    for _again in range(2):
        jobs.run_work(work_id=str(work_id))
    assert done == ["tick"] * 3
    assert state(work_id) == ("done", 2, 3)


def test_who_asked_is_told(cast: Cast, done: list[str]) -> None:
    jobs.run_work(work_id=str(request(cast.mei)))
    jobs.run_work(work_id=str(request(cast.rita, "break")))
    with acting(JOB):
        told = set(Notification.objects.values_list("user_id", "kind"))
    assert told == {(cast.mei.user_id, "work_done"), (cast.rita.user_id, "work_failed")}


def test_work_that_fails_says_why_and_can_be_repeated_by_an_administrator(cast: Cast, done: list[str]) -> None:
    work_id = request(cast.mei, "break")
    jobs.run_work(work_id=str(work_id))
    with acting(cast.mei):
        assert queries.work_row(cast.mei, work_id=work_id).error == "the disk is full"
    with pytest.raises(NotAllowed):
        actions.repeat_work(cast.mei, work_id=work_id, now=clock.now())
    actions.repeat_work(cast.ada, work_id=work_id, now=clock.now())
    assert state(work_id)[0] == "waiting"


def claim(work_id: Any, now: Any) -> Work | None:
    return actions.claim_work(JOB, work_id=work_id, lost_before=now - timedelta(seconds=60), now=now)


def test_work_of_a_dead_worker_is_taken_over_and_the_dead_one_cannot_come_back(cast: Cast, done: list[str]) -> None:
    work_id, now = request(cast.mei), clock.now()
    first = claim(work_id, now)
    assert first is not None
    assert claim(work_id, now) is None
    second = claim(work_id, now + LATER)
    assert second is not None
    say = partial(actions.move_work, JOB, done=1, total=3, now=now)
    assert (say(work=first), say(work=second)) == (False, True)
    actions.end_work(JOB, work=first, result_path="/wrong", now=now)
    assert state(work_id)[0] == "running"


def test_what_was_left_behind_is_found(cast: Cast, done: list[str]) -> None:
    work_id, now = request(cast.mei), clock.now()
    with acting(JOB):
        assert queries.work_left_behind(JOB, before=now - LATER) == []
        assert queries.work_left_behind(JOB, before=now + LATER) == [work_id]


def test_work_that_kills_its_workers_is_given_up(cast: Cast, done: list[str]) -> None:
    work_id, now = request(cast.mei), clock.now()
    for turn in range(MOST_ATTEMPTS):
        assert claim(work_id, now + turn * LATER) is not None
    assert claim(work_id, now + MOST_ATTEMPTS * LATER) is None
    actions.give_up_work(JOB, lost_before=now + MOST_ATTEMPTS * LATER, now=now + MOST_ATTEMPTS * LATER)
    assert state(work_id)[0] == "failed"


def test_cancelled_work_stops_at_its_next_word(cast: Cast, done: list[str]) -> None:
    work_id = request(cast.mei)

    def cancelled(order: Order, progress: Progress) -> str:
        progress(1, 2)
        actions.cancel_work(cast.mei, work_id=work_id, now=clock.now())
        progress(2, 2)
        raise AssertionError("it went on")

    KINDS["count"] = cancelled
    jobs.run_work(work_id=str(work_id))
    assert state(work_id) == ("cancelled", 1, 2)
    with pytest.raises(Stale):
        actions.cancel_work(cast.mei, work_id=work_id, now=clock.now())


def test_work_is_seen_by_who_asked_and_who_watches(cast: Cast, done: list[str]) -> None:
    work_id = request(cast.rita)
    for who in (cast.rita, cast.ada):
        with acting(who):
            assert [row.id for row in queries.work_rows(who)] == [work_id]
    for who in (cast.ramon, cast.otto, cast.mei):
        with acting(who), pytest.raises(NotFound):
            queries.work_row(who, work_id=work_id)
