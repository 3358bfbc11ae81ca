"""A scope is a transaction in the eyes of an actor, and the second wall stands without the first."""

import contextlib

import pytest
from django.db import ProgrammingError, connection

from buoy.core.errors import NotAllowed
from buoy.core.scope import NoScope, acting, after_commit, require_scope, writing
from buoy.domains.partners.models import Partner
from tests.cast import make_cast

pytestmark = pytest.mark.usefixtures("committed")


def names() -> list[str]:
    """All rows that the database shows, without a filter of ours."""
    return sorted(Partner.objects.values_list("name", flat=True))


def test_the_database_shows_each_actor_its_own_partners() -> None:
    cast = make_cast()
    seen = {}
    for who in ("rita", "otto", "dana", "mei"):
        with acting(getattr(cast, who)):
            seen[who] = names()
    assert seen == {
        "rita": ["Alpha"],
        "otto": ["Beta"],
        "dana": ["Alpha", "Delta"],
        "mei": ["Alpha", "Beta", "Delta"],
    }


@pytest.mark.parametrize("turns", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_connection_that_serves_rivals_in_turn_mixes_nothing_up(turns: int) -> None:
    cast = make_cast()
    people = [("rita", ["Alpha"]), ("otto", ["Beta"]), ("mei", ["Alpha", "Beta", "Delta"])]
    for turn in range(turns):
        who, sees = people[turn % 3]
        # Every seventh turn ends in an error, after which the connection goes on.
        with contextlib.suppress(ZeroDivisionError), acting(getattr(cast, who)):
            assert names() == sees
            if turn % 7 == 0:
                raise ZeroDivisionError


def test_a_query_outside_of_a_scope_is_refused_by_the_database() -> None:
    make_cast()
    with pytest.raises(ProgrammingError, match="permission denied"):
        names()


def test_nobody_sees_a_partner() -> None:
    cast = make_cast()
    with pytest.raises(ProgrammingError, match="permission denied"), acting(cast.nora):
        names()


def test_a_partner_cannot_write_another_partners_row() -> None:
    cast = make_cast()
    with pytest.raises(ProgrammingError, match="permission denied"), acting(cast.otto):
        Partner.objects.filter(id=cast.alpha.id).update(name="Taken")


def test_no_scope_reads_the_hash_of_a_password() -> None:
    cast = make_cast()
    with pytest.raises(ProgrammingError, match="permission denied"), acting(cast.mei), connection.cursor() as cursor:
        cursor.execute("select password from accounts_user")


def test_the_scope_ends_with_the_transaction() -> None:
    cast = make_cast()
    with acting(cast.mei):
        names()
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('buoy.partner_ids', true)")
        assert cursor.fetchone() == ("buoy_app", "")


def test_scopes_do_not_nest() -> None:
    cast = make_cast()
    with acting(cast.mei), pytest.raises(RuntimeError, match="durable"), acting(cast.rita):
        pass


def test_an_error_undoes_what_the_use_case_wrote() -> None:
    cast = make_cast()
    with contextlib.suppress(ZeroDivisionError), acting(cast.mei):
        Partner.objects.filter(id=cast.alpha.id).update(name="Renamed")
        raise ZeroDivisionError
    with acting(cast.mei):
        assert "Alpha" in names()


def test_what_waits_for_the_commit_does_not_run_when_there_is_none() -> None:
    cast = make_cast()
    ran: list[str] = []
    with contextlib.suppress(ZeroDivisionError), acting(cast.mei):
        after_commit(lambda: ran.append("undone"))
        raise ZeroDivisionError
    with acting(cast.mei):
        after_commit(lambda: ran.append("done"))
        assert ran == []
    assert ran == ["done"]


def test_who_looks_with_anothers_eyes_writes_nothing() -> None:
    cast = make_cast()
    assert cast.mei.user_id
    looking = cast.ramon.seen_by_staff(cast.mei.user_id)
    with acting(looking):
        assert names() == ["Alpha"]
        with pytest.raises(NotAllowed):
            writing(looking)


def test_a_read_only_scope_is_read_only_in_the_database() -> None:
    cast = make_cast()
    with pytest.raises(Exception, match="read-only transaction"), acting(cast.mei, read_only=True):
        Partner.objects.create(name="Gamma")


def test_outside_of_a_scope_there_is_none() -> None:
    with pytest.raises(NoScope):
        require_scope()
