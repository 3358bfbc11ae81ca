"""What all charts share: the elements of a drawing, mirrored where one reads from right to left, and an axis.

Positions are floats: they are points on a screen, made from amounts and never turned back into them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

Value = int | Decimal
Say = Callable[[Value], str]

WIDTHS = {"chart-wide": 720.0, "chart-middle": 500.0, "chart-small": 330.0}  # css/components/chart.css chooses.


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of values, in the order of the chart's labels."""

    name: str
    values: Sequence[Value]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart ready to be shown: the same drawing in three widths, the names of its colours, and its numbers as a table."""

    title: str
    drawings: Sequence[SafeString]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    legend: Sequence[str] = ()


@dataclass(kw_only=True)
class Drawing:
    """Collects the elements of one SVG. All x are counted from where reading begins."""

    width: float
    height: float
    title: str
    is_rtl: bool = field(default_factory=get_language_bidi)
    parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> str:
        return _short(self.width - value if self.is_rtl else value)

    def line(self, x1: float, x2: float, y: float, css: str) -> None:
        self.parts.append(
            f'<line class="{css}" x1="{self.x(x1)}" x2="{self.x(x2)}" y1="{_short(y)}" y2="{_short(y)}"/>'
        )

    def text(self, x: float, y: float, words: str, css: str, *, anchor: str = "start") -> None:
        """Anchors follow reading: `start` is the right edge in Arabic. SVG itself is told to run left to right."""
        if self.is_rtl:
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        self.parts.append(
            f'<text class="{css}" x="{self.x(x)}" y="{_short(y)}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, css: str, *, radius: float = 0) -> None:
        start = self.width - x - width if self.is_rtl else x
        self.parts.append(
            f'<rect class="{css}" x="{_short(start)}" y="{_short(y)}" width="{_short(width)}" '
            f'height="{_short(height)}" rx="{_short(radius)}"/>'
        )

    def path(self, commands: str, css: str) -> None:
        self.parts.append(f'<path class="{css}" d="{commands}"/>')

    def circle(self, x: float, y: float, radius: float, css: str) -> None:
        self.parts.append(f'<circle class="{css}" cx="{self.x(x)}" cy="{_short(y)}" r="{_short(radius)}"/>')

    def begin_hit(self, tip: str) -> None:
        """What follows, until `end_hit`, is one mark: the pointer and the arrow keys stop at it and it tells `tip`."""
        said = escape(tip)
        self.parts.append(f'<g class="chart-hit" tabindex="-1" role="img" aria-label="{said}" data-tip="{said}">')

    def end_hit(self) -> None:
        self.parts.append("</g>")

    def svg(self, css: str) -> SafeString:
        # The drawing is mirrored here, point by point: a transform would turn its words over as well.
        return format_html(
            '<svg class="{}" viewBox="0 0 {} {}" role="group" tabindex="0" aria-label="{}" direction="ltr">{}</svg>',
            css,
            _short(self.width),
            _short(self.height),
            self.title,
            mark_safe("".join(self.parts)),
        )


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def cut(words: str, *, room: float) -> str:
    """Shorten words that would run out of `room` units. The table and the tips have them whole."""
    letters = max(3, int(room / 6.6))
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def ticks(largest: Value, *, wanted: int = 4) -> list[Decimal]:
    """Round numbers from nought to at least `largest`, about as many as are wanted."""
    top = Decimal(largest)
    if top <= 0:
        return [Decimal(0), Decimal(1)]
    power = Decimal(10) ** (top / wanted).adjusted()
    step = next(power * factor for factor in (1, 2, Decimal("2.5"), 5, 10) if power * factor * wanted >= top)
    return [step * index for index in range(math.ceil(top / step) + 1)]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """The field between the axes of a chart with a scale of values."""

    drawing: Drawing
    scale: Sequence[Decimal]
    say: Say
    before: float
    top: float = 8
    below: float = 26

    @property
    def width(self) -> float:
        return self.drawing.width - self.before - 4

    @property
    def height(self) -> float:
        return self.drawing.height - self.top - self.below

    def y(self, value: Value) -> float:
        return self.top + self.height * (1 - float(Decimal(value) / self.scale[-1]))

    def draw_scale(self) -> None:
        for value in self.scale:
            y = self.y(value)
            self.drawing.line(self.before, self.drawing.width - 4, y, "chart-grid" if value else "chart-axis")
            self.drawing.text(self.before - 8, y + 4, self.say(value), "chart-mark", anchor="end")

    def draw_labels(self, labels: Sequence[str], *, at: Callable[[int], float]) -> None:
        room = self.width / len(labels)
        longest = max(len(label) for label in labels) * 7
        every = max(1, -(-longest // max(1, int(room))))
        for index, label in enumerate(labels):
            if index % every == 0:
                self.drawing.text(at(index), self.drawing.height - 7, label, "chart-mark", anchor="middle")


def plot(*, title: str, width: float, height: float, largest: Value, say: Say) -> Plot:
    """An empty field with its scale drawn, as wide beside it as the longest number needs."""
    scale = ticks(largest)
    drawing = Drawing(width=width, height=height, title=title)
    before = 14 + 6.8 * max(len(say(value)) for value in scale)
    field_ = Plot(drawing=drawing, scale=scale, say=say, before=before)
    field_.draw_scale()
    return field_


def in_all_widths(draw: Callable[[float, str], SafeString]) -> list[SafeString]:
    """Call `draw` with each width and the class that shows it where it fits."""
    return [draw(width, css) for css, width in WIDTHS.items()]
