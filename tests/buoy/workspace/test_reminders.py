"""People are reminded of their tasks once, on the morning of the day on which they are due, where they are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from procrastinate.contrib.django import app

from buoy.core import clock
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.workspace import actions, jobs, policy
from buoy.domains.workspace.models import Notification, Task
from tests.buoy.workspace.conftest import NOW
from tests.cast import JOB, Cast

DUE = date(2026, 6, 10)


@pytest.fixture
def task(cast: Cast) -> UUID:
    return actions.add_task(
        cast.mei,
        subject_type="partner",
        subject_id=cast.alpha.id,
        title="Send the logo",
        assignee_id=cast.rita.person,
        due_date=DUE,
        now=NOW,
    )


def sweep(monkeypatch: pytest.MonkeyPatch, *moments: datetime) -> list[tuple[Any, ...]]:
    """Let the job run at these moments; who was reminded of what since."""
    for moment in moments:
        monkeypatch.setattr(clock, "now", lambda at=moment: at)
        jobs.remind_of_tasks(timestamp=int(moment.timestamp()))
    with acting(JOB):
        return list(Notification.objects.filter(kind="task_due").values_list("user_id", "params", "path"))


def test_the_reader_is_reminded_once(cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    morning = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
    assert sweep(monkeypatch, morning - timedelta(minutes=1)) == []
    reminded = [(cast.rita.user_id, {"title": "Send the logo"}, f"/open/partner/{cast.alpha.id}")]
    assert sweep(monkeypatch, morning) == reminded
    assert sweep(monkeypatch, morning + timedelta(minutes=15), morning + timedelta(days=3)) == reminded


@pytest.mark.parametrize(
    ("zone", "morning"),
    [
        ("Asia/Jakarta", datetime(2026, 6, 10, 0, 0, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 6, 9, 17, 0, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 6, 10, 14, 0, tzinfo=UTC)),
    ],
)
def test_the_morning_is_that_of_where_the_reader_is(
    cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch, zone: str, morning: datetime
) -> None:
    User.objects.filter(id=cast.rita.person).update(time_zone=zone)
    assert sweep(monkeypatch, morning - timedelta(minutes=15)) == []
    assert len(sweep(monkeypatch, morning)) == 1


def test_what_is_done_is_not_called_due(cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.finish_task(cast.rita, task_id=task, now=NOW)
    assert sweep(monkeypatch, datetime(2026, 6, 11, tzinfo=UTC)) == []


def test_who_is_gone_is_not_reminded(cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(id=cast.rita.person).update(is_active=False)
    assert sweep(monkeypatch, datetime(2026, 6, 11, tzinfo=UTC)) == []


def test_a_morning_that_nobody_swept_is_made_up_for(cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(sweep(monkeypatch, datetime(2026, 6, 20, 3, tzinfo=UTC))) == 1


def test_a_failure_after_the_claim_cannot_lose_the_reminder(
    cast: Cast, task: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "_told", fail)
        with pytest.raises(RuntimeError):
            actions.remind(JOB, task_id=task, now=NOW)
    with acting(JOB):
        assert Task.objects.get(id=task).reminded_at is None


def test_the_worker_has_it_in_its_timetable() -> None:
    turns = {periodic.task.name: periodic.cron for periodic in app.periodic_registry.periodic_tasks.values()}
    assert turns["workspace.remind_of_tasks"] == "*/15 * * * *"


def test_a_reminder_is_in_the_digest_of_the_same_morning() -> None:
    assert policy.REMINDER_HOUR < policy.DIGEST_HOUR
