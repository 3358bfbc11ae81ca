"""Parts: what every row contributes to a reward, and what limits and rounding leave of it.

Every amount of a component is a part: of a row, or, where it belongs to none (a fixed amount, the catch-up of a
retroactive scale), of no row ("loose"). Limits and rounding then need one rule each: a limit is the difference of a clamped
running sum, shown cents are the difference of a rounded one. So the row that crosses a cap is partly paid, a return frees
room again, and rows always add up to what was earned, by construction.

The order is that of the business: the period, then the rows in theirs, then what is loose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from buoy_engine.compile.builder import Flow
from buoy_engine.compile.rows import UNLIMITED, RowScope, limited
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query, Win, number
from buoy_engine.rules.tiers import Scale
from buoy_engine.spec.model import Limit

if TYPE_CHECKING:
    from buoy_engine.compile.component import ComponentCompiler
    from buoy_engine.compile.reward import Compiled

PERIOD_KEYS = (
    "_payee",
    "_period",
    "_seq",
    "_last_day",
    "_settle",
    "_settle_seq",
    "_live",
    "_quarter_id",
    "_half_year_id",
    "_year_id",
)
WEIGHT_SCALE = 8
"""Weights by which a reward is shared; finer ones would need more digits than a quotient has."""
REMAINDER_SCALE = 9
"""Remainders are compared at this scale: shares are quotients kept to twelve decimals, and equal ones must tie."""
SPANS = {"quarter": "_quarter_id", "half_year": "_half_year_id", "year": "_year_id"}
CELL_VALUES = ("_tier", "_rate_used", "_factor", "_reason", "_rows")


def span_columns(per: str | None) -> tuple[str, ...]:
    """The columns that make a payee's span: a period, a larger one, or everything."""
    if per in SPANS:
        return (SPANS[per],)
    return () if per == "plan" else ("_period",)


