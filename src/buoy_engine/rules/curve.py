"""Interpolated curve: straight lines between points (measure, value); beyond the ends the end's value holds.

Between (100 %, 5,000) and (150 %, 9,000) a measure of 120 % is worth 5,000 + 4,000 × 20/50 = 6,600. The value stays a
fraction, so that what is shared or rounded from it is shared and rounded exactly. Source: design/semantics.md Q2; case AC-004.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr
from buoy_engine.kernel.ratio import Ratio, add, choose, compare, div, mul


def interpolate(points: Sequence[tuple[Expr, Expr]], measure: Ratio) -> Ratio:
    """The value of the curve at `measure`."""
    branches = [(compare("le", measure, Ratio(points[0][0])), Ratio(points[0][1]))]
    for (x0, y0), (x1, y1) in pairwise(points):
        rise = mul(add(measure, Ratio(x0), -1), Ratio(ir.sub(y1, y0)))
        value = add(Ratio(y0), div(rise, Ratio(ir.sub(x1, x0))))
        branches.append((compare("le", measure, Ratio(x1)), value))
    return choose(branches, Ratio(points[-1][1]))
