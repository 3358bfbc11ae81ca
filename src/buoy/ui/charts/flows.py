"""Where something comes from, what it passes, and where it ends (a Sankey diagram).

Stops stand in columns, in reading order; each is as tall as what flows through it. The scale is that of the fullest
column, so that equal heights are equal amounts everywhere. Good for about four columns of ten stops; stops are drawn
in the order given, and nothing is moved to avoid crossings: the caller knows an order that means something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from buoy.ui.charts.drawing import Drawing, Picture, Say, Value, cut, in_all_widths

GAP = 14.0
THICK = 10.0


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A place that something flows through. Columns are counted from nought."""

    key: str
    column: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """So much goes from one stop to another in a later column."""

    source: str
    target: str
    value: Value


@dataclass(kw_only=True)
class _Place:
    """Where a stop stands, and how far down its two sides are taken already."""

    x: float
    y: float
    height: float
    leaves: float = 0
    arrives: float = 0


def flows(*, title: str, head: Sequence[str], stops: Sequence[Stop], flows: Sequence[Flow], say: Say) -> Picture:
    """`head` names the three columns of the table: from, to, amount. Stops without any flow are left out."""
    through = {stop.key: _through(stop, flows) for stop in stops}
    used = [stop for stop in stops if through[stop.key]]
    names = {stop.key: stop.name for stop in used}

    def draw(width: float, css: str) -> SafeString:
        drawing = Drawing(width=width, height=260, title=title)
        margins = _margin(used, width=width, is_first=True), _margin(used, width=width, is_first=False)
        places, scale = _places(used, through, width=width, height=drawing.height, margins=margins)
        for flow in flows:
            drawing.begin_hit(f"{names[flow.source]} → {names[flow.target]}: {say(flow.value)}")
            _ribbon(drawing, places[flow.source], places[flow.target], float(flow.value) * scale)
            drawing.end_hit()
        for stop in used:
            _stop(drawing, stop, places[stop.key], room=margins[0] - 12)
        return drawing.svg(css)

    table = [[names[flow.source], names[flow.target], say(flow.value)] for flow in flows]
    return Picture(title=title, drawings=in_all_widths(draw), head=head, rows=table)


def _through(stop: Stop, flows: Sequence[Flow]) -> Decimal:
    arrives = sum((Decimal(flow.value) for flow in flows if flow.target == stop.key), Decimal(0))
    leaves = sum((Decimal(flow.value) for flow in flows if flow.source == stop.key), Decimal(0))
    return max(arrives, leaves)


def _margin(stops: Sequence[Stop], *, width: float, is_first: bool) -> float:
    """Room for the names before the first column, or behind the last: as much as they need, at most a quarter."""
    column = 0 if is_first else max(stop.column for stop in stops)
    longest = max(len(stop.name) for stop in stops if stop.column == column)
    return min(width / 4, 16 + 6.8 * longest)


def _places(
    stops: Sequence[Stop], through: dict[str, Decimal], *, width: float, height: float, margins: tuple[float, float]
) -> tuple[dict[str, _Place], float]:
    columns: dict[int, list[Stop]] = {}
    for stop in stops:
        columns.setdefault(stop.column, []).append(stop)
    totals = {column: float(sum(through[stop.key] for stop in here)) for column, here in columns.items()}
    scale = min((height - GAP * (len(here) - 1)) / totals[column] for column, here in columns.items())
    between = (width - sum(margins) - THICK) / max(1, max(columns))
    places = {}
    for column, here in columns.items():
        y = (height - totals[column] * scale - GAP * (len(here) - 1)) / 2
        for stop in here:
            tall = float(through[stop.key]) * scale
            places[stop.key] = _Place(x=margins[0] + between * column, y=y, height=tall)
            y += tall + GAP
    return places, scale


def _ribbon(drawing: Drawing, source: _Place, target: _Place, thick: float) -> None:
    begin, end = source.x + THICK, target.x
    upper, lower = source.y + source.leaves, target.y + target.arrives
    source.leaves += thick
    target.arrives += thick
    x0, x1, middle = drawing.x(begin), drawing.x(end), drawing.x((begin + end) / 2)
    drawing.path(
        f"M{x0} {upper:.1f}C{middle} {upper:.1f} {middle} {lower:.1f} {x1} {lower:.1f}"
        f"V{lower + thick:.1f}C{middle} {lower + thick:.1f} {middle} {upper + thick:.1f} {x0} {upper + thick:.1f}z",
        "chart-flow",
    )


def _stop(drawing: Drawing, stop: Stop, place: _Place, *, room: float) -> None:
    drawing.box(place.x, place.y, THICK, place.height, f"fill-{stop.column % 3}", radius=3)
    y = place.y + place.height / 2 + 4
    if stop.column == 0:
        drawing.text(place.x - 7, y, cut(stop.name, room=room), "chart-label", anchor="end")
    else:
        drawing.text(place.x + THICK + 7, y, cut(stop.name, room=room), "chart-label")
