"""Whoever only looks writes nothing, and whoever changes something is recorded."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from tests.buoy.access import table
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.world import IDENTITIES, World, undone
from tests.cast import JOB, make_cast

OF_THE_DOOR = {"core_ratelimit", "core_cache", "accounts_apitoken", "django_session"}
"""Who asks and tries how often, when a token was last used, and the session: written by the door itself."""

NOT_RECORDED = {
    "POST /notifications/{notification_id}/open/": "what somebody has read is their own affair",
    "POST /tour/end/": "what somebody has seen is their own affair",
    "POST /notifications/": "what somebody has read is their own affair",
    "POST /notifications/read/": "what somebody has read is their own affair",
    "POST /views/{view_id}/forget/": "a list as somebody likes to see it is their own affair",
}
"""Routes that write without a record, each with the reason."""

_WRITES = re.compile(r'^\s*(?:insert into|update|delete from|truncate)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def tables_written() -> Iterator[set[str]]:
    """The tables in which statements within change a row; a conditional update that finds none changes nothing."""
    written: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        if context["cursor"].rowcount:
            written.update(_WRITES.findall(sql))
        return answer

    with connection.execute_wrapper(note):
        yield written


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in table.read() if row.route.method == "GET"], ids=str)
def test_a_get_writes_nothing(row: table.Row) -> None:
    world = World.of(make_cast())
    for identity in IDENTITIES:
        address = row.address(own_things(world, row, identity))
        with undone():
            ask = world.knock(identity, address)
            with tables_written() as written:
                ask("GET", None)
        assert written <= OF_THE_DOOR, identity


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in table.read() if row.route.method != "GET"], ids=str)
def test_a_change_is_recorded_and_a_refusal_changes_nothing(row: table.Row) -> None:
    world = World.of(make_cast())
    before = events()
    for identity in IDENTITIES:
        address = row.address(own_things(world, row, identity))
        with undone():
            ask = world.knock(identity, address)
            with tables_written() as written:
                status = ask(row.route.method, row.send).status_code
            recorded = events() - before
        changed = written - OF_THE_DOOR - {"core_auditevent"}
        assert not changed or (status < 400 and (recorded > 0 or str(row) in NOT_RECORDED)), (identity, changed)


def events() -> int:
    with acting(JOB):
        return AuditEvent.objects.count()


def test_the_routes_that_record_nothing_are_there() -> None:
    assert set(NOT_RECORDED) <= {str(row) for row in table.read()}
