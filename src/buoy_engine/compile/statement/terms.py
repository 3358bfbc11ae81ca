"""What a plan says about its statements in values: the draw's amount, the cap and the minimum.

A constant is written where it is used. Anything else speaks about the payee's period, as a component's gate does, and
becomes a relation of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from buoy_engine.compile.cells import Cells
from buoy_engine.compile.statement.settlement import Known, Settlement
from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.ir import Expr, Query
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.constants import constant

Term = Callable[[Known], Expr]
"""A value in the statement of one payee and period."""


@dataclass(frozen=True)
class Terms:
    """The plan's terms. `draw`: a relation, one row per payee and draw period; `values`: cap and minimum, where given."""

    draw: str | None
    values: Mapping[str, Term]


def compile_terms(s: Settlement) -> Terms:
    """Appends the stages of the draw, the cap and the minimum."""
    draw = _draw_amounts(s) if s.plan.statement.draw else None
    given = {"cap": s.plan.statement.cap, "minimum": s.plan.statement.minimum}
    return Terms(draw, {name: _value(s, name, node) for name, node in given.items() if node is not None})


def _value(s: Settlement, name: str, node: ast.Node) -> Term:
    known = constant(s.plan, node)
    if known is not None:
        value = ratio.div(Ratio(ir.lit(known.numerator)), Ratio(ir.lit(known.denominator))).decimal()
        return lambda _: value
    cells = s.cells(name, s.plan.period)
    amount = cells.number(node).decimal()
    keys = s.builder.columns(cells.base, "c", "_payee", "_period", "_seq")
    columns = {"_payee": keys["_payee"], "period": keys["_period"], "seq": keys["_seq"], "value": amount}
    columns["no_target"] = _no_target(cells, amount)
    relation = s.builder.stage(
        f"statement_{name}",
        "one row per payee and statement period",
        Query(columns, cells.base, "c", tuple(cells.joins.values())),
    )
    return lambda payee: payee.of_period(relation, "value")


def _no_target(cells: Cells, value: Expr) -> Expr:
    """Whether there is no value because a target that it asks for is missing."""
    missing = [ir.is_null(target) for target in cells.targets.values()]
    return ir.every(ir.is_null(value), ir.either(*missing)) if missing else ir.FALSE


def _draw_amounts(s: Settlement) -> str:
    """`draw_amounts`: what every payee who takes part is guaranteed in a draw period; prorated as targets are.

    `start_date` is the first day of the draw period, `last_seq` the statement period in which it ends.
    """
    draw = s.plan.statement.draw
    assert draw is not None
    cells = s.cells("draw", draw.every or s.plan.period)
    amount: Expr = cells.number(draw.amount).decimal()
    no_target = _no_target(cells, amount)
    unit = s.plan.setting("prorate")
    if unit != "none":
        whole = s.builder.col(cells.base, f"_{unit}", "c")
        amount = ir.div(ir.mul(amount, cells.active(unit)), whole, s.digits, s.plan.setting("rounding"))
    b = s.builder.columns(cells.base, "c", "_payee", "_settle", "_settle_seq", "_start_date", "_live")
    where = [ir.holds(b["_live"])]
    if s.builder.has("assignments"):
        where.append(ir.compare("gt", cells.active("days"), ir.ZERO))
    if draw.who is not None:
        where.append(ir.holds(cells.condition(draw.who)))
    columns = {
        "_payee": b["_payee"],
        "period": b["_settle"],
        "last_seq": b["_settle_seq"],
        "start_date": b["_start_date"],
        "amount": amount,
        "no_target": no_target,
    }
    query = Query(columns, cells.base, "c", tuple(cells.joins.values()), ir.every(*where))
    return s.builder.stage("draw_amounts", "one row per payee and draw period", query)