@dataclass
class PartsCompiler:
    """Builds `c_parts` from the rows and the reward of a component."""

    owner: ComponentCompiler
    rows: Flow
    reward: str
    compiled: Compiled

    def __post_init__(self) -> None:
        self.component = self.owner.component
        self.builder = self.owner.builder
        self.order_columns = [(e.name, desc) for e, desc in self.owner.sort if isinstance(e, Col)]

    def compile(self) -> Flow:
        """The parts, after all limits; one row per credited row and one per loose amount."""
        parts = self._attributed()
        if "_row_factor" in parts:
            self._multiply_rows(parts)
        if self.component.round.stage == "row" and self._rounds_rows():
            parts.step("rounded", {"part": ir.round_to(parts.col("part"), self.owner.digits, self.owner.mode)})
        parts.step("gross", {"_gross": parts.col("part")}, keep=True)
        for i, limit in enumerate(self.component.limits):
            self._limit(parts, limit, i)
        if self.owner.outbid_by is not None:
            self._outbid(parts, *self.owner.outbid_by)
        parts.step("parts", keep=True, notes="what every row contributes, exact, after limits")
        return parts

    def summary(self, joins: tuple[Join, ...] = (), where: Expr | None = None) -> Flow:
        """Without rows: every payee's period is one part, and the limits clamp the running sum of them."""
        v = self._reward_columns()
        columns = self._columns(lambda n: None, v.get, {"part": v["_value"]}, ir.ZERO, 1)
        parts = self._flow("cells", Query(columns, self.reward, "v", joins, where))
        for i, limit in enumerate(self.component.limits):
            self._limit(parts, limit, i, is_whole=limit.per == "period")
        return parts

    def _multiply_rows(self, parts: Flow) -> None:
        """Each row's part times its own factor; what is on no row has none."""
        factor = ir.coalesce(parts.col("_row_factor"), ir.ONE)
        add = {"part": ir.mul(parts.col("part"), factor), "_factor": ir.mul(parts.col("_factor"), factor)}
        parts.step("multiplied", add, drop=frozenset({"_row_factor"}))

    def _rounds_rows(self) -> bool:
        """Money of a whole group is rounded once, it only happens to be shown on rows."""
        curve = self.component.curve
        of_the_group = self.component.tag in ("amount", "blocks") or (curve is not None and curve.pays == "amount")
        return self.owner.per_row or not of_the_group

    # ------------------------------------------------------------ attribution

    def _attributed(self) -> Flow:
        if self.owner.per_row:
            return self._own()
        shared = self._shared()
        if self.owner.attribution == "running" and self.compiled.versions:
            return shared  # every row climbs the scale of its own day: the reward is their sum
        return self._with_loose(shared)

    def _reward_columns(self, alias: str = "v") -> dict[str, Col]:
        return {n: Col(t, n, alias) for n, t in self.builder.catalog.relations[self.reward].items()}

    def _columns(
        self,
        row: Callable[[str], Expr | None],
        cell: Callable[[str], Expr | None],
        paid: Mapping[str, Expr],
        weight: Expr,
        loose: int,
    ) -> dict[str, Expr]:
        """The columns of a part, from a row (or none) and its cell."""
        types = self.rows.types
        found: dict[str, Expr] = {name: row(name) or ir.Lit(types[name], None) for name in self.row_columns()}
        limits = [f"_{side}{i}" for i in range(len(self.component.limits)) for side in ("min", "max")]
        for name in (*PERIOD_KEYS, *CELL_VALUES, *limits):
            value = cell(name)
            if value is not None:
                found[name] = value
        return found | {"_loose": ir.lit(loose), "_weight": weight, **paid}

    def row_columns(self) -> list[str]:
        """What a part keeps of its row, where the rows have it."""
        names = [
            "_id",
            "_date",
            "_owner",
            *(n for n, _ in self.order_columns),
            "returns",
            "_reverses",
            "_row_factor",
            *(i.on for i in self.component.payout if i.on),
            "deal_id",
            *self.owner.keys,
        ]
        return [name for name in dict.fromkeys(names) if name in self.rows.types]

    def _own(self) -> Flow:
        """Calculated row by row: the reward is the row's."""
        v = self._reward_columns()
        columns = self._columns(v.get, v.get, {"part": v["_value"]}, v["_b"], 0)
        return self._flow("own", Query(columns, self.reward, "v"))

    def _flow(self, suffix: str, query: Query) -> Flow:
        name = self.builder.stage(f"{self.owner.id}_{suffix}", "one row per credited row", query, keep=False)
        return Flow(self.builder, self.owner.id, "one row per credited row", name)

    def _join_reward(self, extra: Sequence[Expr] = ()) -> Join:
        v = self._reward_columns()
        on = ir.both(
            ir.eq(v["_payee"], self.rows.col("_payee")),
            ir.eq(v["_period"], self.rows.col(f"_{self.owner.kind}")),
            *(ir.same(v[k], self.rows.col(k)) for k in self.owner.keys),
            *extra,
        )
        assert on is not None
        return Join(self.reward, "v", on, "inner")

    def _shared(self) -> Flow:
        """Rows with their weight, and the part of the reward that it gives them."""
        v = self._reward_columns()
        weight = self._weight()
        if self.owner.attribution == "base":
            weight = ir.round_to(weight, WEIGHT_SCALE)
        wanted = {n: c for n, c in v.items() if n not in self.rows.types}
        query = Query(
            {**self.rows.all(), **wanted, "_period": v["_period"], "_weight": weight},
            self.rows.relation,
            "r",
            (self._join_reward(),),
            self.owner.counts(self.rows),
        )
        flow = self._flow("weighed", query)
        if self.owner.attribution == "running":
            part = self._running(flow)
        elif self.owner.attribution == "rate":
            part = self._at_rate(flow)
        else:
            part = self._proportional(flow)
            if self.owner.attribution == "rate_and_rest":
                part = ir.add(self._at_rate(flow), part)
        columns = self._columns(
            lambda n: flow.col(n), lambda n: flow.col(n) if n in flow else None, {"part": part}, flow.col("_weight"), 0
        )
        flow.relation = self.builder.stage(
            f"{self.owner.id}_shares", "one row per credited row", Query(columns, flow.relation, "r")
        )
        return flow

    def _weight(self) -> Expr:
        """What the reward is shared by: the row's measure, its base, its rate × base, or its amount."""
        node = self.owner.weight_node
        if node is None:
            return self.rows.col("amount") if "amount" in self.rows else ir.ZERO
        return ir.coalesce(RowScope(self.owner.plan, self.rows, self.builder).number(node).decimal(), ir.ZERO)

    def _partition(self, flow: Flow) -> list[Expr]:
        columns = span_columns(self.component.accumulate) if self.component.accumulate else ("_period",)
        return [flow.col(c) for c in ("_payee", *self.owner.keys, *columns)]

    def _order(self, flow: Flow) -> list[tuple[Expr, bool]]:
        return [(flow.col(n), desc) for n, desc in self.order_columns]

    def _at_rate(self, flow: Flow) -> Expr:
        """rate × weight × factor, where no gate stands against it."""
        rate: Expr = flow.col("_rate_used") if not self.owner.is_rated else ir.ONE
        if self.compiled.versions:
            rate = self._rate_by_version(flow)
        part = ir.mul(ir.mul(flow.col("_weight"), rate), flow.col("_factor"))
        return ir.case([(ir.is_null(flow.col("_reason")), part)], ir.ZERO)

    def _rate_by_version(self, flow: Flow) -> Expr:
        assert self.compiled.scale is not None
        measure = self.owner.measure_from(flow)
        branches = [
            (ir.compare("ge", flow.col("_date"), ir.lit(start)), rebind(scale, flow).rate(measure))
            for start, scale in reversed(self.compiled.versions)
        ]
        return ir.case(branches, rebind(self.compiled.scale, flow).rate(measure))

    def _running(self, flow: Flow) -> Expr:
        """P(after) − P(before), times the factor; nothing where a gate fails."""
        assert self.compiled.scale is not None
        partition = self._partition(flow)
        if self.owner.order == "pro_rata_day":
            self._by_day(flow, partition)
        else:
            flow.step("running", {"_after": ir.running(flow.col("_weight"), partition, self._order(flow))})
            flow.step("before", {"_before": ir.sub(flow.col("_after"), flow.col("_weight"))})
        gain = self._gain(flow, self.compiled.scale)
        branches = [
            (ir.compare("ge", flow.col("_date"), ir.lit(start)), self._gain(flow, scale))
            for start, scale in reversed(self.compiled.versions)
        ]
        gain = ir.case(branches, gain) if branches else gain
        if self.owner.order == "pro_rata_day":
            gain = ir.coalesce(ir.div(ir.mul(gain, flow.col("_weight")), flow.col("_day")), ir.ZERO)
        if "_settled" in flow:
            gain = ir.case([(flow.col("_settled"), ir.mul(flow.col("_weight"), flow.col("_rate_used")))], gain)
        return ir.case([(ir.is_null(flow.col("_reason")), ir.mul(gain, flow.col("_factor")))], ir.ZERO)

    def _gain(self, flow: Flow, scale: Scale) -> Expr:
        bound = rebind(scale, flow)
        function = bound.filled if self.component.tiers and self.component.tiers.mode == "filled" else bound.potential
        return ir.sub(function(flow.col("_after")), function(flow.col("_before")))

    def _by_day(self, flow: Flow, partition: list[Expr]) -> None:
        """The whole day climbs the scale at once; its rows share the gain."""
        names = [c.name for c in partition if isinstance(c, Col)]
        flow.step(
            "day", {"_day": Win(flow.col("_weight").type, "sum", flow.col("_weight"), (*partition, flow.col("_date")))}
        )
        by_id = [(flow.col("_date"), False), (flow.col("_id"), False)]
        flow.step("so_far", {"_so_far": ir.running(flow.col("_weight"), [flow.col(n) for n in names], by_id)})
        in_day = ir.running(
            flow.col("_weight"), [*(flow.col(n) for n in names), flow.col("_date")], [(flow.col("_id"), False)]
        )
        flow.step("in_day", {"_in_day": in_day})
        before = ir.sub(flow.col("_so_far"), flow.col("_in_day"))
        flow.step("before", {"_before": before, "_after": ir.add(before, flow.col("_day"))})

    def _proportional(self, flow: Flow) -> Expr:
        """The entitlement shared by weight, as differences of a running share, so that the shares add up exactly."""
        partition = self._partition(flow)
        whole = Win(flow.col("_weight").type, "sum", flow.col("_weight"), tuple(partition))
        if self.component.accumulate:
            whole = Win(
                flow.col("_weight").type,
                "sum",
                flow.col("_weight"),
                tuple(partition),
                ((flow.col("_seq"), False),),
                "peers",
            )
        flow.step("running", {"_after": ir.running(flow.col("_weight"), partition, self._order(flow)), "_whole": whole})
        value: Expr = flow.col("_to_date") if self.component.accumulate else flow.col("_value")
        scale = max(ir.STORE_SCALE, value.type.scale)

        top: Expr = value
        bottom: Expr = flow.col("_whole")
        if self.owner.attribution == "rate_and_rest":
            rated = ir.mul(ir.mul(bottom, flow.col("_rate_used")), flow.col("_factor"))
            top = ir.sub(value, ir.case([(ir.is_null(flow.col("_reason")), rated)], ir.ZERO))
        if "_exact_num" in flow:
            top, bottom = flow.col("_exact_num"), ir.mul(bottom, flow.col("_exact_den"))

        def share(weight: Expr) -> Expr:
            return ir.div(ir.mul(top, weight), bottom, scale)

        after = flow.col("_after")
        return ir.coalesce(ir.sub(share(after), share(ir.sub(after, flow.col("_weight")))), ir.ZERO)

    def _with_loose(self, flow: Flow) -> Flow:
        """Adds what of a cell's reward is on no row."""
        v = self._reward_columns()
        s = {n: Col(t, n, "s") for n, t in flow.types.items()}
        keys = {n: s[n] for n in ("_payee", "_period", *self.owner.keys)}
        sums = self.builder.stage(
            f"{self.owner.id}_share_sums",
            "one row per payee, period and group",
            Query({**keys, "on_rows": ir.total(s["part"])}, flow.relation, "s", group_by=tuple(keys.values())),
            keep=False,
        )
        on = ir.both(*(ir.same(Col(k.type, n, "t"), v[n]) for n, k in keys.items()))
        assert on is not None
        left = ir.sub(v["_value"], ir.coalesce(self.builder.col(sums, "on_rows", "t"), ir.ZERO))
        columns = self._columns(lambda n: v[n] if n in self.owner.keys else None, v.get, {"part": left}, ir.ZERO, 1)
        loose = Query(columns, self.reward, "v", (Join(sums, "t", on),), ir.compare("ne", left, ir.ZERO))
        rows = Query({n: Col(t, n, "r") for n, t in flow.types.items()}, flow.relation, "r", union=(loose,))
        flow.relation = self.builder.stage(
            f"{self.owner.id}_attributed", "one row per credited row and per loose amount", rows, keep=False
        )
        return flow

    # ------------------------------------------------------------ limits

    def _bound(self, parts: Flow, i: int, side: str) -> Expr | None:
        constant = self.owner.limit_bounds[i][0 if side == "min" else 1]
        if constant is None or isinstance(constant, ir.Lit):
            return constant
        return parts.col(f"_{side}{i}")

    def _limit(self, parts: Flow, limit: Limit, i: int, *, is_whole: bool = False) -> None:
        """`is_whole`: every part is all that there is in the limit's span."""
        low, high = self._bound(parts, i, "min"), self._bound(parts, i, "max")
        if limit.per == "row":
            self._row_limit(parts, low, high, i)
        elif limit.per == "programme":
            self._programme(parts, limit, high or ir.ZERO, i)
        elif limit.excess == "carry" and high is not None:
            self._carry(parts, high, i)
        else:
            self._span_limit(parts, limit, low, high, i, is_whole=is_whole)

    def _row_limit(self, parts: Flow, low: Expr | None, high: Expr | None, i: int) -> None:
        """Every row between the bounds; a negative row mirrors a positive one; what a gate refused is not lifted."""
        part = parts.col("part")
        lifted = ir.case([(ir.is_null(parts.col("_reason")), low)], ir.ZERO) if low is not None else None
        negative = ir.compare("lt", part, ir.ZERO)
        size: Expr = ir.Op(part.type, "abs", (part,))
        size = size if high is None else ir.at_most(size, high)
        size = size if lifted is None else ir.at_least(size, lifted)
        clamped = ir.case([(ir.eq(parts.col("_loose"), ir.ONE), part), (negative, ir.neg(size))], size)
        parts.step(f"limit{i}", {"part": clamped})

    def _span(self, parts: Flow, per: str) -> list[Expr]:
        if per == "group":
            return [parts.col(c) for c in ("_payee", "_period", *self.owner.keys)]
        return [parts.col(c) for c in ("_payee", *span_columns(per))]

    def order(self, parts: Flow) -> list[tuple[Expr, bool]]:
        """Period, rows in business order, then what is loose."""
        return [(parts.col("_seq"), False), (parts.col("_loose"), False), *self._order(parts)]

    def _span_limit(
        self, parts: Flow, limit: Limit, low: Expr | None, high: Expr | None, i: int, *, is_whole: bool
    ) -> None:
        """The running sum of the span held under the cap; a floor is added by its last part."""
        span = self._span(parts, limit.per)
        if high is not None:
            run = parts.col("part") if is_whole else ir.running(parts.col("part"), span, self.order(parts))
            parts.step(f"limit{i}_run", {"_run": run})
            after, top = parts.col("_run"), self._bound(parts, i, "max") or ir.ZERO
            before = ir.sub(after, parts.col("part"))
            parts.step(
                f"limit{i}", {"part": ir.sub(ir.at_most(after, top), ir.at_most(before, top))}, drop=frozenset({"_run"})
            )
        if low is not None:
            span = self._span(parts, limit.per)
            backwards = tuple((e, not desc) for e, desc in self.order(parts))
            add = {
                "_all": Win(parts.col("part").type, "sum", parts.col("part"), tuple(span)),
                "_last": Win(number(), "row_number", None, tuple(span), backwards),
            }
            parts.step(f"floor{i}_sum", add)
            bottom = self._bound(parts, i, "min") or ir.ZERO
            lifted = (
                ir.both(
                    ir.eq(parts.col("_last"), ir.ONE),
                    ir.is_null(parts.col("_reason")),
                    ir.compare("gt", parts.col("_rows"), ir.ZERO),
                )
                or ir.TRUE
            )
            missing = ir.at_least(ir.ZERO, ir.sub(bottom, parts.col("_all")))
            parts.step(
                f"floor{i}",
                {"part": ir.case([(lifted, ir.add(parts.col("part"), missing))], parts.col("part"))},
                drop=frozenset({"_all", "_last"}),
            )

    def _carry(self, parts: Flow, high: Expr, i: int) -> None:
        """What is above the cap is paid when there is room: carried(t) = max(0, carried(t−1) + earned − cap).

        In closed form that is the running sum of (earned − cap), less its lowest point so far. Carried money comes first.
        """
        name = f"{self.owner.id}_carry{i}"
        base = Flow(self.builder, name, "one row per payee and period", self._period_totals(parts, name, i))
        col = base.col
        top = high if isinstance(high, ir.Lit) else ir.coalesce(col(f"_max{i}"), ir.lit(UNLIMITED))
        base.step("over", {"_over": ir.sub(col("total"), top)})
        base.step("sum", {"_sum": ir.running(base.col("_over"), [base.col("_payee")], [(base.col("_seq"), False)])})
        lowest = Win(
            base.col("_sum").type,
            "min",
            base.col("_sum"),
            (base.col("_payee"),),
            ((base.col("_seq"), False),),
            "running",
        )
        base.step("low", {"_low": lowest})
        base.step("now", {"_carried": ir.sub(base.col("_sum"), ir.least(base.col("_low"), ir.ZERO))})
        before = Win(
            base.col("_carried").type, "lag", base.col("_carried"), (base.col("_payee"),), ((base.col("_seq"), False),)
        )
        base.step("brought", {"_brought": ir.coalesce(before, ir.ZERO)})
        base.step(
            "paid", {"_paid": ir.sub(ir.add(base.col("total"), base.col("_brought")), base.col("_carried"))}, keep=True
        )
        self._pay_carried(parts, base, i)

    def _period_totals(self, parts: Flow, name: str, i: int) -> str:
        """Every live period of a payee with the sum of its parts."""
        v = self._reward_columns()
        p = {n: parts.col(n, "p") for n in ("_payee", "_period", "part")}
        keys = (p["_payee"], p["_period"])
        sums = self.builder.stage(
            f"{name}_sums",
            "one row per payee and period",
            Query(
                {"_payee": keys[0], "_period": keys[1], "total": ir.total(p["part"])},
                parts.relation,
                "p",
                group_by=keys,
            ),
            keep=False,
        )
        wanted = {n: v[n] for n in (*PERIOD_KEYS, f"_max{i}", *CELL_VALUES) if n in v}
        on = ir.both(
            ir.eq(self.builder.col(sums, "_payee", "t"), v["_payee"]),
            ir.eq(self.builder.col(sums, "_period", "t"), v["_period"]),
        )
        assert on is not None
        total = ir.coalesce(self.builder.col(sums, "total", "t"), ir.ZERO)
        return self.builder.stage(
            f"{name}_totals",
            "one row per payee and period",
            Query({**wanted, "total": total}, self.reward, "v", (Join(sums, "t", on),), ir.holds(v["_live"])),
            keep=False,
        )

    def _pay_carried(self, parts: Flow, base: Flow, i: int) -> None:
        b = {n: base.col(n, "b") for n in ("_payee", "_period", "_brought", "_paid")}
        on = ir.both(ir.eq(b["_payee"], parts.col("_payee")), ir.eq(b["_period"], parts.col("_period")))
        assert on is not None
        parts.step(
            f"carry{i}_joined", {"_brought": b["_brought"], "_paid": b["_paid"]}, joins=(Join(base.relation, "b", on),)
        )
        run = ir.running(parts.col("part"), [parts.col("_payee"), parts.col("_period")], self.order(parts))
        parts.step(f"carry{i}_run", {"_run": run})
        after = ir.add(parts.col("_run"), parts.col("_brought"))
        before = ir.sub(after, parts.col("part"))
        paid = parts.col("_paid")
        held = ir.coalesce(ir.sub(ir.least(after, paid), ir.least(before, paid)), parts.col("part"))
        parts.step(f"carry{i}", {"part": held}, drop=frozenset({"_run", "_brought", "_paid"}))
        first = ir.least(base.col("_brought"), base.col("_paid"))
        columns: dict[str, Expr] = {n: (base.col(n) if n in base else ir.Lit(t, None)) for n, t in parts.types.items()}
        columns |= {"_loose": ir.lit(1), "_weight": ir.lit(0), "part": first}
        loose = Query(columns, base.relation, "r", where=ir.compare("ne", first, ir.ZERO))
        rows = Query({n: Col(t, n, "r") for n, t in parts.types.items()}, parts.relation, "r", union=(loose,))
        parts.relation = self.builder.stage(f"{self.owner.id}_carried{i}", parts.grain, rows, keep=False)

    def _programme(self, parts: Flow, limit: Limit, high: Expr, i: int) -> None:
        """A budget of all payees together, over the plan's own periods, in business order."""
        live = ir.holds(parts.col("_live"))
        parts.step(
            f"budget{i}_in",
            {"_wanted": ir.case([(live, parts.col("part"))], ir.ZERO), "_limit": ir.coalesce(high, ir.lit(UNLIMITED))},
        )
        if limit.fit == "pro_rata":
            self._budget_pro_rata(parts)
        else:
            unit = ir.div(parts.col("part"), parts.col("_weight"))
            amount = limited(self.builder, parts, "_wanted", "_limit", (), self._order(parts), limit.fit, unit)
            parts.step(f"budget{i}", {"part": amount}, drop=frozenset({"_limit", "_after", "_position", "kept"}))
        self._cut(parts, i)

    def _cut(self, parts: Flow, i: int) -> None:
        """`_cut`: what the budget left of a row, in the words of `take`."""
        part, wanted = parts.col("part"), parts.col("_wanted")
        is_cut = [
            (ir.eq(part, wanted), parts.col("_cut") if "_cut" in parts else ir.lit(None, TEXT)),
            (ir.eq(part, ir.ZERO), ir.lit("limit_reached")),
        ]
        parts.step(f"budget{i}_cut", {"_cut": ir.case(is_cut, ir.lit("limit_cut"))}, drop=frozenset({"_wanted"}))

    def _budget_pro_rata(self, parts: Flow) -> None:
        """All claims share the budget; cents by largest remainder."""
        parts.step("budget_all", {"_all": Win(parts.col("_wanted").type, "sum", parts.col("_wanted"), ())})
        exact = ir.coalesce(ir.div(ir.mul(parts.col("_wanted"), parts.col("_limit")), parts.col("_all")), ir.ZERO)
        fits = ir.compare("le", parts.col("_all"), parts.col("_limit"))
        whole = ir.case([(fits, parts.col("_all"))], parts.col("_limit"))
        parts.step("budget_exact", {"_exact": ir.case([(fits, parts.col("_wanted"))], exact), "_total": whole})
        largest_remainder(parts, "_exact", "_total", (), self._order(parts), self.owner.digits)
        parts.step(
            "budget_shared",
            {"part": parts.col("_shown")},
            drop=frozenset({"_shown", "_exact", "_total", "_all", "_limit"}),
        )

    def _outbid(self, parts: Flow, relation: str, unit: str) -> None:
        """Rows on which another component is worth more (see `combine`): nothing, with the reason."""
        o = {c: self.builder.col(relation, c, "o") for c in ("_id", "_payee", "_component")}
        on = ir.both(
            ir.eq(o["_id"], parts.col(unit)),
            ir.eq(o["_payee"], parts.col("_payee")),
            ir.eq(o["_component"], ir.lit(self.owner.id)),
        )
        assert on is not None
        parts.step(
            "best",
            {"part": ir.case([(ir.is_null(o["_id"]), parts.col("part"))], ir.ZERO)},
            joins=(Join(relation, "o", on),),
        )


