"""An import outlives its worker, is stopped and goes on, and is never done twice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import Sum

from buoy.core.errors import NotAllowed, NotFound, Stale
from buoy.core.scope import acting
from buoy.domains.sales import jobs, policy
from buoy.domains.sales.actions import turns
from buoy.domains.sales.actions.moving import cancel_import, resume_import, start_import
from buoy.domains.sales.models import ImportBatch, Line, MonthTotal, StagedRow
from buoy.domains.sales.policy import State
from tests.buoy.sales.conftest import NOW, confirm, read, receive
from tests.cast import JOB, Cast

ROWS = 230
CONTENT = (
    "Invoice no,Line no,SKU,Qty,Unit price,Date,Customer\n"
    + "\n".join(f"A{n},1,P{n % 5},{n % 7},1.50,2026-0{n % 6 + 1}-05,C{n % 9}" for n in range(ROWS - 1))
    + "\nA,1,P1,x,1,2026-01-05,C1"
).encode()
SUM = Decimal(sum(n % 7 for n in range(ROWS - 1))) * Decimal("1.50")


class Killed(BaseException):
    """What a kill is to a program: no handler runs."""


@pytest.fixture(autouse=True)
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "ROWS_A_TURN", 20)


@pytest.fixture
def batch_id(cast: Cast) -> Any:
    made = receive(cast.mei, "a.csv", CONTENT)
    confirm(cast.mei, made)
    return made


def check_all_is_there(cast: Cast, batch_id: Any) -> None:
    done = read(cast.mei, batch_id)
    assert (done.state, done.rows, done.refused, done.new, done.same) == (State.DONE, ROWS, 1, ROWS - 1, 0)
    with acting(JOB):
        assert Line.objects.aggregate(sum=Sum("amount"))["sum"] == SUM
        assert MonthTotal.objects.aggregate(sum=Sum("amount"), lines=Sum("lines")) == {"sum": SUM, "lines": ROWS - 1}
        assert not Line.objects.filter(kind="sale", novelty="").exists()
        assert not StagedRow.objects.exists()


@pytest.mark.parametrize(
    "step, turn",
    [
        ("stage_rows", 1),
        ("stage_rows", 5),
        ("stage_rows", 12),
        ("finish_reading", 1),
        ("write_rows", 1),
        ("write_rows", 5),
        ("write_rows", 12),
        ("classify_lines", 1),
        ("finish_writing", 1),
    ],
)
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_worker_that_is_killed_leaves_whole_turns_and_the_next_goes_on(
    cast: Cast, batch_id: Any, step: str, turn: int, after: bool
) -> None:
    done, count = getattr(turns, step), 0

    def kill(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        result = done(*args, **kwargs) if after or count != turn else None
        if count == turn:
            raise Killed
        return result

    with patch.object(turns, step, kill):
        for _worker in range(2):
            try:
                jobs.work_on(batch_id=str(batch_id))
                if read(cast.mei, batch_id).state is State.READY:
                    start_import(cast.mei, batch_id=batch_id, now=NOW)
            except Killed:
                continue
    while read(cast.mei, batch_id).state is not State.DONE:
        if read(cast.mei, batch_id).state is State.READY:
            start_import(cast.mei, batch_id=batch_id, now=NOW)
        jobs.work_on(batch_id=str(batch_id))
    check_all_is_there(cast, batch_id)


def test_a_worker_that_was_thought_dead_changes_nothing(cast: Cast, batch_id: Any) -> None:
    jobs.work_on(batch_id=str(batch_id))
    start_import(cast.mei, batch_id=batch_id, now=NOW)
    with acting(JOB):
        sleeper = ImportBatch.objects.select_related("source").get(id=batch_id)
        other = ImportBatch.objects.select_related("source").get(id=batch_id)
    assert turns.write_rows(JOB, batch=other, now=NOW)
    assert not turns.write_rows(JOB, batch=sleeper, now=NOW)
    jobs.work_on(batch_id=str(batch_id))
    check_all_is_there(cast, batch_id)


def test_a_cancelled_import_keeps_what_is_written_and_goes_on(cast: Cast, batch_id: Any) -> None:
    jobs.work_on(batch_id=str(batch_id))
    start_import(cast.mei, batch_id=batch_id, now=NOW)
    write, count = turns.write_rows, 0

    def cancel_in_between(*args: Any, **kwargs: Any) -> bool:
        nonlocal count
        count += 1
        if count == 4:
            cancel_import(cast.mei, batch_id=batch_id, now=NOW)
        return write(*args, **kwargs)

    with patch.object(turns, "write_rows", cancel_in_between):
        jobs.work_on(batch_id=str(batch_id))
    stopped = read(cast.mei, batch_id)
    assert (stopped.state, stopped.new) == (State.CANCELLED, 60)
    with acting(JOB):
        assert Line.objects.count() == 60
    resume_import(cast.mei, batch_id=batch_id, now=NOW)
    jobs.work_on(batch_id=str(batch_id))
    check_all_is_there(cast, batch_id)


def test_a_second_yes_changes_nothing(cast: Cast, batch_id: Any) -> None:
    jobs.work_on(batch_id=str(batch_id))
    start_import(cast.mei, batch_id=batch_id, now=NOW)
    for again in (start_import, resume_import):
        with pytest.raises(Stale):
            again(cast.mei, batch_id=batch_id, now=NOW)
    jobs.work_on(batch_id=str(batch_id))
    with pytest.raises(Stale):
        cancel_import(cast.mei, batch_id=batch_id, now=NOW)
    check_all_is_there(cast, batch_id)


def test_others_neither_see_nor_move_an_import(cast: Cast) -> None:
    mine = receive(cast.ramon, "a.csv", CONTENT)
    for move in (start_import, cancel_import, resume_import):
        for who, error in ((cast.otto, NotFound), (cast.dana, NotFound), (cast.rita, NotAllowed)):
            with pytest.raises(error):
                move(who, batch_id=mine, now=NOW)


def test_what_was_left_behind_is_nudged_again(cast: Cast, batch_id: Any) -> None:
    nudged: list[str] = []

    def note(what: Any, **ids: str) -> None:
        nudged.append(ids["batch_id"])

    with acting(JOB):
        ImportBatch.objects.filter(id=batch_id).update(moved_at=NOW)
    with patch.object(jobs, "nudge", note):
        jobs.pick_up_imports(timestamp=0)
    assert nudged == [str(batch_id)]


Bring = Callable[..., Any]


def test_a_file_of_which_nothing_can_be_read_is_given_up_early(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, bring: Bring
) -> None:
    monkeypatch.setattr(policy, "HOPELESS_AFTER", 100)
    rows = "\n".join(f"{n},1,P,x,1,2026-01-05,C" for n in range(1000))
    done = bring(cast.mei, "a.csv", f"Invoice no,Line no,SKU,Qty,Unit price,Date,Customer\n{rows}".encode())
    assert (done.state, done.rows) == (State.FAILED, 100)
    assert "None of the first 100 rows" in done.error
