"""One component: from rows to earnings and their trace.

The stages of a component `c`, in order (those that a plan does not need are not made):

    c_source … c_rows     rows, credited, each with the reason if it does not count           one row per credited row
    c_cell                measure, base, edges, gates of a payee's period                       one row per payee × period × group
    c_reward              the reward: tier, rate, gate, multiplier, exact amount                 the same
    c_parts               what each row contributes to it, exact                                 one row per credited row
    c_period              after the limits, exact                                                one row per payee × period
    c_earned              rounded once                                                           the same
    c_trace               the cents shown on each row; they add up to c_earned                   one row per credited row, and remainders

Contributions are differences of a running total wherever the reward is a function of one (marginal tiers, caps), so that they
add up by construction; otherwise the reward is shared in proportion to the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells import Aggregates, Cells, cell_base, is_row_expression, period_columns
from buoy_engine.compile.credit import Followed, apply_credit, differential, split_rows
from buoy_engine.compile.reward import Columns, Compiled, Reward
from buoy_engine.compile.rows import RowFlow, RowScope, apply_take, business_order, component_nodes, expand, limited
from buoy_engine.compile.scope import Misuse, Term
from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Kind, Query, Win, number
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Limit, Plan

AMOUNT = ast.Name(("amount",))
ACCUMULATION_ID = {"quarter": "_quarter_id", "half_year": "_half_year_id", "year": "_year_id"}


@dataclass
class RowCells(Cells):
    """A component calculated row by row: words of the row, and of its payee's period."""

    rows: RowScope = None  # type: ignore[assignment]

    def name(self, parts: tuple[str, ...]) -> Term:
        if self.in_measure or ".".join(parts) in self.plan.measures or parts[0] in ("period", "year", "active"):
            return super().name(parts)
        return self.rows.name(parts)

    def aggregate(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        if self.in_measure or window is not None:
            return super().aggregate(node, window, count)
        inside = None if node.where is None else ir.holds(self.rows.condition(node.where))
        if node.name in ("count", "distinct"):
            return Ratio(ir.ONE if inside is None else ir.case([(inside, ir.ONE)], ir.ZERO))
        value = self.rows.number(node.args[0])
        return value if inside is None else ratio.choose([(inside, value)], Ratio(ir.ZERO))

    def lookup(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        if window is None and node.name in ("certified", "score", "earned") and not self.in_measure:
            return self.rows.lookup(node, window, count)
        return super().lookup(node, window or "period", count)

    def row_date(self) -> Expr:
        return self.rows.row_date()

    def implicit(self, node: ast.Node) -> Term:
        return super().implicit(node) if self.in_measure else self.term(node)


@dataclass
class Made:
    """What a compiled component offers to the others."""

    rows: str
    reward: str
    earned: str
    trace: str | None
    source: str


@dataclass
class ComponentCompiler:
    """Compiles one component. `made`: the components that are there already, by id."""

    builder: Builder
    plan: Plan
    component: Component
    plan_rows: Aggregates
    made: Mapping[str, Made]
    outbid: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        c = self.component
        self.id = c.id
        self.kind = c.every or self.plan.period
        self.nodes = expand(self.plan, component_nodes(c))
        self.returns = c.returns or self.plan.setting("returns", c)
        if self.returns == "original":
            self.nodes = [*self.nodes, ast.Name(("original", "amount"))]
        self.order = self.plan.setting("order", c)
        self.mode = c.round.mode or self.plan.setting("rounding", c)
        self.digits = minor_digits(self.plan.currency) if c.round.digits is None else c.round.digits
        self.per_row = c.per == "row"
        self.keys: tuple[str, ...] = () if self.per_row else tuple({"date": "_date", "level": "_level", "role": "_role", "deal": "deal_id", "customer": "customer_id", "product": "product_id"}.get(k, k) for k in c.per)

    # ------------------------------------------------------------ the whole

    def compile(self) -> Made:
        """All stages of the component."""
        rows = self._rows()
        flow = rows.flow
        self.sort = business_order(flow, ("date", "posted_at", "id") if self.order == "pro_rata_day" else self.order)
        reward, compiled = self._reward(flow)
        parts = self._parts(flow, reward, compiled)
        period = self._period(reward, parts)
        earned = self._earned(period)
        trace = self._trace(parts, earned) if parts else None
        if self.component.credit.kind == "split_reward" and trace:
            trace, earned = self._share_reward(rows, trace, earned)
        return Made(flow.relation, reward, earned, trace, self.component.from_)

    # ------------------------------------------------------------ rows

    def _rows(self) -> RowFlow:
        c = self.component
        traces = {name: made.trace for name, made in self.made.items() if made.trace}
        rows = RowFlow(self.builder, self.plan, self.id, c.from_, self.kind, self.nodes, self.plan.setting("as_of", c), traces)
        rows.start()
        rows.attach(["partner", "product", "customer", "deal"])
        followed = None
        if c.credit.kind == "follow" and c.credit.component in self.made:
            target = self.made[c.credit.component]
            if target.trace is None:
                raise Misuse(f"follow: {c.credit.component}", "a component whose earnings belong to rows", "follow a component with a rate on rows")
            followed = Followed(target.trace, target.source)
        extra = apply_credit(rows, c, followed)
        rows.attach(["payee"])
        rows.look_up()
        rows.number_rows(business_order(rows.flow, ("date", "posted_at", "id")))
        rows.fail_reasons(c, extra)
        if c.credit.kind == "upline" and c.credit.upline and c.credit.upline.differential:
            differential(rows.flow, rows.scope().number(c.rate).decimal())
        rows.once(c, business_order(rows.flow, ("date", "posted_at", "id")))
        if c.take is not None:
            self._take(rows)
        self._outside_plan(rows.flow)
        rows.flow.step("rows", keep=True, notes="every row, credited or not, with its reason")
        return rows

    def _take(self, rows: RowFlow) -> None:
        take = self.component.take
        assert take is not None
        apply_take(self.builder, self.plan, rows.flow, take, rows.scope())
        flow = rows.flow
        nothing = ir.both(ir.is_null(flow.col("_fail")), ir.eq(flow.col(take.of), ir.ZERO), ir.compare("ne", flow.col("_before_take"), ir.ZERO))
        assert nothing is not None
        add: dict[str, Expr] = {"_fail": ir.case([(nothing, ir.lit("limit_reached"))], flow.col("_fail"))}
        if take.of == "quantity" and "amount" in flow:
            share = ir.div(ir.mul(flow.col("amount"), flow.col("quantity")), flow.col("_before_take"))
            add["amount"] = ir.case([(ir.eq(flow.col("quantity"), flow.col("_before_take")), flow.col("amount"))], share)
        flow.step("cut", add)

    def _outside_plan(self, flow: Flow) -> None:
        """Rows of a live period that lie outside the plan's own dates do not count; earlier ones serve as baseline."""
        tests = [ir.compare("lt", flow.col("_date"), ir.lit(self.plan.valid.from_))] if self.plan.valid.from_ else []
        if self.plan.valid.to:
            tests.append(ir.compare("gt", flow.col("_date"), ir.lit(self.plan.valid.to)))
        if not tests:
            return
        on = ir.both(ir.eq(self.builder.col("periods", "kind", "lp"), ir.lit(self.kind)), ir.eq(self.builder.col("periods", "period", "lp"), flow.col(f"_{self.kind}")))
        assert on is not None
        outside = ir.both(ir.is_null(flow.col("_fail")), ir.either(*tests), ir.holds(self.builder.col("periods", "live", "lp")))
        assert outside is not None
        flow.step("dated", {"_fail": ir.case([(outside, ir.lit("outside_plan"))], flow.col("_fail"))}, joins=(Join("periods", "lp", on),))

    def _counts(self, flow: Flow, alias: str = "r") -> Expr:
        """The rows that count: no reason against them, and not a return that takes its own sale's reward back."""
        counts = ir.is_null(flow.col("_fail", alias))
        if self.returns == "original" and "returns" in flow:
            return ir.both(counts, ir.is_null(flow.col("returns", alias))) or counts
        return counts

    # ------------------------------------------------------------ cells and reward

    def _scope(self, flow: Flow) -> Cells:
        rows = RowScope(self.plan, flow, self.builder)
        own = Aggregates(self.builder, f"{self.id}_sums", flow.relation, self.kind, rows, self.keys, self._counts(flow))
        window = (f"{self.component.accumulate}_to_date" if self.component.accumulate else "period", None)
        earned = {name: made.earned for name, made in self.made.items()}
        if self.per_row:
            base = self._row_base(flow)
            view = Flow(self.builder, self.id, "", base)
            return RowCells(self.plan, self.builder, self.id, base, self.kind, own, self.plan_rows, window, earned, (), rows=RowScope(self.plan, view, self.builder, alias="c"))
        base = self._group_base(flow) if self.keys else cell_base(self.builder, self.kind)
        return Cells(self.plan, self.builder, self.id, base, self.kind, own, self.plan_rows, window, earned, self.keys)

    def _row_base(self, flow: Flow) -> str:
        """Rows that count, with their period's columns: the cells of a component calculated row by row."""
        on = self._period_on(flow.col(f"_{self.kind}"))
        columns = {**flow.all(), **period_columns(self.builder, "q")}
        return self.builder.stage(f"{self.id}_each", "one row per credited row", Query(columns, flow.relation, "r", (Join("periods", "q", on, "inner"),), self._counts(flow)), keep=False)

    def _group_base(self, flow: Flow) -> str:
        keys = {"_payee": flow.col("_payee"), **{k: flow.col(k) for k in self.keys if self._key(flow, k)}}
        on = self._period_on(flow.col(f"_{self.kind}"))
        columns = {**keys, **period_columns(self.builder, "q")}
        return self.builder.stage(f"{self.id}_groups", "one row per payee, period and group", Query(columns, flow.relation, "r", (Join("periods", "q", on, "inner"),), self._counts(flow), distinct=True))

    def _key(self, flow: Flow, key: str) -> bool:
        if key not in flow:
            self.builder.col(self.component.from_, key, "s")
            raise Misuse(f"per: [{key}]", "a column of the rows", "correct the name", "unknown-column")
        return True

    def _period_on(self, period: Expr) -> Expr:
        on = ir.both(ir.eq(self.builder.col("periods", "kind", "q"), ir.lit(self.kind)), ir.eq(self.builder.col("periods", "period", "q"), period))
        assert on is not None
        return on

    def _asts(self, flow: Flow) -> tuple[ast.Node | None, ast.Node | None]:
        """Base and measure as trees; None where the component has neither and the rows have no amount."""
        c = self.component
        default = AMOUNT if "amount" in flow else None
        base = c.base if c.base is not None else c.measure if c.measure is not None else default
        measure = c.measure if c.measure is not None else base
        return base, measure

    def _row_rate(self, scope: Cells, base: ast.Node | None) -> ast.Node | None:
        """base × rate as one row expression, when the rate speaks about the row."""
        c = self.component
        if c.rate is None or base is None or self.per_row:
            return None
        rate: ast.Node = c.rate
        if c.credit.kind == "upline" and c.credit.upline and c.credit.upline.differential:
            rate = ast.Name(("_rate",))
        elif not is_row_expression(rate, scope) and not self._row_lookup(rate):
            return None
        return ast.Binary("*", rate, base)

    def _row_lookup(self, rate: ast.Node) -> bool:
        """partner.tier in a plain rate is the tier on the row's date, so the rate belongs to the row."""
        words = [p for p in ast.walk(rate) if isinstance(p, ast.Name)]
        dims = any(len(p.parts) == 2 and p.parts[0] in ("partner", "payee") for p in words)
        cell_only = any(ast.is_aggregate(p) or (isinstance(p, ast.Call) and p.name in ("target", "earned")) or (isinstance(p, ast.Name) and str(p) in self.plan.measures) for p in ast.walk(rate))
        return dims and not cell_only

    def _reward(self, flow: Flow) -> tuple[str, Compiled]:
        c = self.component
        scope = self._scope(flow)
        columns = Columns()
        reward = Reward(self.plan, c, scope, columns)
        base_ast, measure_ast = self._asts(flow)
        self.row_rate = self._row_rate(scope, base_ast)
        self.base_ast, self.measure_ast = base_ast, measure_ast
        base = self._kept(scope, columns, "_base", base_ast)
        measure = base if measure_ast == base_ast else self._kept(scope, columns, "_measure", measure_ast)
        if self.row_rate is not None:
            compiled = Compiled(self._kept(scope, columns, "_rated", self.row_rate))
        else:
            compiled = reward.function(c, "f", measure, base)
        gate = reward.gate()
        alternative = reward.function(c.otherwise, "g", measure, base) if c.otherwise else None
        multiplier = reward.multiplier()
        self.attribution = self._attribution(scope, alternative)
        limits = self._limit_columns(scope, columns)
        cell = scope.stage("cell", columns.found)
        self._last_limits = limits
        return self._reward_stage(cell, compiled, alternative, gate, multiplier, measure, base), compiled

    def _kept(self, scope: Cells, columns: Columns, name: str, node: ast.Node | None) -> Ratio:
        if node is None:
            return Ratio(ir.ZERO)
        term = scope.implicit(node)
        return columns.keep(name, term if isinstance(term, Ratio) else scope.number(node), "v")

    def _attribution(self, scope: Cells, alternative: Compiled | None) -> str:
        """How rows share the reward: own · running · base · none."""
        c = self.component
        if self.per_row:
            return "own"
        if self.row_rate is not None:
            return "rated"
        summed = self._summed(scope, self.measure_ast)
        if c.tag == "tiers" and c.tiers and c.tiers.mode != "retroactive" and summed and self.measure_ast == self.base_ast and alternative is None:
            return "running"
        if c.tag in ("amount", "curve") and not (c.curve and c.curve.pays == "rate") and c.base is None and c.measure is None:
            return "none"
        return "base" if self._summed(scope, self.base_ast) else "none"

    def _summed(self, scope: Cells, node: ast.Node | None) -> bool:
        """Whether the node is a sum over the component's rows."""
        if node is None:
            return False
        return is_row_expression(node, scope) or self._plain_sum(node) is not None

    def _plain_sum(self, node: ast.Node) -> ast.Node | None:
        if isinstance(node, ast.Call) and node.name == "sum" and node.where is None:
            return node.args[0]
        if isinstance(node, ast.Call) and node.name == "count" and node.where is None:
            return ast.Number(ir.ONE.value)  # type: ignore[arg-type]
        return None

    def _limit_columns(self, scope: Cells, columns: Columns) -> list[tuple[Limit, Expr | None, Expr | None]]:
        found = []
        for i, limit in enumerate(self.component.limits):
            low = None if limit.min is None else columns.one(f"_min{i}", scope.number(limit.min).decimal(), "v")
            high = None if limit.max is None else columns.one(f"_max{i}", scope.number(limit.max).decimal(), "v")
            found.append((limit, low, high))
        return found

    def _reward_stage(self, cell: str, compiled: Compiled, alternative: Compiled | None, gate: Expr, multiplier: Ratio | None, measure: Ratio, base: Ratio) -> str:
        types = self.builder.catalog.relations[cell]
        value, reason = compiled.value, gate
        passed = ir.is_null(gate)
        if compiled.undefined is not None:
            value = ratio.choose([(compiled.undefined, Ratio(ir.ZERO))], value)
            reason = ir.case([(ir.not_null(gate), gate), (compiled.undefined, ir.lit("undefined"))], ir.lit(None))
        if multiplier is not None:
            value = ratio.mul(value, multiplier)
        other = Ratio(ir.ZERO)
        if alternative is not None:
            other = alternative.value if multiplier is None else ratio.mul(alternative.value, multiplier)
        if self.component.when:
            value = ratio.choose([(passed, value)], other)
        amount = ir.coalesce(value.decimal(), ir.ZERO)
        for limit, low, high in self._last_limits:
            if limit.per == "group" or (limit.per == "row" and self.per_row):
                amount = ir.clamp(amount, low, high)
        if self.component.accumulate:
            amount = self._clamp_to_date(amount)
        rate = compiled.rate
        columns: dict[str, Expr] = {
            **{n: Col(t, n, "v") for n, t in types.items()},
            "_m": measure.decimal(),
            "_b": base.decimal(),
            "_tier": compiled.tier if compiled.tier is not None else ir.lit(None, number()),
            "_rate_used": rate if rate is not None else ir.lit(None, number(6)),
            "_factor": multiplier.decimal() if multiplier is not None else ir.ONE,
            "_reason": reason if reason.type == TEXT else ir.lit(None, TEXT),
            "_value": amount,
        }
        name = self.builder.stage(f"{self.id}_value" if self.component.accumulate else f"{self.id}_reward", "one row per payee, period and group", Query(columns, cell, "v"), keep=True)
        return self._increase(name) if self.component.accumulate else name

    def _clamp_to_date(self, amount: Expr) -> Expr:
        """A limit over the accumulation itself holds for the entitlement to date."""
        for limit, low, high in self._last_limits:
            if limit.per == self.component.accumulate:
                amount = ir.clamp(amount, low, high)
        return amount

    def _increase(self, relation: str) -> str:
        """Earned to date less earned to the end of the period before."""
        types = self.builder.catalog.relations[relation]
        col = {n: Col(t, n, "v") for n, t in types.items()}
        outer = ACCUMULATION_ID.get(self.component.accumulate or "")
        partition = [col["_payee"], *(col[k] for k in self.keys)] + ([col[outer]] if outer else [])
        value = col["_value"]
        if self.component.round.stage == "component":
            value = ir.round_to(value, self.digits, self.mode)
        before = Win(value.type, "lag", value, tuple(partition), ((col["_seq"], False),))
        columns = {**col, "_to_date": col["_value"], "_value": ir.sub(value, ir.coalesce(before, ir.ZERO))}
        return self.builder.stage(f"{self.id}_reward", "one row per payee, period and group", Query(columns, relation, "v"))

    # ------------------------------------------------------------ what rows contribute

    def _parts(self, flow: Flow, reward: str, compiled: Compiled) -> str | None:
        """`c_parts`: rows that count with their exact contribution `part`, before limits over more than the row."""
        if self.attribution == "none":
            return None
        if self.per_row:
            parts = self._own_parts(reward)
        else:
            parts = self._shared_parts(flow, reward, compiled)
        for i, (limit, _, _) in enumerate(self._last_limits):
            if limit.per == "row" and not self.per_row:
                low = None if limit.min is None else self._limit_of(limit, i, "min", parts)
                high = None if limit.max is None else self._limit_of(limit, i, "max", parts)
                parts.step(f"row_limit{i}", {"part": ir.clamp(parts.col("part"), low, high)})
        if self.component.round.stage == "row":
            parts.step("row_rounded", {"part": ir.round_to(parts.col("part"), self.digits, self.mode)})
        for i, (limit, _, _) in enumerate(self._last_limits):
            if limit.per == "programme":
                self._programme(parts, limit, i)
        if self.id in self.outbid:
            self._outbid(parts)
        if self.returns == "original" and "returns" in flow:
            self._take_back(parts, flow)
        parts.step("parts", keep=True)
        return parts.relation

    def _limit_of(self, limit: Limit, i: int, side: str, parts: Flow) -> Expr:
        constant = next(pair for pair in self._last_limits if pair[0] is limit)[1 if side == "min" else 2]
        assert constant is not None
        return constant if isinstance(constant, ir.Lit) else parts.col(f"_{side}{i}")

    def _carried(self, types: Mapping[str, ir.Type], alias: str) -> dict[str, Expr]:
        wanted = ["_payee", "_value", "_tier", "_rate_used", "_factor", "_reason", "_live", "_seq", "_last_day", "_start_date", "_settle", "_settle_seq", "_quarter_id", "_half_year_id", "_year_id", *(f"_{side}{i}" for i in range(len(self.component.limits)) for side in ("min", "max"))]
        return {n: Col(types[n], n, alias) for n in wanted if n in types}

    def _own_parts(self, reward: str) -> Flow:
        types = self.builder.catalog.relations[reward]
        columns = {n: Col(t, n, "v") for n, t in types.items()}
        columns |= {"part": columns["_value"], "_weight": columns["_value"]}
        name = self.builder.stage(f"{self.id}_own", "one row per credited row", Query(columns, reward, "v"), keep=False)
        return Flow(self.builder, self.id, "one row per credited row", name)

    def _shared_parts(self, flow: Flow, reward: str, compiled: Compiled) -> Flow:
        types = self.builder.catalog.relations[reward]
        v = {n: Col(t, n, "v") for n, t in types.items()}
        on = ir.both(
            ir.eq(v["_payee"], flow.col("_payee")), ir.eq(v["_period"], flow.col(f"_{self.kind}")), *(ir.same(v[k], flow.col(k)) for k in self.keys)
        )
        assert on is not None
        rows = RowScope(self.plan, flow, self.builder)
        weight_ast = self.row_rate if self.row_rate is not None else self.measure_ast if self.attribution == "running" else self.base_ast
        assert weight_ast is not None
        inner = self._plain_sum(weight_ast)
        weight = ir.coalesce(rows.number(inner if inner is not None else weight_ast).decimal(), ir.ZERO)
        add = {**self._carried(types, "v"), "_period": v["_period"], "_weight": weight, **{n: c for n, c in v.items() if n not in flow.types and n not in ("_value",)}}
        query = Query({**flow.all(), **add}, flow.relation, "r", (Join(reward, "v", on, "inner"),), self._counts(flow))
        parts = Flow(self.builder, self.id, "one row per credited row", self.builder.stage(f"{self.id}_weighed", "one row per credited row", query, keep=False))
        if self.attribution == "running":
            self._running_parts(parts, compiled)
        elif self.attribution == "rated":
            gated = ir.case([(ir.is_null(parts.col("_reason")), ir.mul(parts.col("_weight"), parts.col("_factor")))], ir.ZERO)
            parts.step("share", {"part": gated})
        else:
            partition = (parts.col("_payee"), parts.col("_period"), *(parts.col(k) for k in self.keys))
            whole = Win(parts.col("_weight").type, "sum", parts.col("_weight"), partition)
            parts.step("weights", {"_whole": whole})
            share = ir.coalesce(ir.div(ir.mul(parts.col("_weight"), parts.col("_value")), parts.col("_whole")), ir.ZERO)
            parts.step("share", {"part": share}, drop=frozenset({"_whole"}))
        return parts

    def _running_parts(self, parts: Flow, compiled: Compiled) -> None:
        """P(after) − P(before), times the factor; nothing where a gate fails."""
        assert compiled.scale is not None
        outer = ACCUMULATION_ID.get(self.component.accumulate or "")
        span = outer if outer else "_period"
        partition = [parts.col("_payee"), *(parts.col(k) for k in self.keys)]
        if self.component.accumulate != "plan":
            partition.append(parts.col(span))
        order = [(parts.col("_date"), False)] if self.order == "pro_rata_day" else [(parts.col(e.name) if isinstance(e, Col) else e, d) for e, d in self.sort]
        if self.order == "pro_rata_day":
            self._by_day(parts, partition)
        else:
            parts.step("running", {"_after": ir.running(parts.col("_weight"), partition, order)})
            parts.step("before", {"_before": ir.sub(parts.col("_after"), parts.col("_weight"))})
        scale = _rebind(compiled.scale, parts)
        function = scale.filled if self.component.tiers and self.component.tiers.mode == "filled" else scale.potential
        gain = ir.sub(function(parts.col("_after")), function(parts.col("_before")))
        if self.order == "pro_rata_day":
            gain = ir.coalesce(ir.div(ir.mul(gain, parts.col("_weight")), parts.col("_day")), ir.ZERO)
        part = ir.mul(gain, parts.col("_factor"))
        parts.step("share", {"part": ir.case([(ir.is_null(parts.col("_reason")), part)], ir.ZERO)})

    def _by_day(self, parts: Flow, partition: list[Expr]) -> None:
        day = Win(parts.col("_weight").type, "sum", parts.col("_weight"), (*partition, parts.col("_date")))
        parts.step("day", {"_day": day})
        rows_before = ir.running(parts.col("_weight"), partition, [(parts.col("_date"), False), (parts.col("_id"), False)])
        parts.step("running", {"_sofar": rows_before})
        first = Win(parts.col("_sofar").type, "min", parts.col("_sofar"), ())
        del first
        in_day = ir.running(parts.col("_weight"), [*partition, parts.col("_date")], [(parts.col("_id"), False)])
        parts.step("in_day", {"_in_day": in_day})
        before = ir.sub(parts.col("_sofar"), parts.col("_in_day"))
        parts.step("before", {"_before": before, "_after": ir.add(before, parts.col("_day"))})

    def _programme(self, parts: Flow, limit: Limit, i: int) -> None:
        """A budget of all payees together, in business order."""
        top = self._limit_of(limit, i, "max", parts)
        parts.step(f"budget{i}_in", {"_wanted": parts.col("part"), "_limit": top})
        order = business_order(parts, ("date", "posted_at", "id") if self.order == "pro_rata_day" else self.order)
        unit = None
        if limit.fit == "whole" and "quantity" in parts:
            unit = ir.div(parts.col("part"), parts.col("quantity"))
        if limit.fit == "pro_rata":
            self._budget_pro_rata(parts, order)
            return
        amount = limited(self.builder, parts, "_wanted", "_limit", (), order, limit.fit, unit)
        parts.step(f"budget{i}", {"part": amount}, drop=frozenset({"_wanted", "_limit"}))

    def _budget_pro_rata(self, parts: Flow, order: list[tuple[Expr, bool]]) -> None:
        """All claims share the budget; cents by largest remainder."""
        parts.step("budget_all", {"_all": Win(parts.col("_wanted").type, "sum", parts.col("_wanted"), ())})
        exact = ir.coalesce(ir.div(ir.mul(parts.col("_wanted"), parts.col("_limit")), parts.col("_all")), ir.ZERO)
        fits = ir.compare("le", parts.col("_all"), parts.col("_limit"))
        parts.step("budget_exact", {"_exact": ir.case([(fits, parts.col("_wanted"))], exact), "_total": ir.case([(fits, parts.col("_all"))], parts.col("_limit"))})
        largest_remainder(parts, "_exact", "_total", (), order, self.digits)
        parts.step("budget_shared", {"part": parts.col("_shown")}, drop=frozenset({"_shown", "_exact", "_total", "_all", "_wanted", "_limit"}))

    def _outbid(self, parts: Flow) -> None:
        """Rows on which another component is worth more (see `combine`): nothing, with the reason."""
        relation = self.outbid[self.id]
        o = {c: self.builder.col(relation, c, "o") for c in ("_id", "_payee", "_component")}
        on = ir.both(ir.eq(o["_id"], parts.col("_id")), ir.eq(o["_payee"], parts.col("_payee")), ir.eq(o["_component"], ir.lit(self.id)))
        assert on is not None
        parts.step("best", {"part": ir.case([(ir.is_null(o["_id"]), parts.col("part"))], ir.ZERO)}, joins=(Join(relation, "o", on),))

    def _take_back(self, parts: Flow, flow: Flow) -> None:
        """Returns at the original rate: minus what the original row earned, in proportion, in the return's own period."""
        parts.step("sold", keep=True)
        sold = parts.relation
        p = {n: Col(t, n, "p") for n, t in parts.types.items()}
        returned = ir.both(ir.is_null(flow.col("_fail")), ir.not_null(flow.col("returns")))
        joins = (
            Join(sold, "p", ir.both(ir.eq(p["_id"], flow.col("returns")), ir.eq(p["_payee"], flow.col("_payee"))) or ir.TRUE, "inner"),
            Join("periods", "q", self._period_on(flow.col(f"_{self.kind}")), "inner"),
        )
        part = ir.coalesce(ir.div(ir.mul(p["part"], flow.col("amount")), flow.col("original.amount")), ir.ZERO)
        period = period_columns(self.builder, "q")
        columns: dict[str, Expr] = {}
        for n, t in parts.types.items():
            if n == "part":
                columns[n] = part
            elif n == "_weight":
                columns[n] = part
            elif n in period:
                columns[n] = period[n]
            elif n in flow.types:
                columns[n] = flow.col(n)
            else:
                columns[n] = p[n] if n in ("_tier", "_rate_used", "_factor") else ir.Lit(t, None)
        back = Query(columns, flow.relation, "r", joins, returned)
        kept = Query({n: Col(t, n, "r") for n, t in parts.types.items()}, sold, "r", union=(back,))
        parts.relation = self.builder.stage(f"{self.id}_sold_and_returned", "one row per credited row", kept, keep=False)
        self.took_back = True

    took_back: bool = False

    # ------------------------------------------------------------ limits over periods, rounding

    def _row_valued(self) -> bool:
        """Whether the period's amount is the sum of its rows' parts rather than the reward itself."""
        limits = any(limit.per in ("row", "programme") for limit in self.component.limits) and not (self.per_row and all(x.per != "programme" for x in self.component.limits))
        return self.per_row or limits or self.component.round.stage == "row" or self.id in self.outbid or self.took_back

    def _period(self, reward: str, parts: str | None) -> str:
        """`c_period`: payee × period of the plan's validity, exact, after all limits over periods."""
        c = self.component
        use_parts = parts is not None and self._row_valued()
        relation = parts if use_parts and parts is not None else reward
        types = self.builder.catalog.relations[relation]
        col = {n: Col(t, n, "v") for n, t in types.items()}
        keys = {n: col[n] for n in ("_payee", "_period", "_last_day", "_seq", "_settle", "_settle_seq", "_live", "_quarter_id", "_half_year_id", "_year_id")}
        amount = col["part"] if use_parts else col["_value"]
        extra = {f"_{side}{i}": Agg(col[f"_{side}{i}"].type, "max", col[f"_{side}{i}"]) for i in range(len(c.limits)) for side in ("min", "max") if f"_{side}{i}" in col}
        reason = Agg(TEXT, "min", col["_reason"]) if "_reason" in col else ir.lit(None, TEXT)
        query = Query({**keys, **extra, "_reason": reason, "amount": ir.total(amount)}, relation, "v", group_by=tuple(keys.values()))
        flow = Flow(self.builder, f"{self.id}_period", "one row per payee and period", self.builder.stage(f"{self.id}_period_sum", "one row per payee and period", query, keep=False))
        for i, (limit, _, _) in enumerate(self._last_limits):
            self._period_limit(flow, limit, i)
        flow.step("limited", where=ir.holds(flow.col("_live")), keep=True)
        return flow.relation

    def _period_limit(self, flow: Flow, limit: Limit, i: int) -> None:
        if limit.per in ("row", "group", "programme") or limit.per == self.component.accumulate:
            return
        low = None if limit.min is None else self._limit_of(limit, i, "min", flow)
        high = None if limit.max is None else self._limit_of(limit, i, "max", flow)
        amount = flow.col("amount")
        if limit.per == "period" and limit.excess == "carry" and high is not None:
            self._carry_excess(flow, high, i)
            return
        if limit.per == "period":
            flow.step(f"cap{i}", {"amount": ir.clamp(amount, low, high)})
            return
        outer = {"quarter": "_quarter_id", "half_year": "_half_year_id", "year": "_year_id"}.get(limit.per)
        partition = [flow.col("_payee")] + ([flow.col(outer)] if outer else [])
        if not outer:
            partition.append(flow.col("_live"))
        flow.step(f"cap{i}_running", {"_after": ir.running(amount, partition, [(flow.col("_seq"), False)])})
        after = flow.col("_after")
        before = ir.sub(after, flow.col("amount"))
        flow.step(f"cap{i}", {"amount": ir.sub(ir.clamp(after, low, high), ir.clamp(before, None, high))}, drop=frozenset({"_after"}))

    def _carry_excess(self, flow: Flow, high: Expr, i: int) -> None:
        """What is above the cap is paid when there is room: carried = running sum of (amount − cap), less its lowest point."""
        partition = [flow.col("_payee"), flow.col("_live")]
        order = [(flow.col("_seq"), False)]
        flow.step(f"carry{i}_over", {"_over": ir.sub(flow.col("amount"), high)})
        flow.step(f"carry{i}_sum", {"_sum": ir.running(flow.col("_over"), partition, order)})
        lowest = Win(flow.col("_sum").type, "min", flow.col("_sum"), tuple(partition), tuple((flow.col(e.name) if isinstance(e, Col) else e, d) for e, d in order), "running")
        flow.step(f"carry{i}_low", {"_low": lowest})
        carried = ir.sub(flow.col("_sum"), ir.least(flow.col("_low"), ir.ZERO))
        flow.step(f"carry{i}_now", {"_carried": carried})
        before = Win(flow.col("_carried").type, "lag", flow.col("_carried"), (flow.col("_payee"), flow.col("_live")), ((flow.col("_seq"), False),))
        paid = ir.sub(ir.add(flow.col("amount"), ir.coalesce(before, ir.ZERO)), flow.col("_carried"))
        flow.step(f"carry{i}", {"amount": paid}, drop=frozenset({"_over", "_sum", "_low"}))

    def _earned(self, period: str) -> str:
        """`c_earned`: exact and rounded amount of every payee and period."""
        types = self.builder.catalog.relations[period]
        col = {n: Col(t, n, "p") for n, t in types.items()}
        exact = col["amount"]
        amount: Expr = exact if self.component.round.stage == "none" else ir.round_to(exact, self.digits, self.mode)
        columns = {n: col[n] for n in ("_payee", "_period", "_last_day", "_seq", "_settle", "_settle_seq", "_reason")}
        return self.builder.stage(f"{self.id}_earned", "one row per payee and period", Query({**columns, "exact": exact, "amount": amount}, period, "p"))

    def _trace(self, parts: str, earned: str) -> str:
        """`c_trace`: the cents shown on every row, and a remainder where limits or fixed amounts belong to no row."""
        types = self.builder.catalog.relations[parts]
        p = {n: Col(t, n, "p") for n, t in types.items()}
        e = {n: Col(t, n, "e") for n, t in self.builder.catalog.relations[earned].items()}
        on = ir.both(ir.eq(e["_payee"], p["_payee"]), ir.eq(e["_period"], p["_period"]))
        assert on is not None
        names = ["_id", "_payee", "_period", "_date", "_owner", "_tier", "_rate_used", "_weight", "part", *[e_.name for e_, _ in self.sort if isinstance(e_, Col)], *(["returns"] if "returns" in p else []), *self._payout_columns(p)]
        columns: dict[str, Expr] = {n: p[n] for n in dict.fromkeys(names)}
        columns |= {"_settle": e["_settle"], "_settle_seq": e["_settle_seq"], "_exact": e["exact"], "_earned": e["amount"]}
        flow = Flow(self.builder, f"{self.id}_trace", "one row per credited row", self.builder.stage(f"{self.id}_trace_in", "one row per credited row", Query(columns, parts, "p", (Join(earned, "e", on, "inner"),)), keep=False))
        partition = (flow.col("_payee"), flow.col("_period"))
        order = [(flow.col(x.name) if isinstance(x, Col) else x, d) for x, d in self.sort]
        if self.component.lines == "largest_remainder":
            flow.step("whole", {"_whole": Win(flow.col("part").type, "sum", flow.col("part"), partition)})
            share = ir.coalesce(ir.div(ir.mul(flow.col("part"), flow.col("_earned")), flow.col("_whole")), ir.ZERO)
            flow.step("exact_share", {"_exact_share": share})
            largest_remainder(flow, "_exact_share", "_earned", partition, order, self.digits)
            flow.step("shown", {"cents": flow.col("_shown")})
        else:
            self._running_cents(flow, partition, order)
        final = {n: flow.col(n) for n in dict.fromkeys(["_id", "_payee", "_period", "_date", "_owner", "_tier", "_rate_used", "_settle", "_settle_seq", *(["returns"] if "returns" in flow else []), *self._payout_columns(flow.types)])}
        columns = {**final, "base": flow.col("_weight"), "exact": flow.col("part"), "cents": flow.col("cents")}
        shown = self.builder.stage(f"{self.id}_shown", "one row per credited row", Query(columns, flow.relation, "r"))
        return self._with_remainder(shown, earned)

    def _payout_columns(self, columns: object) -> list[str]:
        return [i.on for i in self.component.payout if i.on and i.on in columns]  # type: ignore[operator]

    def _running_cents(self, flow: Flow, partition: tuple[Expr, ...], order: list[tuple[Expr, bool]]) -> None:
        """round(running total) − round(previous), the running total held under what was earned in all."""
        flow.step("running", {"_after": ir.running(flow.col("part"), partition, order), "_sum": Win(flow.col("part").type, "sum", flow.col("part"), partition)})
        after, whole, exact = flow.col("_after"), flow.col("_sum"), flow.col("_exact")
        before = ir.sub(after, flow.col("part"))
        near = ir.compare("le", ir.Op(number(12), "abs", (ir.round_to(ir.sub(whole, exact), 12),)), ir.lit(ir.lit(1).value / 10**6))  # type: ignore[operator]
        held = {"after": after, "before": before}
        for name, value in held.items():
            capped = ir.case([(ir.compare("lt", exact, whole), ir.least(value, exact))], value)
            held[name] = ir.case([(ir.both(near, ir.eq(value, whole)) or near, exact)], ir.case([(near, value)], capped))
        if self.component.round.stage == "none":
            flow.step("shown", {"cents": ir.sub(held["after"], held["before"])})
            return
        shown = ir.sub(ir.round_to(held["after"], self.digits, self.mode), ir.round_to(held["before"], self.digits, self.mode))
        flow.step("shown", {"cents": shown})

    def _with_remainder(self, shown: str, earned: str) -> str:
        s = {n: Col(t, n, "s") for n, t in self.builder.catalog.relations[shown].items()}
        keys = {"_payee": s["_payee"], "_period": s["_period"]}
        sums = self.builder.stage(f"{self.id}_shown_sums", "one row per payee and period", Query({**keys, "cents": ir.total(s["cents"]), "exact": ir.total(s["exact"])}, shown, "s", group_by=tuple(keys.values())), keep=False)
        t = {n: Col(k, n, "t") for n, k in self.builder.catalog.relations[sums].items()}
        e = {n: Col(k, n, "e") for n, k in self.builder.catalog.relations[earned].items()}
        left = ir.sub(e["amount"], ir.coalesce(t["cents"], ir.ZERO))
        on = ir.both(ir.eq(t["_payee"], e["_payee"]), ir.eq(t["_period"], e["_period"]))
        assert on is not None
        columns: dict[str, Expr] = {}
        for name, kind in self.builder.catalog.relations[shown].items():
            if name in ("_payee", "_period", "_settle", "_settle_seq"):
                columns[name] = e[name]
            elif name == "cents":
                columns[name] = left
            elif name == "exact":
                columns[name] = ir.sub(e["exact"], ir.coalesce(t["exact"], ir.ZERO))
            else:
                columns[name] = ir.Lit(kind, None)
        rest = Query(columns, earned, "e", (Join(sums, "t", on),), ir.compare("ne", left, ir.ZERO))
        return self.builder.stage(f"{self.id}_trace", "one row per credited row; remainders have no row id", Query(dict(s), shown, "s", union=(rest,)))

    # ------------------------------------------------------------ reward shared by splits

    def _share_reward(self, rows: RowFlow, trace: str, earned: str) -> tuple[str, str]:
        """`{splits: reward}`: the cents of every row shared among its splits by largest remainder."""
        flow = Flow(self.builder, f"{self.id}_split", "one row per row and payee", trace)
        source = rows.flow
        r = {n: Col(t, n, "w") for n, t in source.types.items() if n in ("_id", "deal_id")}
        joins = []
        if "deal_id" in source:
            relation = self.builder.stage(f"{self.id}_split_deals", "one row per row", Query({"_id": Col(TEXT, "_id", "w"), "deal_id": r["deal_id"]}, source.relation, "w", distinct=True), keep=False)
            joins.append(Join(relation, "w", ir.eq(Col(TEXT, "_id", "w"), flow.col("_id"))))
            flow.step("with_deal", {"deal_id": Col(TEXT, "deal_id", "w")}, joins=tuple(joins))
        helper = RowFlow(self.builder, self.plan, self.id, rows.source, self.kind, [], "transaction", {})
        helper.flow = flow
        x = {c: self.builder.col("splits", c, "x") for c in ("partner_id", "share")}
        share = ir.coalesce(x["share"], ir.ONE)
        flow.step("joined", {"_payee": ir.coalesce(x["partner_id"], flow.col("_payee")), "_share": share, "_exact_cents": ir.mul(flow.col("cents"), share), "exact": ir.mul(flow.col("exact"), share)}, joins=(Join("splits", "x", split_rows(helper)),))
        flow.step("listed", {"_listed": Win(number(), "row_number", None, (flow.col("_id"),), ((flow.col("_share"), True), (flow.col("_payee"), False)))})
        largest_remainder(flow, "_exact_cents", "cents", (flow.col("_id"),), [(flow.col("_listed"), False)], self.digits)
        flow.step("shared", {"cents": flow.col("_shown")}, drop=frozenset({"_shown", "_exact_cents", "_listed", "_share"}), keep=True)
        e = {n: Col(t, n, "e") for n, t in self.builder.catalog.relations[earned].items()}
        periods = Query({n: e[n] for n in ("_period", "_last_day", "_seq", "_settle", "_settle_seq")}, earned, "e", distinct=True)
        self.builder.stage(f"{self.id}_split_periods", "one row per period", periods, keep=False)
        s = {n: flow.col(n) for n in ("_payee", "_period", "cents", "exact")}
        q = {n: self.builder.col(f"{self.id}_split_periods", n, "q") for n in ("_period", "_last_day", "_seq", "_settle", "_settle_seq")}
        keys: dict[str, Expr] = {"_payee": s["_payee"], **q}
        query = Query({**keys, "_reason": Agg(TEXT, "min", ir.Lit(TEXT, None)), "exact": ir.total(s["exact"]), "amount": ir.total(s["cents"])}, flow.relation, "r", (Join(f"{self.id}_split_periods", "q", ir.eq(q["_period"], s["_period"]), "inner"),), group_by=tuple(keys.values()))
        return flow.relation, self.builder.stage(f"{self.id}_split_earned", "one row per payee and period", query)


def _rebind(scale, parts: Flow):  # type: ignore[no-untyped-def]
    """The scale's columns read from the parts instead of from the cell stage."""
    from dataclasses import replace

    def move(expr: Expr | None) -> Expr | None:
        match expr:
            case Col(_, name, _):
                return parts.col(name)
            case ir.Op(kind, name, args, params):
                return ir.Op(kind, name, tuple(m for a in args if (m := move(a)) is not None), params)
        return expr

    steps = tuple(replace(s, low=move(s.low), high=move(s.high), rate=move(s.rate), amount=move(s.amount)) for s in scale.steps)
    return replace(scale, steps=steps)


def largest_remainder(flow: Flow, exact: str, whole: str, partition: tuple[Expr, ...], order: list[tuple[Expr, bool]], digits: int) -> None:
    """`_shown`: `whole` shared as `exact` says, in minor units: floors, and the units left over to the largest remainders.

    Ties go to the earlier row. A negative whole mirrors the positive one. Source: design/semantics.md Q20.
    """
    names = [c.name for c in partition if isinstance(c, Col)]
    sign = ir.case([(ir.compare("lt", flow.col(whole), ir.ZERO), ir.lit(-1))], ir.ONE)
    flow.step("mirror", {"_sign": sign})
    size = ir.mul(flow.col(exact), flow.col("_sign"))
    floor = ir.round_to(size, digits, "floor") if size.type.scale > digits else size
    flow.step("floors", {"_floor": floor, "_rest": ir.sub(size, floor)})
    part = tuple(flow.col(n) for n in names)
    keyed = [(flow.col(e.name) if isinstance(e, Col) else e, d) for e, d in order]
    rank = Win(number(), "row_number", None, part, ((flow.col("_rest"), True), *keyed))
    floors = Win(flow.col("_floor").type, "sum", flow.col("_floor"), part)
    flow.step("ranks", {"_rank": rank, "_floors": floors})
    spare = ir.sub(ir.mul(flow.col(whole), flow.col("_sign")), flow.col("_floors"))
    units = ir.mul(spare, ir.lit(10**digits)) if digits > 0 else spare
    one = ir.lit(ir.lit(1).value / (10**digits)) if digits > 0 else ir.ONE  # type: ignore[operator]
    gets = ir.both(ir.compare("le", flow.col("_rank"), units), ir.compare("ne", flow.col("_rest"), ir.ZERO))
    assert gets is not None
    shown = ir.mul(ir.add(flow.col("_floor"), ir.case([(gets, one)], ir.ZERO)), flow.col("_sign"))
    flow.step("remainders", {"_shown": ir.round_to(shown, digits) if shown.type.scale > digits else shown}, drop=frozenset({"_sign", "_floor", "_rest", "_rank", "_floors"}))


_ = Kind
