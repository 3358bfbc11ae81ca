"""What the frame of a page shows: navigation, person, brand. The rooms fill it; permission has been applied already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Link:
    """One entry of the navigation. `count` is how much waits behind it."""

    label: str
    url: str
    icon: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries under one title; the first group has none."""

    links: Sequence[Link]
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """A page above this one; without an address it is this page."""

    label: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is signed in. `links` are the entries of their menu."""

    name: str
    note: str
    sign_out_url: str
    links: Sequence[Link] = ()


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """A member of staff sees what this partner sees; `leave_url` is posted to when they stop."""

    partner: str
    leave_url: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """The name, the logo and the style sheet of a vendor's brand."""

    name: str
    logo_url: str = ""
    css_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Help:
    """What this screen is for; `url` is its place on the page with all help."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class TourStep:
    """One step of the tour, on the page that it tells of. `points` selects what is outlined; the first step has no
    `back_url`, the last no `next_url`; `end_url` is posted to.
    """

    number: int
    total: int
    title: str
    text: str
    points: str
    back_url: str
    next_url: str
    end_url: str


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Everything around a page's own content."""

    face: Literal["desk", "portal"]
    look: Look
    home_url: str
    groups: Sequence[Group]
    person: Person
    palette_url: str = ""
    bell: Link | None = None
    help: Help | None = None
    tour: TourStep | None = None
    viewing: Viewing | None = None
    is_demo: bool = False


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One answer of the command palette."""

    label: str
    url: str
    icon: str
    note: str = ""


def current_url(groups: Sequence[Group], path: str) -> str:
    """The address of the entry that `path` lies under: the longest that `path` begins with; else nothing."""
    urls = [link.url for group in groups for link in group.links]
    return max(
        (url for url in urls if path == url or (path.startswith(url) and url.endswith("/"))), key=len, default=""
    )
