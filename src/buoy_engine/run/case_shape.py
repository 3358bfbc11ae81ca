"""The form of a worked case or an example: what is not a table, a row or an expectation, and where it stands.

A case is written by hand, so its mistakes are those of a hand: a dash forgotten, a row written as a list. They are told
with the line they stand on, before anything is calculated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from buoy_engine.run.expectations import Miss
from buoy_engine.spec.source import Path, Source

STEP_KEYS = frozenset({"facts", "remove", "replace", "close", "expect", "title", "notes"})


def shape_misses(source: Source, case: Any, path: Path = ()) -> list[Miss]:
    """Everything in the case at `path` of the document that does not have the form of docs/cases.md."""
    return list(_case(_Places(source), case, path))


class _Places:
    """Says where things stand."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def miss(self, path: Path, expected: str, found: Any) -> Miss:
        line, _ = self.source.position(path)
        name = ".".join(map(str, path)) or "the file"
        return Miss(f"line {line}, {name}", expected, _kind(found))


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
    return repr(value)


def _case(places: _Places, case: Any, path: Path) -> Iterator[Miss]:
    if not isinstance(case, Mapping):
        yield places.miss(path, "a mapping with facts and expect", case)
        return
    yield from _facts(places, case.get("facts"), (*path, "facts"))
    yield from _mapping(places, case.get("expect"), (*path, "expect"), "expectations such as earned: {P1: …}")
    yield from _variants(places, case.get("variants"), (*path, "variants"))
    yield from _steps(places, case.get("steps"), (*path, "steps"))


def _mapping(places: _Places, value: Any, path: Path, expected: str) -> Iterator[Miss]:
    if value is not None and not isinstance(value, Mapping):
        yield places.miss(path, expected, value)


def _facts(places: _Places, facts: Any, path: Path) -> Iterator[Miss]:
    if facts is None:
        return
    if not isinstance(facts, Mapping):
        yield places.miss(path, "tables of rows, as in facts: {lines: [{id: L1, …}]}", facts)
        return
    for table, rows in facts.items():
        yield from _rows(places, rows, (*path, str(table)))


def _rows(places: _Places, rows: Any, path: Path) -> Iterator[Miss]:
    if rows is None:
        return
    if not isinstance(rows, list):
        yield places.miss(path, "a list of rows", rows)
        return
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield places.miss((*path, at), "a row such as {id: L1, partner: P1}", row)


def _variants(places: _Places, variants: Any, path: Path) -> Iterator[Miss]:
    if variants is None:
        return
    if not isinstance(variants, Mapping):
        yield places.miss(path, "variants by name, each with what it changes", variants)
        return
    for name, change in variants.items():
        yield from _mapping(places, change, (*path, str(name)), "what the variant changes in the plan")
        if isinstance(change, Mapping):
            yield from _facts(places, change.get("facts"), (*path, str(name), "facts"))


def _steps(places: _Places, steps: Any, path: Path) -> Iterator[Miss]:
    if steps is None:
        return
    if not isinstance(steps, list):
        yield places.miss(path, "a list of steps", steps)
        return
    for at, step in enumerate(steps):
        here = (*path, at)
        if not isinstance(step, Mapping):
            yield places.miss(here, "a step such as {facts: …, close: 2025-01, expect: …}", step)
            continue
        for key in sorted(map(str, set(step) - STEP_KEYS)):
            yield places.miss((*here, key), f"one of {', '.join(sorted(STEP_KEYS))}", key)
        yield from _facts(places, step.get("facts"), (*here, "facts"))
        yield from _facts(places, step.get("replace"), (*here, "replace"))
        yield from _mapping(places, step.get("remove"), (*here, "remove"), "rows to take away, as in {lines: [L1]}")
        yield from _mapping(places, step.get("expect"), (*here, "expect"), "expectations such as earned: {P1: …}")
