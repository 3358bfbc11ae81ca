"""Tiers: from a measure to a rate or an amount, over bands of a scale.

The problem
    "5 % to 100,000, then 8 %" is read in two ways that differ by thousands, and each has its own trouble at the edges.

A worked example (sales of 140,000 against a quota of 100,000; case MT-001)
    bands of quota   0–50 %   50–100 %   100–150 %   above
    rate             5 %      10 %       15 %        20 %
    marginal         2,500  + 5,000    + 6,000     + 0      = 13,500    each slice its own rate
    retroactive                          15 % × 140,000     = 21,000    everything at the rate reached

Marginal scales are a *potential* P: the money earned when the running total stands at m. A line earns P(after) − P(before); a
line that straddles an edge needs no splitting, a return runs backwards, and the sum of the lines is P(total) by
construction. Below zero the first band's rate goes on, so that a net return is a negative amount and not silence.

Retroactive scales look the reached band up once. Edges are compared with the exact measure, by cross-multiplication when it is
a quotient: 333,333.32 of 333,333.33 is shown as 100.00 % and is not 100 %.

What this module does not do: decide what the measure is, or round (except inside bands, where a plan asks for it).
Source: design/semantics.md Q1, Q2, Q11, Q23; cases MT-*, RT-*, GT-102.
"""

from __future__ import annotations

from dataclasses import dataclass

from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr
from buoy_engine.kernel.ratio import Ratio, compare


@dataclass(frozen=True)
class Step:
    """One band, edges already in units of the measure. `high` None: open. `exceed`: the lower edge is not yet inside."""

    low: Expr
    high: Expr | None
    rate: Expr | None
    amount: Expr | None
    exceed: bool = False


@dataclass(frozen=True)
class Scale:
    """Bands from low to high."""

    steps: tuple[Step, ...]
    round_bands: int | None = None
    mode: str = "half_up"

    def potential(self, measure: Expr) -> Expr:
        """P(measure) of a marginal scale: every slice at its own rate, every band entered adds its amount."""
        total: Expr = ir.ZERO
        for part in self.slices(measure):
            total = ir.add(total, part)
        return total

    def filled(self, measure: Expr) -> Expr:
        """Every band pays its amount in the proportion in which it is filled; an open one, when it is entered."""
        total: Expr = ir.ZERO
        for i, step in enumerate(self.steps):
            if step.amount is None:
                continue
            if step.high is None:
                entered = self._entered(step, measure, first=i == 0)
                total = ir.add(total, ir.case([(entered, step.amount)], ir.ZERO))
                continue
            width = ir.sub(step.high, step.low)
            part = ir.clamp(ir.sub(measure, step.low), ir.ZERO, width)
            total = ir.add(total, ir.div(ir.mul(step.amount, part), width))
        return total

    def reached(self, measure: Ratio) -> Expr:
        """Number of the band that holds the measure, from 1."""
        return self._by_band(measure, [ir.lit(i + 1) for i in range(len(self.steps))])

    def rate(self, measure: Ratio) -> Expr:
        """The reached band's rate; 0 where it has none."""
        return self._by_band(measure, [step.rate or ir.ZERO for step in self.steps])

    def amount(self, measure: Ratio) -> Expr:
        """The reached band's fixed amount; 0 where it has none, and below the lowest edge: a credit note enters no band."""
        reached = self._by_band(measure, [step.amount or ir.ZERO for step in self.steps])
        if self.steps[0].amount is None:
            return reached
        return ir.case([(compare("lt", measure, Ratio(self.steps[0].low)), ir.ZERO)], reached)

    def slices(self, measure: Expr) -> list[Expr]:
        """What every band contributes to P(measure)."""
        return [
            Scale((step,), self.round_bands, self.mode)._alone(measure, first=i == 0)
            for i, step in enumerate(self.steps)
        ]

    def _alone(self, measure: Expr, *, first: bool) -> Expr:
        (step,) = self.steps
        part = ir.ZERO if step.rate is None else self._slice(step, measure, first=first)
        entered = (
            ir.ZERO
            if step.amount is None
            else ir.case([(self._entered(step, measure, first=first), step.amount)], ir.ZERO)
        )
        return ir.add(part, entered)

    def _by_band(self, measure: Ratio, values: list[Expr]) -> Expr:
        branches = [
            (compare("gt" if step.exceed else "ge", measure, Ratio(step.low)), value)
            for step, value in reversed(list(zip(self.steps, values, strict=True))[1:])
        ]
        return ir.case(branches, values[0]) if branches else values[0]

    def _slice(self, step: Step, measure: Expr, *, first: bool) -> Expr:
        inside = measure if step.high is None else ir.least(measure, step.high)
        part = inside if first else ir.greatest(ir.sub(inside, step.low), ir.ZERO)
        assert step.rate is not None
        if self.round_bands is None:
            return ir.mul(part, step.rate)
        return ir.round_to(
            ir.mul(ir.round_to(part, self.round_bands, self.mode), step.rate), self.round_bands, self.mode
        )

    def _entered(self, step: Step, measure: Expr, *, first: bool) -> Expr:
        """The lowest band is entered by anything above its edge, so that P(0) is 0 and lines add up."""
        return ir.compare("gt" if step.exceed or first else "ge", measure, step.low)
