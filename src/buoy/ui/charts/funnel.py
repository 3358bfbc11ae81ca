"""A funnel: how many are left after each stage, and what share of the first that is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.safestring import SafeString

from buoy.ui import formats
from buoy.ui.charts.drawing import Drawing, Picture, Say, Value, cut, in_all_widths


def funnel(*, title: str, head: Sequence[str], stages: Sequence[tuple[str, Value]], say: Say) -> Picture:
    """`head` names the three columns of the table: stage, count, share. The first stage must not be nought."""
    first = stages[0][1]
    if first <= 0:
        raise ValueError(f"the first stage of a funnel must be more than nought; it is {first}")
    told = [(name, say(value), formats.percent(Decimal(value) / first)) for name, value in stages]

    def draw(width: float, css: str) -> SafeString:
        row = 40.0
        drawing = Drawing(width=width, height=row * len(stages), title=title)
        before, after = (130.0, 96.0) if width > 400 else (92.0, 76.0)
        room = width - before - after
        for index, (name, count, share) in enumerate(told):
            following = stages[min(index + 1, len(stages) - 1)][1]
            upper, lower = (room * float(Decimal(value) / first) for value in (stages[index][1], following))
            y, middle = row * index, float(drawing.x(before + room / 2))
            drawing.begin_hit(f"{name}: {count}, {share}")
            drawing.path(
                f"M{middle - upper / 2:.1f} {y + 1.5:.1f}H{middle + upper / 2:.1f}"
                f"L{middle + lower / 2:.1f} {y + row:.1f}H{middle - lower / 2:.1f}z",
                f"chart-step step-{min(index, 5)}",
            )
            drawing.end_hit()
            drawing.text(0, y + row / 2 + 4, cut(name, room=before - 8), "chart-label")
            drawing.text(width, y + row / 2 + 4, f"{count} · {share}", "chart-mark", anchor="end")
        return drawing.svg(css)

    return Picture(title=title, drawings=in_all_widths(draw), head=head, rows=told)
