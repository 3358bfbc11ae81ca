"""One statement's draw: what tops it up, what pays back, and what is owed after it.

The arithmetic and its worked tables are on the page docs/algorithms/draws.md. Here it is written once for a period of any
payee, in columns of `state_<n>_in`: `_net` is what the period brings, `_draw` the amount guaranteed, `_is_first` and
`_is_last` say whether the draw's time begins or ends with this statement, `_forgives` whether what is still owed after it
is forgiven, and `_open_…` is what the statement before left.
"""

from __future__ import annotations

from collections.abc import Mapping

from buoy_engine.compile.scope import Misuse, show
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr
from buoy_engine.spec.constants import constant
from buoy_engine.spec.model import Draw

DRAW_STATE = ("draw_credit", "draw_so_far", "draw_advanced")
"""What a draw remembers beside its debt: an excess that lowers the next guarantee, what its time has brought so far, and
what was paid at its start."""


def after_draw(s: Settlement, c: Mapping[str, Expr]) -> dict[str, Expr]:
    """`topped_up`, `recovered`, `draw_debt` and the draw's state after a statement period."""
    draw = s.plan.statement.draw
    if draw is None:
        repaid = ir.least(c["_open_draw_debt"], _positive(c["_net"]))
        return _state(recovered=repaid, debt=ir.sub(c["_open_draw_debt"], repaid))
    so_far = ir.add(ir.case([(c["_is_first"], ir.ZERO)], c["_open_draw_so_far"]), c["_net"])
    guarantee = c["_draw"]
    if draw.cumulative:
        guarantee = _positive(ir.sub(guarantee, c["_open_draw_credit"]))
    step = _paid_at_the_end if draw.paid == "end" else _paid_at_the_start
    state = step(s, draw, c, so_far, guarantee)
    if draw.forgive is not None:
        state["draw_debt"] = ir.case([(c["_forgives"], ir.ZERO)], state["draw_debt"])
    return state


def _paid_at_the_end(
    s: Settlement, draw: Draw, c: Mapping[str, Expr], so_far: Expr, guarantee: Expr
) -> dict[str, Expr]:
    """What the draw's time brought is compared with the guarantee once, when it ends; a draw of 0 tops nothing up."""
    is_drawn = ir.every(c["_is_last"], ir.compare("gt", guarantee, ir.ZERO))
    short = ir.case([(is_drawn, _positive(ir.sub(guarantee, so_far)))], ir.ZERO)
    excess = ir.case([(c["_is_last"], _positive(ir.sub(so_far, guarantee)))], ir.ZERO)
    repaid = _repaid(s, draw, c, excess)
    return _state(
        topped_up=short,
        recovered=repaid,
        debt=_debt(draw, c, short, repaid),
        credit=ir.case([(c["_is_last"], excess)], c["_open_draw_credit"]) if draw.cumulative else ir.ZERO,
        so_far=so_far,
    )


def _paid_at_the_start(
    s: Settlement, draw: Draw, c: Mapping[str, Expr], so_far: Expr, guarantee: Expr
) -> dict[str, Expr]:
    """The guarantee is paid when its time begins. Earnings fill it first; only what is above is paid, or pays back."""
    advanced = ir.case([(c["_is_first"], guarantee)], c["_open_draw_advanced"])
    filled_before = ir.clamp(ir.sub(so_far, c["_net"]), ir.ZERO, advanced)
    filled = ir.clamp(so_far, ir.ZERO, advanced)
    newly = ir.sub(filled, filled_before)
    unfilled = ir.case([(c["_is_last"], ir.sub(advanced, filled))], ir.ZERO)
    repaid = _repaid(s, draw, c, _positive(ir.sub(c["_net"], newly)))
    return _state(
        topped_up=ir.case([(c["_is_first"], guarantee)], ir.ZERO),
        recovered=ir.add(newly, repaid),
        debt=_debt(draw, c, unfilled, repaid),
        so_far=so_far,
        advanced=advanced,
    )


def _repaid(s: Settlement, draw: Draw, c: Mapping[str, Expr], excess: Expr) -> Expr:
    """The share of an excess that pays back what is owed, and no more than that; what was owed before, under a guarantee too."""
    share = constant(s.plan, draw.recover)
    if share is None:
        found = f"{show(draw.recover)} as the share of an excess that pays back the draw"
        raise Misuse(found, "a share that is known beforehand, such as 50%", "write the share as a percent")
    return ir.least(c["_open_draw_debt"], s.share(excess, share, s.digits))


def _debt(draw: Draw, c: Mapping[str, Expr], short: Expr, repaid: Expr) -> Expr:
    owed = ir.add(c["_open_draw_debt"], short) if draw.recoverable else c["_open_draw_debt"]
    return ir.sub(owed, repaid)


def _state(
    *,
    topped_up: Expr = ir.ZERO,
    recovered: Expr,
    debt: Expr,
    credit: Expr = ir.ZERO,
    so_far: Expr = ir.ZERO,
    advanced: Expr = ir.ZERO,
) -> dict[str, Expr]:
    memory = dict(zip(DRAW_STATE, (credit, so_far, advanced), strict=True))
    return {"topped_up": topped_up, "recovered": recovered, "draw_debt": debt, **memory}


def _positive(value: Expr) -> Expr:
    return ir.greatest(ir.ZERO, value)
