"""A trace from one running sum: amounts of rows as differences of one function of it.

Where a component's earning is a function F of the sum of its rows' weights, and its limits clamp that earning, a row has
F(after) − F(before), and all that is done to earnings afterwards is done to F: a cap is min(F, cap), shown cents are
round(F(after)) − round(F(before)). So the rows are put into their order once, whatever follows, where every limit and the
cents would each need a running sum of their own.

    rate and retroactive tiers    F(x) = rate × x × factor
    marginal tiers                F(x) = P(x) × factor
    in proportion                 F(x) = reward × x ÷ whole

What of the reward is on no row (the catch-up of a retroactive scale) is one more step, from F(whole) to the reward. Of a
component that accumulates, F begins at what the periods before it have earned. The earnings themselves come from the sums
alone, as in a summary; `parity/test_summary_equals_trace.py` holds that the rows add up to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buoy_engine.compile.builder import Flow
from buoy_engine.compile.parts import WEIGHT_SCALE, PartsCompiler, earned_stage
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Col, Expr, Join, Query

if TYPE_CHECKING:
    from buoy_engine.compile.component import ComponentCompiler

GRAIN = "one row per credited row and per loose amount"


def telescopes(owner: ComponentCompiler) -> bool:
    """Whether the amounts of a summable component's rows are differences of one function."""
    c = owner.component
    clamps = all(
        limit.per == "period" and limit.max is not None and limit.min is None and limit.excess != "carry"
        for limit in c.limits
    )
    is_shared = c.lines == "largest_remainder" and c.round.stage != "none"
    if not clamps or is_shared or owner.attribution == "rate_and_rest":
        return False
    if c.accumulate is not None:
        return owner.attribution == "rate" and not c.limits
    return owner.attribution != "running" or owner.order != "pro_rata_day"


@dataclass(frozen=True)
class Whole:
    """The sum of the weights of a payee's period, 0 without rows; whether there are any; what a reward is joined to for it."""

    sum: Expr
    has_rows: Expr
    joins: tuple[Join, ...] = ()


