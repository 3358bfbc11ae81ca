"""Bands: do they cover every measure exactly once, from 0 to as high as it gets?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.check.lint import WARNING, Lint
from buoy_engine.spec.constants import said
from buoy_engine.spec.edges import LOWER_WORDS, UPPER_WORDS, Edge, Span, lows, spans, written
from buoy_engine.spec.model import Band, Component, Tiers
from buoy_engine.spec.source import Path

TILING = "bands that hold every measure from 0 upwards exactly once"


def check_bands(lint: Lint) -> Iterator[Problem]:
    """Every table of bands of every scale."""
    for path, component, tiers in lint.scales():
        yield from _table(lint, (*path, "bands"), component, tiers, tiers.bands)
        for at, version in enumerate(tiers.versions):
            yield from _table(lint, (*path, "versions", at, "bands"), component, tiers, version.bands)


def _table(lint: Lint, path: Path, component: Component, tiers: Tiers, bands: tuple[Band, ...]) -> Iterator[Problem]:
    if doubled := list(_doubled(lint, path, bands)):
        yield from doubled
        return
    found = spans(lint.plan, component, tiers, bands)
    if not found:
        return
    yield from _start(lint, path, found[0])
    yield from _end(lint, path, found, tiers)
    if descending := list(_order(lint, path, found)):
        yield from descending
        return
    for at, (below, above) in enumerate(pairwise(found)):
        yield from _seam(lint, (*path, at + 1), at + 1, below.high, above.low)
    yield from _unreachable(lint, path, found)


def _doubled(lint: Lint, path: Path, bands: tuple[Band, ...]) -> Iterator[Problem]:
    for at, band in enumerate(bands):
        for side, words in (("lower", LOWER_WORDS), ("upper", UPPER_WORDS)):
            if len(used := list(written(band, words))) > 1:
                yield lint.problem(
                    (*path, at, used[1]),
                    "band-edges",
                    found=f"band {at + 1} has {len(used)} {side} edges: {' and '.join(used)}",
                    expected=f"one {side} edge",
                    fix=f"remove {used[0]} or {used[1]}",
                )


def _start(lint: Lint, path: Path, first: Span) -> Iterator[Problem]:
    if first.low is not None and first.low.value:
        yield lint.problem(
            (*path, 0, first.low.word),
            "band-start",
            found=f"the first band begins at {said(first.low.value)}",
            expected="bands that start at 0",
            fix="add a band {from: 0, rate: 0%} before it, or begin this one at 0",
        )


def _end(lint: Lint, path: Path, found: list[Span], tiers: Tiers) -> Iterator[Problem]:
    last = found[-1].high
    if last is not None and tiers.mode != "filled":  # the width of a filled band is how far it can be filled
        value = "its upper edge" if last.value is None else said(last.value)
        yield lint.problem(
            (*path, len(found) - 1, last.word),
            "band-open-end",
            found=f"the last band ends at {value}; nothing says what is earned beyond",
            expected="a last band that is open at the top",
            fix=f"remove {last.word}, or add a band for what lies above (with rate: 0% if nothing is earned there)",
        )


def _order(lint: Lint, path: Path, found: list[Span]) -> Iterator[Problem]:
    begins = lows(found)
    for at, (low, following) in enumerate(pairwise(begins), 1):
        if low is not None and following is not None and following < low:
            yield lint.problem(
                (*path, at),
                "band-order",
                found=f"band {at + 1} begins at {said(following)}, below band {at} at {said(low)}",
                expected="bands from low to high",
                fix="put the bands in order, or correct the edge",
            )
    last, end = begins[-1], found[-1].high
    if last is not None and end is not None and end.value is not None and end.value < last:
        yield lint.problem(
            (*path, len(found) - 1, end.word),
            "band-order",
            found=f"band {len(found)} begins at {said(last)} and ends at {said(end.value)}",
            expected="an upper edge above the lower one",
            fix="correct the edge",
        )


def _seam(lint: Lint, path: Path, no: int, end: Edge | None, start: Edge | None) -> Iterator[Problem]:
    """Between band `no` and the next: one edge suffices, two must meet."""
    if end is None and start is None:
        yield lint.problem(
            path,
            "band-overlap",
            found=f"neither band {no} says where it ends nor band {no + 1} where it begins",
            expected=TILING,
            fix=f"write from: … on band {no + 1}, or up_to: … on band {no}",
        )
        return
    if end is None or start is None or end.value is None or start.value is None:
        return
    a, b = said(end.value), said(start.value)
    if end.value < start.value or (end.value == start.value and not (end.inside or start.inside)):
        lost = f"{a} itself" if a == b else f"what lies between {a} and {b}"
        found = f"{lost} is in no band (band {no} {end.word}: {a}, band {no + 1} {start.word}: {b})"
        fix = f"leave {start.word} out of band {no + 1}: it then begins where band {no} ends"
        yield lint.problem((*path, start.word), "band-gap", found=found, expected=TILING, fix=fix)
    elif end.value > start.value or (end.inside and start.inside):
        twice = f"{a} itself" if a == b else f"what lies between {b} and {a}"
        found = f"{twice} is in bands {no} and {no + 1} (band {no} {end.word}: {a}, band {no + 1} {start.word}: {b})"
        fix = f"leave {end.word} out of band {no}, or write below: {b} there"
        yield lint.problem((*path, start.word), "band-overlap", found=found, expected=TILING, fix=fix)


def _unreachable(lint: Lint, path: Path, found: list[Span]) -> Iterator[Problem]:
    begins = lows(found)
    for at, (low, high) in enumerate(pairwise(begins)):
        if low is None or low != high:
            continue
        holds_start = edge.inside if (edge := found[at].low) else at == 0 or not _holds(found[at - 1].high)
        end = found[at].high
        holds_end = end.inside if end else not _holds(found[at + 1].low)
        if not (holds_start and holds_end):
            yield lint.problem(
                (*path, at, edge.word) if edge else (*path, at),
                "band-unreachable",
                found=f"band {at + 1} begins and ends at {said(low)}: no measure is ever in it",
                expected="a band with room between its edges",
                fix="remove the band, or correct its edge",
                severity=WARNING,
            )


def _holds(edge: Edge | None) -> bool:
    return edge is not None and edge.inside


def check_versions(lint: Lint) -> Iterator[Problem]:
    """Dated tables of one scale: in order of their dates, and inside the plan."""
    for path, _, tiers in lint.scales():
        for at, (before, after) in enumerate(pairwise(tiers.versions), 1):
            if after.from_ <= before.from_:
                yield lint.problem(
                    (*path, "versions", at, "from"),
                    "version-order",
                    found=f"a table from {after.from_} after one from {before.from_}",
                    expected="tables in the order of their dates, one per day",
                    fix="put them in order, or correct the date",
                )
        yield from _versions_outside(lint, path, tiers)


def _versions_outside(lint: Lint, path: Path, tiers: Tiers) -> Iterator[Problem]:
    valid = lint.plan.valid
    for at, version in enumerate(tiers.versions):
        early = valid.from_ is not None and version.from_ <= valid.from_
        late = valid.to is not None and version.from_ > valid.to
        if early or late:
            what = "the tables before it are never used" if early else "it is never used"
            yield lint.problem(
                (*path, "versions", at, "from"),
                "outside-validity",
                found=f"a table from {version.from_} in a plan from {valid.from_} to {valid.to}: {what}",
                expected="a day inside the plan, after its first",
                fix="correct the date, or remove the table",
                severity=WARNING,
            )