# ---------------------------------------------------------------- earned and trace


def earned_stage(owner: ComponentCompiler, parts: Flow) -> str:
    """`c_earned`: payee × period of the plan's validity: the exact sum of the parts, and the amount it is rounded to.

    A component that accumulates is rounded on its running total, so that a year's payments are the year's rounded amount.
    """
    builder, component = owner.builder, owner.component
    p = {n: parts.col(n, "p") for n in (*PERIOD_KEYS, "_reason", "part")}
    keys = {n: p[n] for n in PERIOD_KEYS}
    sums = Query(
        {**keys, "_reason": Agg(TEXT, "min", p["_reason"]), "exact": ir.total(p["part"])},
        parts.relation,
        "p",
        group_by=tuple(keys.values()),
    )
    flow = Flow(
        builder,
        f"{owner.id}_earned",
        "one row per payee and period",
        builder.stage(f"{owner.id}_earned_sum", "one row per payee and period", sums, keep=False),
    )
    exact = flow.col("exact")
    if component.round.stage == "none":
        amount: Expr = exact
    elif component.accumulate:
        run = ir.running(
            exact, [flow.col(c) for c in ("_payee", *span_columns(component.accumulate))], [(flow.col("_seq"), False)]
        )
        flow.step("running", {"_run": run})
        after = flow.col("_run")
        before = ir.sub(after, flow.col("exact"))
        amount = ir.sub(ir.round_to(after, owner.digits, owner.mode), ir.round_to(before, owner.digits, owner.mode))
    else:
        amount = ir.round_to(exact, owner.digits, owner.mode)
    columns = {n: flow.col(n) for n in (*PERIOD_KEYS, "_reason", "exact")}
    return builder.stage(
        f"{owner.id}_earned",
        "one row per payee and period",
        Query({**columns, "amount": amount}, flow.relation, "r", where=ir.holds(flow.col("_live"))),
    )


