"""Whoever sends more than a form asks for changes nothing more by it.

Every route that writes is called twice: with what it asks for, and with that and every column of every table, each with a
value that would do harm. What is then written must be the same, or nothing. It is read from the statements themselves, so
that a column of whichever table is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, DateField, Field, FloatField, ForeignKey, IntegerField, UUIDField
from psycopg import Binary
from psycopg.types.json import Jsonb

from tests.buoy.access import table
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.test_what_routes_write import OF_THE_DOOR
from tests.buoy.access.world import World, undone
from tests.cast import make_cast

ASKED: dict[str, dict[str, Any]] = {
    "POST /desk/partners/new/": {"name": "Gamma", "country": "GB", "language": "en"},
    "POST /desk/partners/{partner_id}/change/": {"name": "Gamma", "country": "GB", "language": "en", "is_active": "on"},
    "POST /desk/partners/{partner_id}/chain/": {"parent": "", "from_date": "2030-01-01"},
    "POST /about/{subject_type}/{subject_id}/comments/": {"text": "said"},
    "POST /account/profile/": {"name": "Ada", "language": "en", "time_zone": "UTC", "theme": "dark"},
    "POST /views/": {"list_name": "partners", "name": "Mine", "query": "q=a"},
    "POST /desk/users/{user_id}/roles/": {"roles": "partner_seller"},
    "POST /p/team/{user_id}/roles/": {"roles": "partner_seller"},
    "POST /p/team/invite/": {"email": "a@alpha.example", "name": "A", "roles": "partner_seller", "language": "en"},
    "POST /desk/users/invite/": {"email": "a@vendor.example", "name": "A", "roles": "marketing", "language": "en"},
}
"""What a route asks for, where the table of answers sends nothing, or not enough to write."""

OF_THE_FORM: dict[str, set[str]] = {
    "POST /about/{subject_type}/{subject_id}/comments/": {"is_internal"},
    "POST /api/v1/subjects/{subject_type}/{subject_id}/comments": {"is_internal"},
    "POST /desk/sales/queue/partners/{match_id}/": {"target"},
    "POST /theme/": {"theme"},
    "POST /language/": {"language"},
}
"""Columns that a form takes and that are not sent above."""

WORDS = {
    "role": "administrator",
    "roles": "administrator",
    "grants": "users.manage",
    "permissions": "users.manage",
    "is_admin": "true",
    "is_staff": "true",
    "is_superuser": "true",
    "approved_by": "me",
    "status": "approved",
    "amount": "1000000",
    "scopes": "write",
}
"""What is tried of everybody, whether there is a column of that name or not."""
WRITES = re.compile(r"^\s*(?:insert into|update|delete from|with step)\b", re.IGNORECASE)
IDENTITIES = ["partner_administrator", "administrator"]
ROWS = [row for row in table.read() if row.route.method != "GET"]


def everything(world: World) -> dict[str, str]:
    """A harmful value for each column there is: of another partner, of another day, true, or a word."""
    columns = {field for model in apps.get_models() for field in model._meta.concrete_fields}
    harm = {name: _harm(field, world) for field in columns for name in (field.name, field.attname)}
    return harm | WORDS


def _harm(field: Field[Any, Any], world: World) -> str:
    if isinstance(field, ForeignKey | UUIDField):
        is_user = isinstance(field, ForeignKey) and field.related_model._meta.label == "accounts.User"
        return str(world.cast.users["otto"].pk if is_user else world.cast.beta.pk)
    if isinstance(field, BooleanField):
        return "true"
    if isinstance(field, DateField):
        return "2001-01-01T00:00:00Z"
    return "7" if isinstance(field, IntegerField | FloatField) else "mass assigned"


def written(world: World, identity: str, row: table.Row, body: dict[str, Any]) -> tuple[int, list[tuple[str, str]]]:
    """The status, and the statements that changed a row, without what differs each time."""
    found: list[tuple[str, str]] = []
    known = set(map(str, _ids(world)))

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        if WRITES.match(sql) and context["cursor"].rowcount and not any(name in sql for name in OF_THE_DOOR):
            values = params.values() if isinstance(params, dict) else params or ()
            found.append((sql, " | ".join(_plain(value, known) for value in values)))
        return answer

    address = row.address(own_things(world, row, identity))
    with undone():
        ask = world.knock(identity, address)
        with connection.execute_wrapper(note):
            status = ask(row.route.method, body).status_code
    return status, found


def _ids(world: World) -> Iterator[Any]:
    yield from (user.pk for user in world.cast.users.values())
    yield from (thing for things in world.things.values() for thing in things.values())


def _plain(value: Any, known: set[str]) -> str:
    if isinstance(value, UUID):
        return str(value) if str(value) in known else "an id"
    if isinstance(value, datetime):
        return f"{(value - datetime.now(value.tzinfo)) / timedelta(hours=1):.0f} hours from now"
    if isinstance(value, bytes | memoryview | Binary):
        return "bytes"
    text = str(value.obj if isinstance(value, Jsonb) else value)
    text = re.sub(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", lambda found: found[0] if found[0] in known else "an id", text
    )
    return re.sub(r"\b[0-9a-f]{32}\b|argon2\S+|\d{4}-\d\d-\d\dT[\d:.+]+", "*", text)


@pytest.mark.django_db
@pytest.mark.parametrize("identity", IDENTITIES)
def test_nothing_more_is_written_than_a_form_asks_for(identity: str) -> None:
    world = World.of(make_cast())
    harm = everything(world)
    wrote, wrong = 0, {}
    for row in ROWS:
        asked = {**(row.send or {}), **ASKED.get(str(row), {})}
        more = {name: value for name, value in harm.items() if name not in {*asked, *OF_THE_FORM.get(str(row), ())}}
        _, usual = written(world, identity, row, asked)
        status, now = written(world, identity, row, {**asked, **more})
        wrote += bool(usual)
        if now != usual and not (status >= 400 and not now):
            wrong[str(row)] = [pair for pair in zip(usual, now, strict=False) if pair[0] != pair[1]] or (usual, now)
    assert not wrong, "\n".join(f"{name}: {pair}" for name, pair in wrong.items())
    assert wrote > 5


@pytest.mark.django_db
def test_a_form_that_took_more_would_be_found() -> None:
    world = World.of(make_cast())
    row = next(row for row in ROWS if str(row) == "POST /desk/partners/{partner_id}/change/")
    asked = ASKED[str(row)]
    _, usual = written(world, "administrator", row, asked)
    _, changed = written(
        world, "administrator", row, {name: value for name, value in asked.items() if name != "is_active"}
    )
    assert usual != changed
