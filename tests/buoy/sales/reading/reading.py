"""Reads a whole file in a test, as the application does, without a database."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from buoy.domains.sales.reading import layout as layouts
from buoy.domains.sales.reading.flaws import Flaw
from buoy.domains.sales.reading.layout import Layout
from buoy.domains.sales.reading.lines import KEPT, LineReader
from buoy.domains.sales.reading.mapping import suggest

CURRENCIES = frozenset({"EUR", "USD", "GBP", "PLN", "IDR", "JPY"})


@dataclass
class Outcome:
    """What became of a file: its layout, what it asks, its lines by fact, its flaws by row."""

    layout: Layout
    asks: set[str]
    lines: list[dict[str, str]] = field(default_factory=list)
    flaws: dict[int, tuple[Flaw, ...]] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0

    def all(self, name: str) -> list[str]:
        return [line.get(name, "") for line in self.lines]


def read(
    content: bytes,
    *,
    answers: Mapping[str, str] | None = None,
    mapping: Mapping[str, str] | None = None,
    currency: str = "EUR",
) -> Outcome:
    """Raises Unreadable."""
    stream = io.BytesIO(content)
    layout, questions, rows = layouts.detect(stream, answers)
    chosen = dict(mapping or suggest(layout.columns))
    layout, more = layouts.settle(layout, chosen, rows)
    outcome = Outcome(layout, {question.about for question in [*questions, *more]})
    reader = LineReader(
        layout=layout,
        mapping=chosen,
        defaults={"currency": currency},
        currencies=CURRENCIES,
        latest=date(2027, 6, 1),
    )
    for number, cells in layout.rows(stream):
        outcome.rows += 1
        result = reader(cells)
        if result.flaws:
            outcome.flaws[number] = result.flaws
        if result.values is None:
            outcome.refused += 1
        else:
            outcome.lines.append({name: value for name, value in zip(KEPT, result.values, strict=True) if value})
    return outcome


def codes(outcome: Outcome) -> list[str]:
    return [flaw.code for flaws in outcome.flaws.values() for flaw in flaws]
