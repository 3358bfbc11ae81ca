"""Every route × every identity × own, foreign and missing things is answered as the reviewed table says.

The table is matrix.yaml; docs/how-to/add-a-route.md tells how to add a row.
"""

from typing import Any

import pytest

from tests.buoy.access import routes, table
from tests.buoy.access.world import IDENTITIES, WITHOUT_SESSION, World
from tests.cast import make_cast

ROWS = table.read()


Question = tuple[str, str, set[int]]
"""Whose thing is asked for, at which path, and the answers that are right."""


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_route_answers_as_the_table_says(row: table.Row) -> None:
    world = World.of(make_cast())
    wrong = [
        f"{identity} with {whose} {path}: {found}, expected {sorted(right)}"
        for identity in IDENTITIES
        for whose, path, right in questions(world, row, identity)
        if (found := world.ask(identity, row.route.method, path, row.send).status_code) not in right
    ]
    assert wrong == []


def questions(world: World, row: table.Row, identity: str) -> list[Question]:
    own = own_things(world, row, identity)
    answer = row.answers[identity]
    asked: list[Question] = [("its own", row.address(own), {answer})]
    # Who is refused with a thing of their own learns nothing more from the refusal of another. To be sent to sign in is
    # a refusal too.
    is_refused = answer >= 400 or (answer == 302 and identity in WITHOUT_SESSION)
    refusal = {answer, 404} if is_refused else set()
    for parameter, thing in row.objects.items():
        asked += [
            ("a foreign", row.address(own | {parameter: other}), refusal or {row.foreign})
            for other in world.foreign(identity, thing)
            if other != own[parameter]
        ]
        nothing = own | {parameter: world.missing()}
        asked.append(("a missing", row.address(nothing), refusal or {row.missing}))
    return asked


def own_things(world: World, row: table.Row, identity: str) -> dict[str, Any]:
    return {parameter: world.own(identity, thing) for parameter, thing in row.objects.items()}


def test_every_path_has_a_row_and_every_row_a_path() -> None:
    assert sorted({row.route.path for row in ROWS}) == routes.paths()


@pytest.mark.django_db
def test_a_method_without_a_row_is_refused() -> None:
    """Asked by the administrator, so that it is not a right that is missing."""
    world = World.of(make_cast())
    answered = []
    for path, rows in by_path().items():
        address = rows[0].address(own_things(world, rows[0], "administrator"))
        for method in set(routes.METHODS) - {row.route.method for row in rows}:
            status = world.ask("administrator", method, address).status_code
            if status not in (404, 405):
                answered.append(f"{method} {path}: {status}, expected 405 or a row in the table")
    assert answered == []


def by_path() -> dict[str, list[table.Row]]:
    found: dict[str, list[table.Row]] = {}
    for row in ROWS:
        found.setdefault(row.route.path, []).append(row)
    return found