def trace_stage(owner: ComponentCompiler, parts: Flow, order: list[tuple[Expr, bool]], earned: str) -> str:
    """`c_trace`: the cents shown on every part; those of a payee's period add up to what it earned."""
    builder, component = owner.builder, owner.component
    flow = Flow(builder, f"{owner.id}_trace", "one row per credited row and per loose amount", parts.relation)
    if component.lines == "largest_remainder" and component.round.stage != "none":
        _shared_cents(owner, flow, order, earned)
    else:
        _running_cents(owner, flow, order)
    final = {
        n: c
        for n, c in flow.all().items()
        if not n.startswith(("_min", "_max"))
        and n not in ("_run", "_gross", "_shown", "_whole", "_share", "_earned", "_cut", "part", "_weight")
    }
    columns = {**final, "base": flow.col("_weight"), "exact": flow.col("part"), "cents": flow.col("cents")}
    return builder.stage(
        f"{owner.id}_trace", flow.grain, Query(columns, flow.relation, "r", where=ir.holds(flow.col("_live")))
    )


def _running_cents(owner: ComponentCompiler, flow: Flow, order: list[tuple[Expr, bool]]) -> None:
    span = span_columns(owner.component.accumulate) if owner.component.accumulate else ("_period",)
    flow.step("running", {"_run": ir.running(flow.col("part"), [flow.col(c) for c in ("_payee", *span)], order)})
    after = flow.col("_run")
    before = ir.sub(after, flow.col("part"))
    if owner.component.round.stage == "none":
        flow.step("shown", {"cents": flow.col("part")})
        return
    flow.step(
        "shown",
        {"cents": ir.sub(ir.round_to(after, owner.digits, owner.mode), ir.round_to(before, owner.digits, owner.mode))},
    )


