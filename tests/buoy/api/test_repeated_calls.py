"""A POST that is sent again with its idempotency key is done once."""

import json
import threading
from typing import Any

import pytest
from django.db import connection

from buoy.core.models import IdempotentCall
from buoy.core.scope import acting
from buoy.domains.workspace.models import Comment
from tests.buoy.api.conftest import Call, caller
from tests.cast import JOB, SETUP, Cast, make_cast


@pytest.fixture
def cast(committed: None) -> Cast:
    return make_cast()


@pytest.fixture
def call(cast: Cast) -> Call:
    return caller(cast.rita)


def say(call: Call, cast: Cast, text: str = "said", *, key: str = "k", partner: str = "alpha") -> Any:
    path = f"/subjects/partner/{getattr(cast, partner).id}/comments"
    return call("POST", path, json.dumps({"text": text}).encode(), **{"Idempotency-Key": key})


def said() -> int:
    with acting(SETUP):
        return Comment.objects.count()


def test_the_repetition_gets_the_answer_of_the_first_call(call: Call, cast: Cast) -> None:
    first, second = say(call, cast), say(call, cast)
    assert (first.status_code, second.status_code, said()) == (201, 201, 1)
    assert first.content == second.content
    assert ("Idempotent-Replay" in first, second["Idempotent-Replay"]) == (False, "true")


def test_another_content_or_address_under_the_same_key_is_refused(call: Call, cast: Cast) -> None:
    say(call, cast)
    for other in (say(call, cast, "something else"), say(call, cast, partner="beta")):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert said() == 1


def test_another_caller_has_keys_of_their_own(call: Call, cast: Cast) -> None:
    say(call, cast)
    say(caller(cast.ramon), cast)
    assert said() == 2


def test_without_a_key_every_call_counts(call: Call, cast: Cast) -> None:
    path = f"/subjects/partner/{cast.alpha.id}/comments"
    for _ in range(2):
        call("POST", path, b'{"text": "said"}')
    assert said() == 2


def test_a_refused_call_does_not_use_its_key_up(call: Call, cast: Cast) -> None:
    assert say(call, cast, partner="beta").status_code == 404
    assert say(call, cast, "").status_code == 422
    with acting(JOB):
        assert IdempotentCall.objects.count() == 0
    assert say(call, cast).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "with\ttab"])
def test_a_key_that_is_none_is_refused(call: Call, cast: Cast, key: str) -> None:
    answer = say(call, cast, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-idempotency-key")


def test_without_a_token_a_key_opens_nothing(cast: Cast) -> None:
    assert say(caller(cast.rita, token="by_none"), cast).status_code == 401


def test_of_eight_calls_at_once_one_is_done_and_seven_repeat_its_answer(call: Call, cast: Cast) -> None:
    answers: list[Any] = []
    together = threading.Barrier(8)

    def work() -> None:
        together.wait()
        answers.append(say(call, cast))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sorted(answer.get("Idempotent-Replay", "") for answer in answers) == [""] + ["true"] * 7
    assert said() == 1
