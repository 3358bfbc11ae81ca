"""Handlers hear of what happened after the commit; one that fails is tried again by a job."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from buoy.core import clock, events
from buoy.core.events import name_of, publish
from buoy.core.models import PendingEvent
from buoy.core.scope import NoScope, acting
from tests.cast import JOB

pytestmark = pytest.mark.usefixtures("committed")

heard: list[object] = []
failing: list[bool] = []


@dataclass(frozen=True)
class ThingHappened:
    thing_id: UUID
    on: date


def first(event: ThingHappened) -> None:
    if failing:
        raise RuntimeError("the mail server is away")
    heard.append(event)


def second(event: ThingHappened) -> None:
    with acting(JOB):  # A handler that reads or writes opens a scope of its own.
        heard.append("second")


HANDLERS = {ThingHappened: (first, second)}


@pytest.fixture(autouse=True)
def wired(settings: object) -> Iterator[None]:
    settings.EVENT_HANDLERS = f"{__name__}.HANDLERS"  # type: ignore[attr-defined]
    events.handlers.cache_clear()
    heard.clear()
    failing.clear()
    yield
    events.handlers.cache_clear()


@pytest.fixture
def queue() -> Iterator[testing.InMemoryConnector]:
    connector = testing.InMemoryConnector()
    with app.replace_connector(connector):
        yield connector


def happened() -> ThingHappened:
    return ThingHappened(thing_id=uuid4(), on=date(2026, 6, 1))


def test_handlers_are_called_in_order_after_the_commit() -> None:
    event = happened()
    with acting(JOB):
        publish(event)
        assert heard == []
    assert heard == [event, "second"]


def test_nobody_hears_of_what_was_undone() -> None:
    with contextlib.suppress(ZeroDivisionError), acting(JOB):
        publish(happened())
        raise ZeroDivisionError
    assert heard == []


def test_nothing_is_published_outside_of_a_scope() -> None:
    with pytest.raises(NoScope):
        publish(happened())


def test_a_handler_that_fails_stops_no_other_and_is_tried_again_by_a_job(
    queue: testing.InMemoryConnector, caplog: pytest.LogCaptureFixture
) -> None:
    event = happened()
    failing.append(True)
    with acting(JOB):
        publish(event)
    assert heard == ["second"]
    assert "failed on ThingHappened" in caplog.text
    assert "the mail server is away" in caplog.text
    failing.clear()
    app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert heard == ["second", event]


def left_behind() -> int:
    with acting(JOB, read_only=True):
        return PendingEvent.objects.count()


def test_an_event_whose_process_ended_after_the_commit_is_told_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    event = happened()
    # What is to be done after the commit is lost, as it is when the process is killed there.
    monkeypatch.setattr(events, "after_commit", lambda do: None)
    with acting(JOB):
        publish(event)
    assert (heard, left_behind()) == ([], 1)
    events.deliver_left_behind(timestamp=0)
    assert heard == [], "another process may be about to tell it"
    later = clock.now() + timedelta(seconds=events.LEFT_BEHIND_SECONDS + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    events.deliver_left_behind(timestamp=0)
    assert (heard, left_behind()) == ([event, "second"], 0)


def test_an_event_that_was_told_is_not_kept() -> None:
    with acting(JOB):
        publish(happened())
    assert left_behind() == 0


def test_a_job_for_a_handler_that_is_gone_says_so() -> None:
    with pytest.raises(LookupError, match=r"no handler x of .*ThingHappened any more"):
        events.deliver_again(event=name_of(ThingHappened), handler="x", payload="{}")
