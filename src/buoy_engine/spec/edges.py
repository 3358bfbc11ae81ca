"""The edges of a scale: where each band begins and ends, and whether the edge itself is inside.

The problem
    "Under 50", "over 50 up to 100", "100 and above" leaves 50 in no band and puts 100 into two. Whether bands tile is
    a question about edges *and* about which side of an edge it belongs to.

A worked example (case RT-019)
    {below: 50}  {above: 50, up_to: 100}  {from: 100}
    seam 1: ends below 50, begins above 50     → 50 itself is in no band: a gap
    seam 2: ends at 100 inclusive, begins at 100 inclusive  → 100 is in two bands: an overlap

Rules
    `from` holds its edge (unless the plan says `edges: exceed`), `above` does not; `up_to` holds it, `below` does not;
    `to` is the other side of `from`. An edge that only one of two neighbours writes is the other's too, so bands with
    `from` alone, or with `up_to` alone, tile by themselves.

What this module does not do: compare edges that depend on facts (`from: target(revenue)`); their value is None.
Source: design/semantics.md Q1, Q23; case RT-019.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.constants import constant
from buoy_engine.spec.model import Band, Component, Plan, Tiers

LOWER_WORDS = ("from", "above")
UPPER_WORDS = ("up_to", "below", "to")


@dataclass(frozen=True)
class Edge:
    """One written edge. `value` None: it depends on facts. `inside`: the edge itself belongs to the band."""

    word: str
    value: Fraction | None
    inside: bool


@dataclass(frozen=True)
class Span:
    """The edges that a band writes."""

    low: Edge | None
    high: Edge | None


def written(band: Band, words: tuple[str, ...]) -> dict[str, ast.Node]:
    """The edge words of a band that are used, with their values."""
    found = {word: getattr(band, "from_" if word == "from" else word, None) for word in words}
    return {word: node for word, node in found.items() if node is not None}


def spans(plan: Plan, component: Component, tiers: Tiers, bands: tuple[Band, ...]) -> list[Span]:
    """The edges of every band, as written."""
    exceed = (tiers.edges or plan.setting("edges", component)) == "exceed"
    inside = {"from": not exceed, "above": False, "up_to": True, "below": False, "to": exceed}

    def edge(band: Band, words: tuple[str, ...]) -> Edge | None:
        for word, node in written(band, words).items():
            return Edge(word, constant(plan, node), inside[word])
        return None

    return [Span(edge(band, LOWER_WORDS), edge(band, UPPER_WORDS)) for band in bands]


def lows(found: list[Span]) -> list[Fraction | None]:
    """Where each band begins: at its own lower edge, else where the one before ends, else at 0."""
    begins: list[Fraction | None] = []
    before: Edge | None = None
    for i, span in enumerate(found):
        edge = span.low or before
        begins.append(Fraction(0) if edge is None and i == 0 else edge.value if edge else None)
        before = span.high
    return begins


def boundary_values(plan: Plan) -> list[tuple[str, Decimal]]:
    """(component, measure) one unit below, at and one unit above every constant edge: where a plan is misread.

    The unit is the smallest amount of the plan's currency, or 1 where the measure counts things. Edges that are shares
    of something known only from facts are left out.
    """
    found: dict[tuple[str, Decimal], None] = {}
    for component in plan.components:
        for tiers in (component.tiers, component.otherwise.tiers if component.otherwise else None):
            scale = None if tiers is None else _unit_of_edges(plan, tiers)
            if tiers is None or scale is None:
                continue
            unit = _smallest(plan, component)
            for edge in _inner_edges(plan, component, tiers):
                at = edge * scale
                found |= dict.fromkeys((component.id, _decimal(at + step)) for step in (-unit, Fraction(0), unit))
    return list(found)


def _inner_edges(plan: Plan, component: Component, tiers: Tiers) -> list[Fraction]:
    tables = (tiers.bands, *(version.bands for version in tiers.versions))
    edges = {low for bands in tables for low in lows(spans(plan, component, tiers, bands))[1:] if low is not None}
    return sorted(edges)


def _unit_of_edges(plan: Plan, tiers: Tiers) -> Fraction | None:
    return Fraction(1) if tiers.of is None else constant(plan, tiers.of)


def _smallest(plan: Plan, component: Component) -> Fraction:
    """One minor unit, or 1 for a measure that counts rows, things or pieces."""
    node = component.measure if component.measure is not None else component.base
    match node:
        case ast.Call("count" | "distinct") | ast.Name(("quantity",)) | ast.Call("sum", (ast.Name(("quantity",)),)):
            return Fraction(1)
    return Fraction(1, 10 ** minor_digits(plan.currency))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
