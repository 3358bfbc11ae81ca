"""Bars over time or over names, with several series piled on each other."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from buoy.ui.charts.drawing import Drawing, Picture, Say, Series, Value, in_all_widths, plot


def bars(*, title: str, labels: Sequence[str], series: Sequence[Series], say: Say, say_axis: Say) -> Picture:
    """One bar a label. Values must not be negative: a pile of ups and downs cannot be read."""
    for each in series:
        if len(each.values) != len(labels) or min(each.values, default=0) < 0:
            raise ValueError(
                f"series {each.name!r} must have one value, nought or more, for each of {len(labels)} labels"
            )
    largest = max(sum(each.values[index] for each in series) for index in range(len(labels)))

    def draw(width: float, css: str) -> SafeString:
        field = plot(title=title, width=width, height=250, largest=largest, say=say_axis)
        room = field.width / len(labels)
        thick = min(34.0, room * 0.52)

        def middle(index: int) -> float:
            return field.before + room * (index + 0.5)

        for index, label in enumerate(labels):
            told = [f"{each.name} {say(each.values[index])}" for each in series]
            field.drawing.begin_hit(f"{label}: {', '.join(told)}")
            below: Value = 0
            for number, each in enumerate(series):
                y, base = field.y(below + each.values[index]), field.y(below)
                is_top = not any(other.values[index] for other in series[number + 1 :])
                _bar(field.drawing, middle(index), y, thick, base - y, f"fill-{number % 5}", is_top=is_top)
                below += each.values[index]
            field.drawing.end_hit()
        field.draw_labels(labels, at=middle)
        return field.drawing.svg(css)

    return Picture(
        title=title,
        drawings=in_all_widths(draw),
        legend=[each.name for each in series] if len(series) > 1 else [],
        head=["", *(each.name for each in series)],
        rows=[[label, *(say(each.values[index]) for each in series)] for index, label in enumerate(labels)],
    )


def _bar(drawing: Drawing, middle: float, y: float, thick: float, height: float, css: str, *, is_top: bool) -> None:
    if height <= 0:
        return
    if not is_top:
        drawing.box(middle - thick / 2, y, thick, height, css)
        return
    round_ = min(4.0, height, thick / 2)
    start = float(drawing.x(middle)) - thick / 2
    drawing.path(
        f"M{start:.1f} {y + height:.1f}V{y + round_:.1f}q0 {-round_:.1f} {round_:.1f} {-round_:.1f}"
        f"h{thick - 2 * round_:.1f}q{round_:.1f} 0 {round_:.1f} {round_:.1f}V{y + height:.1f}z",
        css,
    )