@dataclass
class Telescope(PartsCompiler):
    """Builds `c_earned` and `c_trace` of a component that `telescopes`."""

    def earned_and_trace(self) -> tuple[str, str]:
        """The names of both stages."""
        rows = self._weighed()
        whole = self._whole_in_cells() or self._whole_of_rows(rows)
        earned = earned_stage(self.owner, self.summary(whole.joins, self._has_part(whole)))
        return earned, self._trace(rows, whole)

    # ------------------------------------------------------------ rows and their sum

    def _weighed(self) -> Flow:
        """The rows that count, with their weight and the running sum of it."""
        rows = self.rows
        weight = self._weight()
        if self.owner.attribution == "base":
            weight = ir.round_to(weight, WEIGHT_SCALE)
        columns: dict[str, Expr] = {n: rows.col(n) for n in self.row_columns()}
        columns |= {"_payee": rows.col("_payee"), "_period": rows.col(f"_{self.owner.kind}"), "_weight": weight}
        flow = self._flow("weighed", Query(columns, rows.relation, "r", where=self.owner.counts(rows)))
        by_period = [flow.col("_payee"), flow.col("_period")]
        flow.step("running", {"_after": ir.running(flow.col("_weight"), by_period, self._order(flow))})
        return flow

    def _whole_in_cells(self) -> Whole | None:
        """The sum of a period's weights where the reward was calculated from it."""
        if self.component.accumulate is not None or self.owner.attribution == "base":
            return None
        v = self._reward_columns()
        name = {"running": "_m", "rate": "_rated" if self.owner.is_rated else "_b"}[self.owner.attribution]
        return Whole(v[name], ir.compare("gt", v["_rows"], ir.ZERO))

    def _whole_of_rows(self, rows: Flow) -> Whole:
        """`c_whole`: the sum of the weights of a payee's period."""
        keys: dict[str, Expr] = {n: rows.col(n) for n in ("_payee", "_period")}
        query = Query(
            {**keys, "_whole": ir.total(rows.col("_weight"))}, rows.relation, "r", group_by=tuple(keys.values())
        )
        name = self.builder.stage(f"{self.owner.id}_whole", "one row per payee and period", query)
        v = self._reward_columns()
        w = {n: self.builder.col(name, n, "w") for n in ("_payee", "_period", "_whole")}
        on = ir.both(*(ir.eq(w[n], v[n]) for n in keys))
        return Whole(ir.coalesce(w["_whole"], ir.ZERO), ir.not_null(w["_payee"]), (Join(name, "w", on or ir.TRUE),))

    def _has_part(self, whole: Whole) -> Expr:
        """Whether a payee's period has a row or a reward."""
        return ir.either(whole.has_rows, ir.compare("ne", self._reward_columns()["_value"], ir.ZERO))

    # ------------------------------------------------------------ the function

    def _paid(self, x: Expr, whole: Expr) -> Expr:
        """F(x), before limits, without what earlier periods have earned."""
        v = self._reward_columns()
        if self.owner.attribution == "base":
            return self._proportion(v, x, whole)
        if self.owner.attribution == "rate":
            rate: Expr = ir.ONE if self.owner.is_rated else v["_rate_used"]
            value = ir.mul(x, rate)
        else:
            assert self.compiled.scale is not None
            scale, tiers = self.compiled.scale, self.component.tiers
            value = scale.filled(x) if tiers and tiers.mode == "filled" else scale.potential(x)
            if "_settled" in v:
                value = ir.case([(v["_settled"], ir.mul(x, v["_rate_used"]))], value)
        return ir.case([(ir.is_null(v["_reason"]), ir.mul(value, v["_factor"]))], ir.ZERO)

    def _proportion(self, v: dict[str, Col], x: Expr, whole: Expr) -> Expr:
        """What the weight x has of a reward that belongs to the whole."""
        top, bottom = v["_value"], whole
        scale = max(ir.STORE_SCALE, top.type.scale)
        if "_exact_num" in v:
            top, bottom = v["_exact_num"], ir.mul(whole, v["_exact_den"])
        share = ir.coalesce(ir.div(ir.mul(top, x), bottom, scale), ir.ZERO)
        return ir.case([(ir.compare("ne", v["_value"], ir.ZERO), share)], ir.ZERO)

    def _limited(self, value: Expr) -> Expr:
        """The value under every cap; a negative cap is reached from its own side."""
        for _, high in self.owner.limit_bounds:
            assert high is not None
            value = ir.at_most(value, high)
            is_positive = isinstance(high, ir.Lit) and high.value is not None and high.value >= 0  # type: ignore[operator]
            value = value if is_positive else ir.sub(value, ir.at_most(ir.ZERO, high))
        return value

    def _so_far(self, value: Expr) -> Expr:
        """The value on top of what the periods before it have earned."""
        if self.component.accumulate is None:
            return self._limited(value)
        v = self._reward_columns()
        return ir.add(ir.sub(v["_to_date"], v["_value"]), value)

    # ------------------------------------------------------------ the trace

    def _trace(self, rows: Flow, whole: Whole) -> str:
        """The cents shown on every part: what the function, rounded, gains by it."""
        v = self._reward_columns()
        r = {n: Col(t, n, "r") for n, t in rows.types.items()}
        before = ir.sub(r["_after"], r["_weight"])
        on = ir.both(*(ir.eq(r[n], v[n]) for n in ("_payee", "_period")))
        joins = (Join(self.reward, "v", on or ir.TRUE, "inner"),)
        paid = self._steps(self._paid(before, whole.sum), self._paid(r["_after"], whole.sum))
        on_rows = Query(
            self._columns(r.get, self._of_cell, paid, r["_weight"], 0),
            rows.relation,
            "r",
            joins + (whole.joins if self.owner.attribution == "base" else ()),
        )
        rest = self._paid(whole.sum, whole.sum)
        loose = Query(
            self._columns(lambda n: None, self._of_cell, self._steps(rest, v["_value"]), ir.ZERO, 1),
            self.reward,
            "v",
            whole.joins,
            ir.compare("ne", v["_value"], rest),
        )
        name = self.builder.stage(f"{self.owner.id}_steps", GRAIN, ir.union(on_rows, loose), keep=False)
        return self._shown(Flow(self.builder, self.owner.id, GRAIN, name))

    def _steps(self, before: Expr, after: Expr) -> dict[str, Expr]:
        return {"_paid_before": self._so_far(before), "_paid_after": self._so_far(after)}

    def _of_cell(self, name: str) -> Expr | None:
        return None if name.startswith(("_min", "_max")) else self._reward_columns().get(name)

    def _shown(self, steps: Flow) -> str:
        before, after = steps.col("_paid_before"), steps.col("_paid_after")
        exact = ir.sub(after, before)
        cents = exact
        if self.component.round.stage != "none":
            digits, mode = self.owner.digits, self.owner.mode
            cents = ir.sub(ir.round_to(after, digits, mode), ir.round_to(before, digits, mode))
        inner = ("_paid_before", "_paid_after", "_weight")
        columns = {n: c for n, c in steps.all().items() if n not in inner}
        columns |= {"base": steps.col("_weight"), "exact": exact, "cents": cents}
        query = Query(columns, steps.relation, "r", where=ir.holds(steps.col("_live")))
        return self.builder.stage(f"{self.owner.id}_trace", GRAIN, query)
