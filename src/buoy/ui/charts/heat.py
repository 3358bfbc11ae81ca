"""A table of numbers with the strength of a colour behind each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.safestring import SafeString

from buoy.ui.charts.drawing import Drawing, Picture, Say, Value, cut, in_all_widths

SHADES = 7
DARK_SHADES_FROM = 4  # From this shade on, the number is written in the colour of the ground.


def heat(*, title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Value]]], say: Say) -> Picture:
    """Each row has a name and one value, nought or more, for each column."""
    largest = max(max(values) for _, values in rows) or 1

    def draw(width: float, css: str) -> SafeString:
        tall, top = 42.0, 24.0
        drawing = Drawing(width=width, height=top + tall * len(rows), title=title)
        before = 110.0 if width > 400 else 80.0
        wide = (width - before) / len(columns)
        for across, column in enumerate(columns):
            words = cut(column, room=wide - 4)
            drawing.text(before + wide * (across + 0.5), 14, words, "chart-mark", anchor="middle")
        for down, (name, values) in enumerate(rows):
            y = top + tall * down
            drawing.text(0, y + tall / 2 + 4, cut(name, room=before - 8), "chart-label")
            for across, value in enumerate(values):
                x, shade = before + wide * across, shade_of(value, largest)
                drawing.begin_hit(f"{name}, {columns[across]}: {say(value)}")
                drawing.box(x + 1.5, y + 1.5, wide - 3, tall - 3, f"heat-{shade}", radius=4)
                on = " heat-text-on" if shade >= DARK_SHADES_FROM else ""
                drawing.text(x + wide / 2, y + tall / 2 + 4, say(value), f"heat-text{on}", anchor="middle")
                drawing.end_hit()
        return drawing.svg(css)

    table = [[name, *(say(value) for value in values)] for name, values in rows]
    return Picture(title=title, drawings=in_all_widths(draw), head=["", *columns], rows=table)


def shade_of(value: Value, largest: Value) -> int:
    """0 to 6, in equal steps up to the largest value."""
    return min(SHADES - 1, int(SHADES * Decimal(value) / largest))
