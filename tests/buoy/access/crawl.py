"""Walks through everything that somebody can reach: all routes of the table, then every link and every next page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponseBase, StreamingHttpResponse

from tests.buoy.access import table
from tests.buoy.access.world import PARTNERS, World

LINK = re.compile(r"(?:href|src|action|hx-get)=[\"'](/(?!/)[^\"'#]*)")
CURSOR = re.compile(r'"next_cursor": ?"([^"]+)"')
MOST_PAGES = 2000
NO_PAGES = re.compile(r"^/static/|logout|sign-out")


@dataclass(frozen=True)
class Heard:
    """One answer."""

    method: str
    path: str
    status: int
    text: str


def crawl(world: World, identity: str) -> Iterator[Heard]:
    """Every answer that the identity gets: with the things of every partner and with missing ones, by every method."""
    waiting = [(row.route.method, path, row.send) for row in table.read() for path in addresses(world, row)]
    seen = {(method, path) for method, path, _ in waiting}
    for number in itertools.count():
        if number == len(waiting):
            return
        assert number < MOST_PAGES, f"more than {MOST_PAGES} pages: does a link lead to ever new ones?"
        method, path, body = waiting[number]
        answer = world.ask(identity, method, path, body)
        text = words_of(answer)
        yield Heard(method, path, answer.status_code, text)
        for onward in links(path, text, answer):
            if ("GET", onward) not in seen and not NO_PAGES.search(onward):
                seen.add(("GET", onward))
                waiting.append(("GET", onward, None))


def addresses(world: World, row: table.Row) -> Iterator[str]:
    """The route with each combination of one partner's things, and with what does not exist."""
    for partner in PARTNERS:
        yield row.address({name: world.things[thing][partner] for name, thing in row.objects.items()})
        if not row.objects:
            return
    yield row.address({name: world.missing() for name in row.objects})


def words_of(answer: HttpResponseBase) -> str:
    """Body and headers."""
    chunks = answer if isinstance(answer, StreamingHttpResponse) else [answer.content]  # type: ignore[attr-defined]
    body = b"".join(chunk if isinstance(chunk, bytes) else chunk.encode() for chunk in chunks)
    return f"{dict(answer.items())}\n{body.decode('utf-8', 'replace')}"


def links(path: str, text: str, answer: HttpResponseBase) -> Iterator[str]:
    if answer.has_header("Location"):
        yield answer["Location"]
    for found in LINK.findall(text):
        yield found.replace("&amp;", "&")
    for cursor in CURSOR.findall(text):
        yield f"{path.split('?')[0]}?cursor={cursor}"
