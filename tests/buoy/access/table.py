"""Reads the table of answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.buoy.access.routes import Route
from tests.buoy.access.world import GROUPS, IDENTITIES, OBJECTS

NOT_FOUND = 404


@dataclass(frozen=True)
class Row:
    """What each identity is answered at one route."""

    route: Route
    answers: dict[str, int]
    objects: dict[str, str]
    words: dict[str, str]
    send: dict[str, Any] | None
    foreign: int
    missing: int

    def __str__(self) -> str:
        return str(self.route)

    def address(self, things: dict[str, Any]) -> str:
        """The path with these things in the places of its parameters."""
        return self.route.path.format(**self.words, **things)


def read() -> list[Row]:
    """All rows. Raises ValueError for one that leaves an identity out or names what does not exist."""
    text = Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8")
    return [_row(Route.read(name), dict(said)) for name, said in YAML(typ="safe").load(text).items()]


def _row(route: Route, said: dict[Any, Any]) -> Row:
    filled, send = said.pop("with", {}), said.pop("send", None)
    words = {name: value[1:] for name, value in filled.items() if value.startswith("=")}
    objects = {name: value for name, value in filled.items() if name not in words}
    foreign, missing = said.pop("foreign", NOT_FOUND), said.pop("missing", NOT_FOUND)
    if (foreign, missing) != (NOT_FOUND, NOT_FOUND) and not said.pop("why", ""):
        raise ValueError(
            f"{route}: foreign or missing things get another answer than 404, and `why` does not say the reason"
        )
    if set(filled) != set(route.parameters):
        raise ValueError(f"{route}: `with` names {sorted(filled)}, expected {sorted(route.parameters)}")
    if strange := set(objects.values()) - set(OBJECTS):
        raise ValueError(f"{route}: {sorted(strange)} are not in OBJECTS of world.py")
    return Row(route, _answers(route, said), objects, words, send, foreign, missing)


def _answers(route: Route, said: dict[int, str]) -> dict[str, int]:
    groups: dict[str, int] = {}
    singles: dict[str, int] = {}
    for status, words in said.items():
        for word in words.split():
            for name in GROUPS.get(word, [word]):
                into = groups if word in GROUPS else singles
                if name in into:
                    raise ValueError(f"{route}: {name} stands under {into[name]} and under {status}")
                into[name] = status
    answers = groups | singles
    if set(answers) != set(IDENTITIES):
        raise ValueError(f"{route}: these identities are left out or unknown: {sorted(set(answers) ^ set(IDENTITIES))}")
    return answers
