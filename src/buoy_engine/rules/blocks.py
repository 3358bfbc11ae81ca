"""Blocks: so much for every 100 units.

"For every 100" counts completed blocks (floor: 150 units are one), "per 100 or part of it" counts started ones (ceiling: 150
are two, and exactly 200 still two). `free` units come off first and never below zero. Source: design/semantics.md Q22; case RB-005.
"""

from __future__ import annotations

from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr


def count_blocks(measure: Expr, size: Expr, free: Expr | None, *, started: bool) -> Expr:
    """Number of blocks in the measure, a whole number, never negative."""
    counted = ir.greatest(ir.ZERO, measure if free is None else ir.sub(measure, free))
    return ir.div(counted, size, 0, "ceiling" if started else "floor")
