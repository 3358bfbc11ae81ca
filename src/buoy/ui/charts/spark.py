"""Two small drawings for rows and figures: the course of a value, and how much of a target is reached."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi

from buoy.ui.charts.drawing import Value

WIDTH = 96
HEIGHT = 28


def spark(values: Sequence[Value]) -> SafeString:
    """The course of a value, without axes. Decoration beside the number itself: readers of screens do not meet it."""
    if len(values) < 2:
        raise ValueError(f"a course needs two values or more; there are {len(values)}")
    lowest = min(values)
    spread = float(max(values) - lowest) or 1.0
    step = WIDTH / (len(values) - 1)
    xs = [WIDTH - step * index if get_language_bidi() else step * index for index in range(len(values))]
    ys = [HEIGHT - 3 - float(value - lowest) * (HEIGHT - 6) / spread for value in values]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<polygon class="spark-area" points="{},{} {} {},{}"/>'
        '<polyline class="spark-line" points="{}" vector-effect="non-scaling-stroke"/></svg>',
        WIDTH, HEIGHT, f"{xs[0]:.1f}", HEIGHT, way, f"{xs[-1]:.1f}", HEIGHT, way,
    )  # fmt: skip


def meter(ratio: Decimal) -> SafeString:
    """A bar that is full at 1. The number stands beside it as text."""
    filled = float(min(Decimal(1), max(Decimal(0), ratio))) * 120
    return format_html(
        '<svg viewBox="0 0 120 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="meter-ground" width="120" height="6"/>'
        '<rect class="meter-fill" x="{}" width="{}" height="6"/></svg>',
        f"{120 - filled:.1f}" if get_language_bidi() else 0,
        f"{filled:.1f}",
    )
