"""The tree of families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Id = TypeVar("Id")

DEEPEST = 8
"""More levels than anybody keeps apart; the longest path that an import makes."""
SEPARATOR = ">"


def path_of(text: str) -> tuple[str, ...]:
    """`Bikes > Road Bikes` as names from the root down; empty parts are left out."""
    return tuple(name for part in text.split(SEPARATOR) if (name := " ".join(part.split())))


def with_those_above(family: Id, parents: Mapping[Id, Id | None]) -> list[Id]:
    """The family, then what it lies in, up to the root. A circle, should there be one, ends it."""
    found: list[Id] = []
    at: Id | None = family
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def with_those_below(family: Id, parents: Mapping[Id, Id | None]) -> set[Id]:
    """The family and everything in it."""
    return {each for each in {*parents, family} if family in with_those_above(each, parents)}


def may_lie_in(family: Id, parent: Id | None, parents: Mapping[Id, Id | None]) -> bool:
    """No family lies in itself, directly or through others, and none deeper than is kept apart."""
    if parent is None:
        return True
    above = with_those_above(parent, parents)
    below = with_those_below(family, parents)
    height = max(len(with_those_above(each, parents)) for each in below) - len(with_those_above(family, parents)) + 1
    return family not in above and len(above) + height <= DEEPEST
