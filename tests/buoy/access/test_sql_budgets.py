"""No page asks the database more often than its side may, and none asks once for each row that it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.buoy.access import table
from tests.buoy.access.furnish import comment, file, notification, task, work
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.world import World
from tests.cast import make_cast

MOST = {"partner_administrator": 15, "administrator": 25}
MORE = (comment, file, notification, task, work)
"""What a page may show many of."""
PAGES = [row for row in table.read() if row.route.method == "GET"]


def asked(world: World, identity: str) -> dict[str, int]:
    """How many statements each page needs, with those of the door: session, user, actor, role."""
    found = {}
    for row in PAGES:
        if row.answers[identity] == 200:
            statements: list[str] = []

            def note(execute: Any, sql: str, *more: Any, statements: list[str] = statements) -> Any:
                if "SAVEPOINT" not in sql:  # The tests' transaction lies around those of the scopes.
                    statements.append(sql)
                return execute(sql, *more)

            ask = world.knock(identity, address := row.address(own_things(world, row, identity)))
            ask("GET", None)
            with connection.execute_wrapper(note):
                ask("GET", None)
            # In a test a scope is left by a statement of its own; elsewhere its transaction ends.
            found[address] = len(statements) - sum("set_config" in sql for sql in statements) // 2
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("identity", MOST)
def test_no_page_asks_too_often(identity: str) -> None:
    cast = make_cast()
    world = World.of(cast)
    few = asked(world, identity)
    for actor in (cast.ramon, cast.otto, cast.dana) * 3:
        assert actor.partner_id
        for make in MORE:
            make(actor, actor.partner_id)
    many = asked(world, identity)
    assert {address: count for address, count in many.items() if count > MOST[identity]} == {}
    # One or two more are of parts that were not there without rows.
    assert {address: (few[address], count) for address, count in many.items() if count > few[address] + 2} == {}