def _shared_cents(owner: ComponentCompiler, flow: Flow, order: list[tuple[Expr, bool]], earned: str) -> None:
    """The rounded total shared by the rewards before limits, largest remainder."""
    builder = owner.builder
    e = {n: builder.col(earned, n, "e") for n in ("_payee", "_period", "amount")}
    on = ir.both(ir.eq(e["_payee"], flow.col("_payee")), ir.eq(e["_period"], flow.col("_period")))
    assert on is not None
    partition = ("_payee", "_period")
    whole = Win(flow.col("_gross").type, "sum", flow.col("_gross"), tuple(flow.col(c) for c in partition))
    flow.step("whole", {"_earned": ir.coalesce(e["amount"], ir.ZERO), "_whole": whole}, joins=(Join(earned, "e", on),))
    share = ir.coalesce(ir.div(ir.mul(flow.col("_gross"), flow.col("_earned")), flow.col("_whole")), ir.ZERO)
    flow.step("share", {"_share": share})
    largest_remainder(flow, "_share", "_earned", tuple(flow.col(c) for c in partition), order, owner.digits)
    flow.step("shown", {"cents": flow.col("_shown")})


def largest_remainder(
    flow: Flow, exact: str, whole: str, partition: tuple[Expr, ...], order: list[tuple[Expr, bool]], digits: int
) -> None:
    """`_shown`: `whole` shared as `exact` says, in minor units: floors, and the units left over to the largest remainders.

    Ties go to the earlier row. A negative whole mirrors the positive one. Source: design/semantics.md Q20.
    """
    names = [c.name for c in partition if isinstance(c, Col)]
    keys = [(e.name, desc) for e, desc in order if isinstance(e, Col)]
    flow.step("mirror", {"_sign": ir.case([(ir.compare("lt", flow.col(whole), ir.ZERO), ir.lit(-1))], ir.ONE)})
    size = ir.mul(flow.col(exact), flow.col("_sign"))
    flow.step("floors", {"_floor": ir.round_to(size, digits, "floor"), "_size": size})
    flow.step("rests", {"_rest": ir.sub(flow.col("_size"), flow.col("_floor"))})
    part = tuple(flow.col(n) for n in names)
    rank = Win(
        number(),
        "row_number",
        None,
        part,
        ((ir.round_to(flow.col("_rest"), REMAINDER_SCALE), True), *((flow.col(n), d) for n, d in keys)),
    )
    floors = Win(flow.col("_floor").type, "sum", flow.col("_floor"), part)
    flow.step("ranks", {"_rank": rank, "_floors": floors})
    spare = ir.sub(ir.mul(flow.col(whole), flow.col("_sign")), flow.col("_floors"))

    one = ir.lit(minor_unit(digits))
    units = ir.div(spare, one, 0, "half_up")
    gets = ir.both(ir.compare("le", flow.col("_rank"), units), ir.compare("ne", flow.col("_rest"), ir.ZERO))
    assert gets is not None
    shown = ir.mul(ir.add(flow.col("_floor"), ir.case([(gets, one)], ir.ZERO)), flow.col("_sign"))
    flow.step(
        "remainders",
        {"_shown": ir.round_to(shown, max(0, digits))},
        drop=frozenset({"_sign", "_floor", "_size", "_rest", "_rank", "_floors"}),
    )


def minor_unit(digits: int) -> Decimal:
    """0.01 for two digits."""
    return Decimal(1).scaleb(-digits)


def rebind(scale: Scale, flow: Flow) -> Scale:
    """The scale with its columns read from a flow instead of from the cell stage."""

    def move(expr: Expr | None) -> Expr | None:
        match expr:
            case Col(_, name, _):
                return flow.col(name)
            case ir.Op(kind, name, args, params):
                return ir.Op(kind, name, tuple(m for a in args if (m := move(a)) is not None), params)
        return expr

    def moved(expr: Expr) -> Expr:
        made = move(expr)
        assert made is not None
        return made

    steps = tuple(
        replace(s, low=moved(s.low), high=move(s.high), rate=move(s.rate), amount=move(s.amount)) for s in scale.steps
    )
    return replace(scale, steps=steps)
