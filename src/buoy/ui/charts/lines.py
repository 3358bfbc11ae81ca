"""Lines over time. The first series is filled below its line; the others are lines alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from buoy.ui.charts.drawing import Picture, Plot, Say, Series, in_all_widths, plot


def lines(*, title: str, labels: Sequence[str], series: Sequence[Series], say: Say, say_axis: Say) -> Picture:
    """At least two labels; values must not be negative."""
    for each in series:
        if len(each.values) != len(labels) or len(labels) < 2 or min(each.values) < 0:
            raise ValueError(
                f"series {each.name!r} must have one value, nought or more, for each of two labels or more"
            )
    largest = max(value for each in series for value in each.values)

    def draw(width: float, css: str) -> SafeString:
        field = plot(title=title, width=width, height=250, largest=largest, say=say_axis)
        step = (field.width - 24) / (len(labels) - 1)

        def at(index: int) -> float:
            return field.before + 12 + step * index

        for number, each in reversed(list(enumerate(series))):
            _line(field, [at(index) for index in range(len(labels))], each, number)
        for index, label in enumerate(labels):
            told = [f"{each.name} {say(each.values[index])}" for each in series]
            field.drawing.begin_hit(f"{label}: {', '.join(told)}")
            for number, each in enumerate(series):
                field.drawing.circle(at(index), field.y(each.values[index]), 3.5, f"chart-dot fill-{number % 5}")
            field.drawing.end_hit()
        field.draw_labels(labels, at=at)
        return field.drawing.svg(css)

    return Picture(
        title=title,
        drawings=in_all_widths(draw),
        legend=[each.name for each in series] if len(series) > 1 else [],
        head=["", *(each.name for each in series)],
        rows=[[label, *(say(each.values[index]) for each in series)] for index, label in enumerate(labels)],
    )


def _line(field: Plot, xs: Sequence[float], series: Series, number: int) -> None:
    points = [f"{field.drawing.x(x)} {field.y(value):.1f}" for x, value in zip(xs, series.values, strict=True)]
    way = "L".join(points)
    if number == 0:
        floor = f"{field.y(0):.1f}"
        area = f"M{field.drawing.x(xs[0])} {floor}L{way}L{field.drawing.x(xs[-1])} {floor}z"
        field.drawing.path(area, "chart-area")
    field.drawing.path(f"M{way}", f"chart-line line-{number % 5}")
