"""What somebody does is recorded in the transaction that does it, and nothing secret is."""

import contextlib
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection

from buoy.core.audit import MASK, record
from buoy.core.chain import verify
from buoy.core.errors import NotAllowed
from buoy.core.models import AuditEvent
from buoy.core.scope import NoScope, acting
from tests.cast import JOB, make_cast

pytestmark = pytest.mark.usefixtures("committed")


def note(actor: Any, *, action: str = "partner.renamed", **more: Any) -> None:
    record(actor, action=action, object_type="partner", object_id=uuid4(), **more)


def events() -> list[AuditEvent]:
    with acting(JOB):
        return list(AuditEvent.objects.order_by("number"))


def test_an_event_says_who_did_what_to_what_and_from_where() -> None:
    cast = make_cast()
    with acting(cast.rita):
        note(cast.rita, before={"name": "Old", "country": "PL"}, after={"name": "New", "country": "PL"})
    (event,) = events()
    assert (event.action, event.face, event.user_id) == ("partner.renamed", "buoy_partner", cast.rita.user_id)
    assert event.partner_id == cast.alpha.id
    assert event.details == {"name": "Rita", "address": "", "before": {"name": "Old"}, "after": {"name": "New"}}


def test_an_event_is_there_exactly_when_what_it_tells_of_is_there() -> None:
    cast = make_cast()
    with contextlib.suppress(ZeroDivisionError), acting(cast.mei):
        note(cast.mei)
        raise ZeroDivisionError
    assert events() == []


def test_there_is_no_event_outside_of_a_scope_or_by_who_only_looks() -> None:
    cast = make_cast()
    assert cast.mei.user_id
    with pytest.raises(NoScope):
        note(cast.mei)
    looking = cast.ramon.seen_by_staff(cast.mei.user_id)
    with pytest.raises(NotAllowed), acting(looking):
        note(looking)


def test_the_events_of_a_scope_stay_in_order_and_in_one_chain() -> None:
    cast = make_cast()
    with acting(cast.mei):
        for step in range(3):
            note(cast.mei, after={"step": step})
    with acting(cast.ramon):
        note(cast.ramon, after={"step": 3})
    assert [(event.number, event.details["after"]["step"]) for event in events()] == [(1, 0), (2, 1), (3, 2), (4, 3)]
    with acting(JOB):
        assert verify([]).findings == ()


def test_scopes_that_write_at_once_make_one_chain() -> None:
    cast = make_cast()
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(10):
                with acting(cast.mei):
                    note(cast.mei)
                    note(cast.mei)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with acting(JOB):
        verdict = verify([])
    assert (verdict.rows, verdict.findings) == (120, ())


@pytest.mark.parametrize("change", ["update core_auditevent set action = 'x'", "delete from core_auditevent"])
@pytest.mark.parametrize("who", ["ada", "ramon", "job"])
def test_nobody_who_acts_changes_an_event(change: str, who: str) -> None:
    cast = make_cast()
    actor = getattr(cast, who)
    with acting(actor):
        note(actor)
    with pytest.raises(ProgrammingError, match="permission denied"), acting(actor), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_partner_sees_what_its_own_people_did_and_nothing_that_staff_noted() -> None:
    cast = make_cast()
    for actor in (cast.ramon, cast.otto):
        with acting(actor):
            note(actor)
    with acting(cast.mei):
        note(cast.mei, partner_id=cast.alpha.id)
    with acting(cast.ramon):
        assert [event.user_id for event in AuditEvent.objects.all()] == [cast.ramon.user_id]


def test_a_partner_cannot_write_an_event_in_the_name_of_another() -> None:
    cast = make_cast()
    with pytest.raises(ProgrammingError, match="row-level security"), acting(cast.otto):
        note(cast.otto, partner_id=cast.alpha.id)


SECRETS = {
    "password": "correct horse",
    "new_password": "correct horse",
    "client_secret": "correct horse",
    "access_token": "correct horse",
    "totp_seed": "correct horse",
    "recovery_codes": ["correct horse"],
    "code": "correct horse",
    "api_key": "correct horse",
    "IBAN": "correct horse",
    "session_cookie": "correct horse",
    "digest": "correct horse",
    "inner": {"list": [{"Secret": "correct horse"}]},
    "note": "my key is by_a1b2c3_correct-horse-battery",
}


def test_secrets_never_get_into_an_event() -> None:
    cast = make_cast()
    with acting(cast.mei):
        note(cast.mei, before=SECRETS)
        note(cast.mei, after=SECRETS)
    _, event = events()
    with connection.cursor() as cursor, acting(JOB):
        cursor.execute("select string_agg(details::text, ' ') from core_auditevent")
        (text,) = cursor.fetchone()
    assert "correct" not in text
    assert event.details["after"]["password"] == MASK
    assert event.details["after"]["note"] == f"my key is {MASK}"


def test_that_a_secret_was_changed_is_still_seen() -> None:
    cast = make_cast()
    with acting(cast.mei):
        note(cast.mei, before={"password": "a", "name": "x"}, after={"password": "b", "name": "x"})
    (event,) = events()
    assert event.details["before"] == event.details["after"] == {"password": MASK}


def test_values_keep_an_exact_form() -> None:
    cast = make_cast()
    with acting(cast.mei):
        note(
            cast.mei,
            after={
                "amount": Decimal("10.50"),
                "at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
                "roles": {"b", "a"},
                "big": 10**30,
                "text": "a\0b\ud800 łód\u017a",
            },
        )
    with acting(JOB):
        assert verify([]).findings == ()
    (event,) = events()
    assert event.details["after"]["amount"] == "10.50"
    assert event.details["after"]["roles"] == ["a", "b"]


def test_a_value_without_an_exact_form_is_refused() -> None:
    cast = make_cast()
    with pytest.raises(TypeError, match=r"was given 0\.1 of float"), acting(cast.mei):
        note(cast.mei, after={"rate": 0.1})
