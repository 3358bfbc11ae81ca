"""Somebody is asked to do something, is told, and finds it waiting."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from buoy.core.errors import NotFound, Stale
from buoy.core.scope import acting
from buoy.domains.workspace import actions, queries
from buoy.domains.workspace.models import Notification
from tests.buoy.workspace.conftest import NOW
from tests.cast import JOB, Cast

TODAY = date(2026, 6, 1)


@pytest.fixture
def ask(cast: Cast) -> Any:
    return partial(actions.add_task, subject_type="partner", subject_id=cast.alpha.id, now=NOW)


def waiting(actor: Any) -> list[tuple[str, bool]]:
    with acting(actor):
        return [(row.title, row.is_overdue) for row in queries.tasks_waiting_for(actor, today=TODAY)]


def test_a_task_waits_for_whom_it_was_given_to(cast: Cast, ask: Any) -> None:
    ask(cast.mei, title="Send the contract", assignee_id=cast.ramon.user_id, due_date=date(2026, 5, 31))
    ask(cast.mei, title="Call back", assignee_id=cast.ramon.user_id)
    ask(cast.mei, title="Meet", assignee_id=cast.ramon.user_id, due_date=date(2026, 6, 1))
    assert waiting(cast.ramon) == [("Send the contract", True), ("Meet", False), ("Call back", False)]
    assert waiting(cast.rita) == []


def test_who_gets_a_task_is_told_and_who_takes_one_is_not(cast: Cast, ask: Any) -> None:
    ask(cast.mei, title="Send the contract", assignee_id=cast.ramon.user_id)
    ask(cast.mei, title="Check it", assignee_id=cast.mei.user_id)
    with acting(JOB):
        assert list(Notification.objects.values_list("user_id", "kind")) == [(cast.ramon.user_id, "task_assigned")]


def test_a_task_is_not_given_to_somebody_who_does_not_see_the_thing(cast: Cast, ask: Any) -> None:
    for who, assignee in ((cast.mei, cast.otto), (cast.rita, cast.mei)):
        with pytest.raises(actions.UnknownAssignee):
            ask(who, title="Spy", assignee_id=assignee.user_id)


def test_an_internal_task_is_not_given_to_a_partner(cast: Cast, ask: Any) -> None:
    with pytest.raises(actions.UnknownAssignee):
        ask(cast.mei, title="Look into them", assignee_id=cast.ramon.user_id, is_internal=True)


def test_a_task_is_done_once(cast: Cast, ask: Any) -> None:
    task_id = ask(cast.mei, title="Send the contract", assignee_id=cast.ramon.user_id)
    with pytest.raises(NotFound):
        actions.finish_task(cast.otto, task_id=task_id, now=NOW)
    actions.finish_task(cast.ramon, task_id=task_id, now=NOW)
    with pytest.raises(Stale):
        actions.finish_task(cast.rita, task_id=task_id, now=NOW)
    assert waiting(cast.ramon) == []
