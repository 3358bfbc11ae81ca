"""Nobody hears a canary of a partner that they must not know of, whatever they ask for; and the second wall alone holds.

The last two tests take walls away. Without the application's filters nothing leaks, since the database stands; without
both the canaries are heard, so the crawl would have found a leak.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from buoy.core import scope
from buoy.core.actor import Actor, Face
from buoy.domains.accounts.models import User
from buoy.domains.accounts.policy import ROLES
from buoy.domains.partners import queries
from tests.buoy.access import canaries, crawl
from tests.buoy.access.furnish import furnish
from tests.buoy.access.world import BELOW, HOME, PARTNERS, World
from tests.cast import make_cast

EVERY_RIGHT = frozenset().union(*ROLES.values())
OUTSIDERS = ["nobody", *HOME]
"""Those who must not hear everything."""


@pytest.fixture
def superuser(committed: None, postgres_host: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(f"host={postgres_host} user=postgres dbname=buoy_tests", autocommit=True) as connection:
        yield connection


@pytest.fixture
def world(superuser: psycopg.Connection[Any]) -> World:
    """Everybody's things, with a canary in every text."""
    cast = make_cast()
    world = World.of(cast)
    furnish(cast)
    planted = canaries.plant(superuser, {name: getattr(cast, name).id for name in PARTNERS})
    empty = {table: sorted(set(PARTNERS) - partners) for table, partners in planted.items() if len(partners) < 3}
    assert empty == {}, "these tables have no rows of these partners: add them to furnish.py"
    return world


def may_hear(identity: str) -> set[str]:
    return {HOME[identity], *BELOW.get(identity, ())} if identity in HOME else set()


def leaks(world: World, identity: str) -> list[str]:
    """What the identity hears and must not."""
    return [
        f"{identity} hears {sorted(foreign)} at {heard.method} {heard.path} ({heard.status})"
        for heard in crawl.crawl(world, identity)
        if (foreign := canaries.foreign_in(heard.text, may_hear(identity)))
    ]


@pytest.mark.parametrize("identity", OUTSIDERS)
def test_nobody_hears_a_foreign_canary(world: World, identity: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert leaks(world, identity) == []
    # The log holds ids, and no word of anybody's.
    assert canaries.found_in(caplog.text) == set()


@pytest.mark.parametrize("identity", ["partner_administrator", "rival", "distributor", "administrator"])
def test_everybody_hears_the_canaries_of_their_own(world: World, identity: str) -> None:
    heard = set().union(*(canaries.found_in(each.text) for each in crawl.crawl(world, identity)))
    assert heard == (may_hear(identity) or set(PARTNERS))


def take_filters_away(monkeypatch: pytest.MonkeyPatch, *, second_wall: bool) -> None:
    """Let the application take everybody for an administrator of the vendor, so that it filters nothing. With the second
    wall the database is still told who it really is."""
    real: dict[str, Actor] = {}
    actor_of, enter = queries.actor_of, scope._enter

    def unfiltered(user: User, **more: Any) -> Actor:
        real[str(user.id)] = actor = actor_of(user, **more)
        return replace(actor, face=Face.DESK, partner_ids=(), permissions=EVERY_RIGHT)

    def told_the_truth(role: str, partners: str, user: str, read_only: bool = False) -> tuple[str, str, str]:
        if user in real:
            role, partners = real[user].face.value, ",".join(map(str, real[user].partner_ids))
        return enter(role, partners, user, read_only)

    monkeypatch.setattr(queries, "actor_of", unfiltered)
    if second_wall:
        monkeypatch.setattr(scope, "_enter", told_the_truth)


@pytest.mark.parametrize("identity", OUTSIDERS)
def test_the_database_leaks_nothing_when_the_application_filters_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, identity: str
) -> None:
    take_filters_away(monkeypatch, second_wall=True)
    assert leaks(world, identity) == []


def test_without_both_walls_the_canaries_are_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    take_filters_away(monkeypatch, second_wall=False)
    assert leaks(world, "rival") != []
