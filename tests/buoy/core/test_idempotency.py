"""Calls with one key are done once, whenever they come."""

import contextlib
import threading

import pytest
from django.db import connection

from buoy.core import clock, idempotency
from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.idempotency import Answer, KeyReused, once
from buoy.core.models import AuditEvent, IdempotentCall
from buoy.core.scope import acting
from tests.cast import JOB, Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")


def use_case(actor: Actor) -> None:
    """Does something that can be counted, in a scope of its own."""
    with acting(actor):
        record(actor, action="thing.done", object_type="thing", object_id="1")


def call(actor: Actor, *, key: str = "k", content: bytes = b"c", caller: str = "me") -> Answer:
    with once(actor, caller=caller, key=key, request_hash=content) as made:
        if made.answer is None:
            use_case(actor)
            made.keep(status=201, body="done")
            return Answer(status=201, body="first")
        return made.answer


def done() -> int:
    with acting(JOB):
        return AuditEvent.objects.count()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_the_second_call_gets_the_answer_of_the_first(cast: Cast) -> None:
    assert [call(cast.rita).body for _ in range(3)] == ["first", "done", "done"]
    assert done() == 1


def test_a_key_is_for_one_content(cast: Cast) -> None:
    call(cast.rita)
    with pytest.raises(KeyReused):
        call(cast.rita, content=b"other")


def test_another_key_or_caller_is_another_call(cast: Cast) -> None:
    call(cast.rita)
    call(cast.rita, key="k2")
    call(cast.mei, caller="mei")
    assert done() == 3


def test_a_call_that_was_undone_may_be_repeated(cast: Cast) -> None:
    with contextlib.suppress(ZeroDivisionError), once(cast.rita, caller="me", key="k", request_hash=b"c"):
        use_case(cast.rita)
        raise ZeroDivisionError
    assert done() == 0
    assert call(cast.rita).body == "first"


def test_of_eight_calls_at_once_one_is_done_and_seven_repeat_its_answer(cast: Cast) -> None:
    answers: list[Answer] = []
    together = threading.Barrier(8)

    def work() -> None:
        together.wait()
        answers.append(call(cast.rita))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.body for answer in answers) == ["done"] * 7 + ["first"]
    assert done() == 1


def test_within_a_call_the_scopes_of_another_actor_are_refused(cast: Cast) -> None:
    with (
        pytest.raises(RuntimeError, match="durable"),
        once(cast.rita, caller="me", key="k", request_hash=b"c"),
        acting(cast.mei),
    ):
        pass


def test_within_a_call_scopes_still_do_not_nest(cast: Cast) -> None:
    with (
        pytest.raises(RuntimeError, match="durable"),
        once(cast.rita, caller="me", key="k", request_hash=b"c"),
        acting(cast.rita),
        acting(cast.rita),
    ):
        pass


def test_no_partner_sees_the_answers_of_another(cast: Cast) -> None:
    call(cast.rita)
    for other in (cast.otto, cast.dana, cast.mei):
        with acting(other):
            assert IdempotentCall.objects.count() == 0


def test_old_calls_are_forgotten(cast: Cast) -> None:
    call(cast.rita)
    with acting(JOB):
        idempotency.forget(before=clock.now())
    with acting(JOB):
        assert IdempotentCall.objects.count() == 0
