"""Every page there is, as nobody, a partner and the vendor see it, passes axe and fits the narrowest phone.

The pages are read from the table of answers (tests/buoy/access/matrix.yaml), so that a new one is visited without a word
here. Whoever visits has just signed in, so that the pages that ask for the password again open too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, ViewportSize

from buoy.domains.accounts.models import User
from tests.buoy.access import table
from tests.buoy.access.furnish import furnish
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.world import IDENTITIES, World
from tests.buoy.accounts.browsing import sign_in, visitor
from tests.cast import make_cast
from tests.journeys.conftest import Reader

pytestmark = pytest.mark.usefixtures("committed", "loop_beside_the_database")
Barriers = Callable[[Page], list[str]]

VISITORS = ["nobody", "partner_administrator", "administrator"]
ALWAYS = [("en", "light"), ("ar", "dark")]
NOW_AND_THEN = [("en", "dark"), ("ar", "light")]
LOOKS = [*ALWAYS, *(pytest.param(*look, marks=pytest.mark.long) for look in NOW_AND_THEN)]
SWEPT_ELSEWHERE = "/styleguide/"
"""test_style_guide_has_no_barriers.py looks at it in every look."""
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture
def world() -> World:
    cast = make_cast()
    world = World.of(cast)
    furnish(cast)
    return world


def enter(world: World, identity: str, *, language: str) -> Client:
    """A visitor who has just signed in, or nobody."""
    if (who := IDENTITIES[identity]) is None:
        return visitor()
    User.objects.filter(pk=world.cast.users[who].pk).update(language=language)
    return sign_in(world.cast.users[who])


def pages(world: World, identity: str, client: Client, seen: set[str]) -> Iterator[str]:
    """The address of every page that is there for this visitor and was not `seen` before, and of one that is not there."""
    for row in table.read():
        if row.route.method == "GET" and str(row) not in seen and not row.route.path.startswith(SWEPT_ELSEWHERE):
            address = row.address(own_things(world, row, identity))
            if is_page(client.get(address)):
                seen.add(str(row))
                yield address
    yield "/there/is/no/such/page/"


def is_page(answer: Any) -> bool:
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content


def visits(reader: Reader, world: World, *, language: str, theme: str = "light") -> Iterator[tuple[str, Page]]:
    """Each page once, as the first of the visitors to whom it is there, in one browser for each."""
    reader.expected.append("the server responded with a status of 404")
    seen: set[str] = set()
    for identity in VISITORS:
        client = enter(world, identity, language=language)
        page = reader.open("/", language=language, theme=theme, session=client)
        for path in pages(world, identity, client, seen):
            page.goto(reader.site + path)
            yield path, page
    assert len(seen) > 30


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_page_has_barriers(reader: Reader, barriers: Barriers, world: World, language: str, theme: str) -> None:
    found = []
    for path, page in visits(reader, world, language=language, theme=theme):
        found += [f"{path} {finding}" for finding in [*barriers(page), *wrong(page), *sideways(page)]]
        page.set_viewport_size(DESK)
    assert not found, "\n".join(found)


def test_no_page_scrolls_sideways_in_the_language_of_the_longest_words(reader: Reader, world: World) -> None:
    found = [f"{path} {finding}" for path, page in visits(reader, world, language="pl") for finding in sideways(page)]
    assert not found, "\n".join(found)


def wrong(page: Page) -> Iterator[str]:
    if not page.title():
        yield "has no title"
    if (heads := page.locator("h1").count()) != 1:
        yield f"has {heads} h1"


def sideways(page: Page) -> Iterator[str]:
    page.set_viewport_size(PHONE)
    if (width := page.evaluate("document.documentElement.scrollWidth")) != PHONE["width"]:
        yield f"is {width} wide on a phone"
