"""One component: from rows to earnings and their trace.

The stages of a component `c`, in order (those that a plan does not need are not made):

    c_source … c_rows     rows, credited, each with the reason if it does not count            one row per credited row
    c_cell                measure, base, edges, gates of a payee's period                        one row per payee × period × group
    c_reward              the reward: tier, rate, gate, multiplier, exact amount                  the same
    c_parts               what each row contributes to it, exact, after limits (see `parts`)      one row per credited row
    c_earned              rounded once                                                            one row per payee × period
    c_trace               the cents shown on each row; they add up to c_earned                    one row per credited row
    c_trace_all …         the same with what returns take back (see `returns`)                     one row per credited row
    c_judged              the rows again, with the reasons that only the reward knows (see `judged`)  one row per credited row
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells import (
    Aggregates,
    Cells,
    Filtered,
    PlanRows,
    RowCells,
    cell_base,
    is_row_expression,
    period_columns,
)
from buoy_engine.compile.credit import Followed, apply_credit, differential, split_rows
from buoy_engine.compile.judged import judged
from buoy_engine.compile.parts import PERIOD_KEYS, SPANS, PartsCompiler, earned_stage, largest_remainder, trace_stage
from buoy_engine.compile.returns import take_back
from buoy_engine.compile.reward import Columns, Compiled, Reward
from buoy_engine.compile.rows import RowFlow, RowScope, asks_row_no, business_order, component_nodes, expand, zone
from buoy_engine.compile.scope import Misuse
from buoy_engine.compile.sources import apply_take, source_relation, with_cell_value, with_left_out
from buoy_engine.compile.summary import LINES, filtered, upline_flow
from buoy_engine.compile.telescope import Telescope, telescopes
from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query, Win, number
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import SETTING_DEFAULTS, Component, Plan
from buoy_engine.spec.words import words

AMOUNT = ast.Name(("amount",))
ALIASES = {
    "date": "_date",
    "level": "_level",
    "role": "_role",
    "deal": "deal_id",
    "customer": "customer_id",
    "product": "product_id",
}


@dataclass
class Made:
    """What a compiled component offers to the others."""

    rows: str
    reward: str
    earned: str
    trace: str
    source: str
    pays: bool = True


@dataclass
class ComponentCompiler:
    """Compiles one component. `made`: the components that are there already, by id."""

    builder: Builder
    plan: Plan
    component: Component
    plan_rows: PlanRows
    made: Mapping[str, Made]
    outbid_by: tuple[str, str] | None = None
    in_summary: bool = False
    sort: list[tuple[Expr, bool]] = field(default_factory=list)
    limit_bounds: list[tuple[Expr | None, Expr | None]] = field(default_factory=list)
    limit_waits: Expr | None = None
    attribution: str = "base"
    is_rated: bool = False
    weight_node: ast.Node | None = None

    def __post_init__(self) -> None:
        c = self.component
        self.id = c.id
        self.kind = c.every or self.plan.period
        self.nodes = expand(self.plan, [*component_nodes(c), *([self.plan.who] if self.plan.who is not None else [])])
        self.returns = self.plan.setting("returns", c)
        if self.returns == "original":
            self.nodes = [*self.nodes, ast.Name(("original", "amount"))]
        self.order = self.plan.setting("order", c)
        self.mode = c.round.mode or self.plan.setting("rounding", c)
        self.digits = minor_digits(self.plan.currency) if c.round.digits is None else c.round.digits
        self.per_row = c.per == "row"
        self.keys: tuple[str, ...] = () if self.per_row else tuple(ALIASES.get(k, k) for k in c.per)

    # ------------------------------------------------------------ the whole

    def compile(self) -> Made:
        """All stages of the component."""
        if self.in_summary:
            return self._from_sums()
        rows = self._rows()
        flow = rows.flow
        self.sort = self._business_order(flow)
        reward, compiled = self._reward(flow)
        return self._by_rows(rows, reward, compiled)

    def _by_rows(self, rows: RowFlow, reward: str, compiled: Compiled) -> Made:
        """Earnings as the sums of what every row has of the reward."""
        flow = rows.flow
        compiler = PartsCompiler(self, flow, reward, compiled)
        parts = compiler.compile()
        earned = earned_stage(self, parts)
        trace = trace_stage(self, parts, compiler.order(parts), earned)
        rows_relation = flow.relation
        if self.returns == "original" and "returns" in flow and "_raw_amount" in flow:
            rows_relation, trace, earned = take_back(self, flow, trace, earned)
        if self.component.credit.kind == "split_reward":
            trace, earned = self._share_reward(rows, trace, earned)
        rows_relation = judged(self, rows_relation, reward, parts.relation)
        return Made(rows_relation, reward, earned, trace, rows.relation, self.component.pays)

    def _from_sums(self) -> Made:
        """Earnings from shared sums (see `summary`); the trace, where one is wanted, from one running sum if it can be."""
        is_upline = self.component.credit.kind == "upline"
        sums = (
            upline_flow(self.builder, self.plan, self.component, self.kind, self.plan_rows)
            if is_upline
            else self.plan_rows.get(self.kind, self.component.from_).scope.flow
        )
        reward, compiled = self._reward(sums)
        if self.builder.is_lean:
            parts = PartsCompiler(self, sums, reward, compiled).summary()
            return Made("", reward, earned_stage(self, parts), "", self.component.from_, self.component.pays)
        rows = self._rows()
        self.sort = self._business_order(rows.flow)
        if not telescopes(self):
            return self._by_rows(rows, reward, compiled)
        earned, trace = Telescope(self, rows.flow, reward, compiled).earned_and_trace()
        rows_relation = judged(self, rows.flow.relation, reward, trace)
        return Made(rows_relation, reward, earned, trace, rows.relation, self.component.pays)

    # ------------------------------------------------------------ rows

    def _rows(self) -> RowFlow:
        c = self.component
        traces = {name: made.trace for name, made in self.made.items()}
        source = source_relation(self.builder, self.plan, self.plan_rows, c.from_)
        if c.from_ in self.plan.sources:
            source = with_left_out(self.builder, self.plan, c.from_)
        rows = RowFlow(
            self.builder, self.plan, self.id, source, self.kind, self.nodes, self.plan.setting("as_of", c), traces
        )
        rows.start()
        rows.attach(["partner", "product", "customer", "deal"])
        followed = None
        if c.credit.component is not None and c.credit.component in self.made:
            target = self.made[c.credit.component]
            followed = Followed(target.trace, target.source)
        extra = apply_credit(rows, c, followed)
        rows.attach(["payee"])
        rows.look_up()
        self._judge(rows, extra)
        if c.credit.kind == "upline" and c.credit.upline and c.credit.upline.differential:
            differential(rows.flow, rows.scope().number(c.rate).decimal())
        self._one_credit(rows.flow)
        rows.once(c, self._business_order(rows.flow), self.counts)
        if c.take is not None:
            self._take(rows)
        self._outside_plan(rows.flow)
        rows.flow.step("rows", keep=True, notes="every row, credited or not, with its reason")
        return rows

    def _business_order(self, flow: Flow) -> list[tuple[Expr, bool]]:
        """The setting `order`; the rows of a day that share alike stand in the default order."""
        return business_order(flow, SETTING_DEFAULTS["order"] if self.order == "pro_rata_day" else self.order)

    def _judge(self, rows: RowFlow, extra: list[tuple[str, Expr]]) -> None:
        """Every row's reason. Conditions that ask for `row_no` come last: it numbers the rows that pass all others."""
        late = {k: node for k, node in self.component.where.items() if asks_row_no(expand(self.plan, [node]))}
        early = {k: node for k, node in self.component.where.items() if k not in late}
        rows.fail_reasons(self.component, self._conditions(rows.flow, early), extra)
        if asks_row_no(self.nodes):
            rows.number_rows(self._business_order(rows.flow), self.counts(rows.flow))
        if late:
            rows.fail_numbered(self._conditions(rows.flow, late))

    def _conditions(self, flow: Flow, where: Mapping[str, ast.Node]) -> dict[str, ast.Node]:
        """Conditions on rows; one that asks about the payee's period is answered first, as a column."""
        conditions: dict[str, ast.Node] = {}
        for reason, node in where.items():
            asks = any(ast.is_aggregate(p) or (isinstance(p, ast.Call) and p.name == "target") for p in ast.walk(node))
            if asks or any(str(w) in self.plan.measures for w in words(node)):
                column = f"_asked{list(self.component.where).index(reason)}"
                with_cell_value(self.builder, self.plan, self.plan_rows, flow, column, node)
                node = ast.Name((column,))
            conditions[reason] = node
        return conditions

    def _one_credit(self, flow: Flow) -> None:
        """A payee above several partners of one row gets it once, at the lowest level."""
        upline = self.component.credit.upline
        if self.component.credit.kind != "upline" or upline is None or upline.of == "owner":
            return
        col = flow.col
        nth = Win(
            number(), "row_number", None, (col("_id"), col("_payee")), ((col("_level"), False), (col("_owner"), False))
        )
        flow.step("ways", {"_way": nth})
        later = ir.both(ir.is_null(flow.col("_fail")), ir.compare("gt", flow.col("_way"), ir.ONE))
        assert later is not None
        flow.step(
            "one_way",
            {"_fail": ir.case([(later, ir.lit("credited_already"))], flow.col("_fail"))},
            drop=frozenset({"_way"}),
        )

    def _take(self, rows: RowFlow) -> None:
        take = self.component.take
        assert take is not None
        apply_take(rows, take, self.plan_rows)
        flow = rows.flow
        nothing = ir.both(
            ir.is_null(flow.col("_fail")),
            ir.eq(flow.col(take.of), ir.ZERO),
            ir.compare("ne", flow.col("_before_take"), ir.ZERO),
        )
        assert nothing is not None
        cut = ir.both(ir.is_null(flow.col("_fail")), ir.compare("ne", flow.col(take.of), flow.col("_before_take")))
        assert cut is not None
        add: dict[str, Expr] = {
            "_fail": ir.case([(nothing, ir.lit("limit_reached"))], flow.col("_fail")),
            "_note": ir.case([(cut, ir.lit("limit_cut"))], flow.col("_note") if "_note" in flow else ir.lit(None)),
        }
        flow.step("cut", add)

    def _outside_plan(self, flow: Flow) -> None:
        """Rows of a live period that lie outside the plan's own dates do not count; earlier ones serve as baseline."""
        tests = self.outside(flow)
        if not tests:
            return
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "lp"), ir.lit(self.kind)),
            ir.eq(self.builder.col("periods", "period", "lp"), flow.col(f"_{self.kind}")),
        )
        assert on is not None
        outside = ir.both(
            ir.is_null(flow.col("_fail")), ir.either(*tests), ir.holds(self.builder.col("periods", "live", "lp"))
        )
        assert outside is not None
        flow.step(
            "dated",
            {"_fail": ir.case([(outside, ir.lit("outside_plan"))], flow.col("_fail"))},
            joins=(Join("periods", "lp", on),),
        )

    def outside(self, flow: Flow) -> list[Expr]:
        """The tests that find a row outside the plan's own dates."""
        ends = (("lt", self.plan.valid.from_), ("gt", self.plan.valid.to))
        return [ir.compare(op, flow.col("_date"), ir.lit(day)) for op, day in ends if day is not None]

    def counts(self, flow: Flow, alias: str = "r") -> Expr:
        """The rows that count: no reason against them, and not a return that takes its own sale's reward back."""
        counts = ir.is_null(flow.col("_fail", alias))
        if self.returns == "original" and "returns" in flow:
            return ir.both(counts, ir.is_null(flow.col("returns", alias))) or counts
        return counts

    # ------------------------------------------------------------ cells and reward

    def _scope(self, flow: Flow) -> Cells:
        rows = RowScope(self.plan, flow, self.builder, zone_offsets=zone(self.builder))
        own: Aggregates | Filtered
        if self.in_summary and self.component.credit.kind == "owner":
            own = filtered(self.plan, self.component, self.kind, self.plan_rows)
        else:
            own = Aggregates(
                self.builder, f"{self.id}_period", flow.relation, self.kind, rows, self.keys, self.counts(flow)
            )
        window = (f"{self.component.accumulate}_to_date" if self.component.accumulate else "period", None)
        earned = {name: made.earned for name, made in self.made.items()}
        base = self._base(flow)
        common = (self.plan, self.builder, self.id, base, self.kind, own, self.plan_rows, window, earned, self.keys)
        if self.per_row:
            view = Flow(self.builder, self.id, "", base)
            return RowCells(*common, rows=RowScope(self.plan, view, self.builder, alias="c"))
        return Cells(*common, reads_rows=self.component.credit.kind not in ("owner", "split_reward"))

    def _base(self, flow: Flow) -> str:
        """The relation of the cells: rows, groups, or every payee and period."""
        if self.per_row:
            return self._row_base(flow)
        return self._group_base(flow) if self.keys else cell_base(self.builder, self.kind)

    def _row_base(self, flow: Flow) -> str:
        """Rows that count, with their period's columns: the cells of a component calculated row by row."""
        on = self.period_on(flow.col(f"_{self.kind}"))
        columns = {**flow.all(), **period_columns(self.builder, "q")}
        return self.builder.stage(
            f"{self.id}_each",
            "one row per credited row",
            Query(columns, flow.relation, "r", (Join("periods", "q", on, "inner"),), self.counts(flow)),
            keep=False,
        )

    def _group_base(self, flow: Flow) -> str:
        for key in self.keys:
            if key not in flow:
                self.builder.col(self.component.from_, key, "s")
        keys = {"_payee": flow.col("_payee"), **{k: flow.col(k) for k in self.keys}}
        on = self.period_on(flow.col(f"_{self.kind}"))
        columns = {**keys, **period_columns(self.builder, "q")}
        return self.builder.stage(
            f"{self.id}_groups",
            "one row per payee, period and group",
            Query(columns, flow.relation, "r", (Join("periods", "q", on, "inner"),), self.counts(flow), distinct=True),
        )

    def period_on(self, period: Expr) -> Expr:
        """The join to the component's own period of an id."""
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "q"), ir.lit(self.kind)),
            ir.eq(self.builder.col("periods", "period", "q"), period),
        )
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
        """base × rate (× multiplier) as one row expression, when one of them speaks about the row."""
        c = self.component
        if c.rate is None or base is None or self.per_row:
            return None
        rate: ast.Node = c.rate
        if c.credit.kind == "upline" and c.credit.upline and c.credit.upline.differential:
            rate = ast.Name(("_rate",))
        elif not is_row_expression(rate, scope) and not self._row_attribute(rate):
            return None
        return ast.Binary("*", rate, base)

    def _row_attribute(self, rate: ast.Node) -> bool:
        """partner.tier in a plain rate is the tier on the row's date, so the rate belongs to the row."""
        dims = any(len(w.parts) == 2 and w.parts[0] in ("partner", "payee") for w in words(rate))
        cell_only = any(
            ast.is_aggregate(p) or (isinstance(p, ast.Call) and p.name in ("target", "earned")) for p in ast.walk(rate)
        )
        return dims and not cell_only and not any(str(w) in self.plan.measures for w in words(rate))

    def _reward(self, flow: Flow) -> tuple[str, Compiled]:
        c = self.component
        scope = self._scope(flow)
        columns = Columns()
        reward = Reward(self.plan, c, scope, columns)
        base_ast, measure_ast = self._asts(flow)
        row_rate = self._row_rate(scope, base_ast)
        base = self._kept(scope, columns, "_base", base_ast)
        measure = base if measure_ast == base_ast else self._kept(scope, columns, "_measure", measure_ast)
        if row_rate is not None:
            compiled = Compiled(self._kept(scope, columns, "_rated", row_rate))
        else:
            compiled = reward.function(c, "f", measure, base)
        alternative = reward.function(c.otherwise, "g", measure, base) if c.otherwise else None
        multiplier = reward.multiplier()
        if reward.rows_multiply:
            self._factor_of_rows(flow)
        no_target = self._no_target(scope, columns)
        gate = self._eligible(scope, columns, reward.gate())
        self.measure = measure
        self._attribute(scope, compiled, alternative, row_rate, base_ast, measure_ast, base)
        self.limit_bounds = self._limit_columns(scope, columns)
        columns.one("_rows", self._row_count(scope), "v")
        cell = scope.stage("cell", columns.found)
        return self._reward_stage(cell, compiled, alternative, gate, multiplier, measure, base, no_target), compiled

    def _factor_of_rows(self, flow: Flow) -> None:
        """`_row_factor`: a `multiply` that speaks about rows, on each of them; nothing where it has no value."""
        if self.component.accumulate is not None:
            raise Misuse(
                f"a factor of each row in a component that accumulates over the {self.component.accumulate}",
                "a factor of the period, because what is paid later on earlier rows belongs to none of them",
                "put the factor into the base or the rate, or calculate each period for itself",
                "grain-mixed",
            )
        factor = RowScope(self.plan, flow, self.builder, zone_offsets=zone(self.builder)).number(
            self.component.multiply
        )
        flow.step("factor", {"_row_factor": ir.coalesce(factor.decimal(), ir.ZERO)})

    def _no_target(self, scope: Cells, columns: Columns) -> Expr | None:
        """Whether a target that the reward asks for is missing; None when it asks for none."""
        if not scope.targets:
            return None
        return columns.one("_no_target", ir.either(*map(ir.is_null, scope.targets.values())), "v")

    def _row_count(self, scope: Cells) -> Expr:
        if self.per_row:
            return ir.Op(number(), "coalesce", (ir.ONE,))
        counted = ast.Call("count", ())
        if self.in_summary and self.component.credit.kind == "upline":
            counted = ast.Call("sum", (ast.Name((LINES,)),))
        term = scope.aggregate(counted, None, None)
        assert isinstance(term, Ratio)
        return term.num

    def _eligible(self, scope: Cells, columns: Columns, gate: Expr) -> Expr:
        """A fixed amount needs no row: who may have it is asked at the period's end."""
        c = self.component
        tests = []
        if c.tag == "amount" and not self.per_row and not self.keys:
            for i, who in enumerate(w for w in (self.plan.who, c.who) if w is not None):
                may = columns.one(f"_who{i}", ir.holds(scope.condition(who)), "v")
                tests.append(
                    (
                        ir.both(ir.is_not(may), ir.eq(Col(number(), "_rows", "v"), ir.ZERO)) or may,
                        ir.lit("not_eligible"),
                    )
                )
        return gate if not tests else ir.case([*tests, (ir.not_null(gate), gate)], ir.lit(None))

    def _kept(self, scope: Cells, columns: Columns, name: str, node: ast.Node | None) -> Ratio:
        if node is None:
            return Ratio(ir.ZERO)
        term = scope.implicit(node)
        return columns.keep(name, term if isinstance(term, Ratio) else scope.number(node), "v")

    def _attribute(
        self,
        scope: Cells,
        compiled: Compiled,
        alternative: Compiled | None,
        row_rate: ast.Node | None,
        base_ast: ast.Node | None,
        measure_ast: ast.Node | None,
        base: Ratio,
    ) -> None:
        """How rows share the reward (`rate`, `running` or in proportion to the `base`), and the weight they share it by."""
        c = self.component
        self.is_rated = row_rate is not None
        base_row, measure_row = (self._row_part(scope, node) for node in (base_ast, measure_ast))
        self.weight_node = base_row
        self.attribution = "base"
        if alternative is not None:
            return
        if row_rate is not None:
            self.attribution, self.weight_node = "rate", row_rate
        elif c.tag == "tiers" and c.tiers and c.tiers.mode != "retroactive" and measure_row is not None:
            self.attribution, self.weight_node = "running", measure_row
        elif self._plain_rate(compiled, base) and base_row is not None:
            self.attribution = "rate_and_rest" if self._has_amounts() else "rate"

    def _plain_rate(self, compiled: Compiled, base: Ratio) -> bool:
        """Whether the reward is one stored rate times the base, so that rows have it exactly."""
        c = self.component
        if c.tag == "rate":
            return base.den is None and compiled.value.den is None
        if c.tag == "tiers" and c.tiers and c.tiers.mode == "retroactive":
            plain = not (c.tiers.versions and self._has_amounts())
            return base.den is None and plain and self.plan.setting("undefined", c) == "wait"
        return False

    def _has_amounts(self) -> bool:
        """Whether a band pays a fixed amount, which rows share in proportion."""
        tiers = self.component.tiers
        tables = () if tiers is None else (tiers.bands, *(v.bands for v in tiers.versions))
        return any(band.amount is not None for bands in tables for band in bands)

    def _row_part(self, scope: Cells, node: ast.Node | None) -> ast.Node | None:
        """The row expression whose sum the node is; None when it is no such sum."""
        if node is None:
            return None
        if isinstance(node, ast.Name) and str(node) in self.plan.measures:
            return None
        if isinstance(node, ast.Call) and node.where is None and node.name == "sum":
            return node.args[0]
        if isinstance(node, ast.Call) and node.where is None and node.name == "count":
            return ast.Number(ir.lit(1).value)  # type: ignore[arg-type]
        return node if is_row_expression(node, scope) else None

    def measure_from(self, flow: Flow) -> Ratio:
        """The component's measure read from the columns of its parts."""

        def move(expr: Expr) -> Expr:
            return flow.col(expr.name) if isinstance(expr, Col) else expr

        return Ratio(move(self.measure.num), None if self.measure.den is None else move(self.measure.den))

    def _limit_columns(self, scope: Cells, columns: Columns) -> list[tuple[Expr | None, Expr | None]]:
        """Floor and cap of every limit; `limit_waits`: when one of them asks for a target that nobody entered."""
        found: list[tuple[Expr | None, Expr | None]] = []
        waits: list[Expr] = []
        for i, limit in enumerate(self.component.limits):
            low, high = (
                self._bound(scope, columns, f"_{side}{i}", node, waits)
                for side, node in (("min", limit.min), ("max", limit.max))
            )
            found.append((low, high))
        self.limit_waits = columns.one("_limit_waits", ir.either(*waits), "v") if waits else None
        return found

    def _bound(
        self, scope: Cells, columns: Columns, name: str, node: ast.Node | None, waits: list[Expr]
    ) -> Expr | None:
        if node is None:
            return None
        others, scope.targets = scope.targets, {}
        value = scope.number(node).decimal()
        missing = [ir.is_null(target) for target in scope.targets.values()]
        scope.targets |= others
        if missing:
            waits.append(ir.every(ir.is_null(value), ir.either(*missing)))
        return columns.one(name, value, "v")

    def _reward_stage(
        self,
        cell: str,
        compiled: Compiled,
        alternative: Compiled | None,
        gate: Expr,
        multiplier: Ratio | None,
        measure: Ratio,
        base: Ratio,
        no_target: Expr | None,
    ) -> str:
        c = self.component
        types = self.builder.catalog.relations[cell]
        happened = ir.either(
            ir.compare("gt", Col(number(), "_rows", "v"), ir.ZERO),
            ir.compare("ne", measure.decimal(), ir.ZERO),
            ir.compare("ne", base.decimal(), ir.ZERO),
        )
        value, reason = self._paid(compiled, alternative, gate, multiplier, ir.holds(happened), no_target)
        bands = (
            []
            if compiled.scale is None or c.tiers is None or c.tiers.mode != "marginal"
            else compiled.scale.slices(measure.decimal())
        )
        columns: dict[str, Expr] = {
            **{n: Col(t, n, "v") for n, t in types.items()},
            "_m": measure.decimal(),
            "_b": base.decimal(),
            "_tier": compiled.tier if compiled.tier is not None else ir.lit(None, number()),
            "_rate_used": compiled.rate if compiled.rate is not None else ir.lit(None, number(6)),
            "_factor": ir.coalesce(multiplier.decimal(), ir.ZERO) if multiplier is not None else ir.ONE,
            "_reason": reason,
            **{f"_band{i}": ir.coalesce(band, ir.ZERO) for i, band in enumerate(bands)},
            "_value": ir.coalesce(value.decimal(), ir.ZERO),
        }
        if compiled.settled is not None:
            columns["_settled"] = compiled.settled
        if self.attribution == "base" and value.den is not None:
            columns |= {"_exact_num": ir.coalesce(value.num, ir.ZERO), "_exact_den": value.den}
        suffix = "value" if c.accumulate else "reward"
        name = self.builder.stage(
            f"{self.id}_{suffix}",
            "one row per payee, period and group",
            Query(columns, cell, "v"),
            keep=not self.builder.is_lean,
        )
        return self._increase(name) if c.accumulate else name

    def _paid(
        self,
        compiled: Compiled,
        alternative: Compiled | None,
        gate: Expr,
        multiplier: Ratio | None,
        happened: Expr,
        no_target: Expr | None,
    ) -> tuple[Ratio, Expr]:
        """What the rate function, the gate and the factor pay together, and the reason why it is nothing."""
        c = self.component
        has_rows = ir.compare("gt", Col(number(), "_rows", "v"), ir.ZERO)
        reasons: list[tuple[Expr, Expr]] = [] if isinstance(gate, ir.Lit) else [(ir.not_null(gate), gate)]
        is_gated = bool(c.when or reasons)
        value = compiled.value
        if compiled.undefined is not None:
            value = ratio.choose([(compiled.undefined, Ratio(ir.ZERO))], value)
            reasons.append((ir.both(compiled.undefined, has_rows) or ir.TRUE, ir.lit("undefined")))
        if is_gated:
            other = alternative.value if alternative is not None else Ratio(ir.ZERO)
            value = ratio.choose([(ir.is_null(gate), value)], other)
        if multiplier is not None:
            value = ratio.mul(value, multiplier)
        function = c.otherwise if c.otherwise is not None and c.tag == "amount" else c
        if function.tag != "amount" and not self.per_row:
            value = ratio.choose([(happened, value)], Ratio(ir.ZERO))
        if self.limit_waits is not None:
            asked = ir.either(has_rows, ir.compare("ne", ir.coalesce(value.decimal(), ir.ZERO), ir.ZERO))
            value = ratio.choose([(self.limit_waits, Ratio(ir.ZERO))], value)
            reasons.append((ir.every(self.limit_waits, asked), ir.lit("undefined")))
        if no_target is not None:
            waits = ir.both(ir.is_null(value.decimal()), no_target, has_rows)
            reasons.append((waits or ir.TRUE, ir.lit("undefined")))
        return value, ir.case(reasons, ir.lit(None)) if reasons else ir.lit(None, TEXT)

    def _increase(self, relation: str) -> str:
        """Entitlement to date less the entitlement at the end of the period before."""
        types = self.builder.catalog.relations[relation]
        col = {n: Col(t, n, "v") for n, t in types.items()}
        outer = SPANS.get(self.component.accumulate or "")
        partition = [col["_payee"], *(col[k] for k in self.keys)] + ([col[outer]] if outer else [])
        before = Win(col["_value"].type, "lag", col["_value"], tuple(partition), ((col["_seq"], False),))
        columns = {**col, "_to_date": col["_value"], "_value": ir.sub(col["_value"], ir.coalesce(before, ir.ZERO))}
        return self.builder.stage(
            f"{self.id}_reward",
            "one row per payee, period and group",
            Query(columns, relation, "v"),
            keep=not self.builder.is_lean,
        )

    # ------------------------------------------------------------ splits of what was earned

    def summed(self, relation: str, name: str) -> str:
        """Amounts added up per payee and period."""
        s = {n: Col(k, n, "s") for n, k in self.builder.catalog.relations[relation].items()}
        keys = {n: s[n] for n in PERIOD_KEYS}
        query = Query(
            {
                **keys,
                "_reason": Agg(TEXT, "min", s["_reason"]),
                "exact": ir.total(s["exact"]),
                "amount": ir.total(s["amount"]),
            },
            relation,
            "s",
            group_by=tuple(keys.values()),
        )
        return self.builder.stage(name, "one row per payee and period", query)

    def _split_place(self) -> Expr:
        """Ties between splits go to the one listed first; splits from a file have no order but their partner's."""
        if self.builder.has("splits", "_row"):
            return self.builder.col("splits", "_row", "x")
        return self.builder.col("splits", "partner_id", "x")

    def _share_reward(self, rows: RowFlow, trace: str, earned: str) -> tuple[str, str]:
        """`{splits: reward}`: the cents of every row shared among its splits by largest remainder."""
        flow = Flow(self.builder, f"{self.id}_split", "one row per row and payee", trace)
        helper = RowFlow(self.builder, self.plan, self.id, rows.source, self.kind, [], "transaction", {})
        helper.flow = flow
        x = {c: self.builder.col("splits", c, "x") for c in ("partner_id", "share")}
        share = ir.coalesce(x["share"], ir.ONE)
        add = {
            "_payee": ir.coalesce(x["partner_id"], flow.col("_payee")),
            "_share": share,
            "_exact_cents": ir.mul(flow.col("cents"), share),
            "exact": ir.mul(flow.col("exact"), share),
            "_place": self._split_place(),
        }
        flow.step("joined", add, joins=(Join("splits", "x", split_rows(helper)),))
        largest_remainder(flow, "_exact_cents", "cents", (flow.col("_id"),), [(flow.col("_place"), False)], self.digits)
        flow.step(
            "shared",
            {"cents": flow.col("_shown")},
            drop=frozenset({"_shown", "_exact_cents", "_place", "_share"}),
            keep=True,
        )
        s = {n: flow.col(n) for n in (*PERIOD_KEYS, "_reason", "exact", "cents")}
        columns = {**{n: s[n] for n in (*PERIOD_KEYS, "_reason", "exact")}, "amount": s["cents"]}
        parts = self.builder.stage(
            f"{self.id}_split_parts", "one row per amount", Query(columns, flow.relation, "r"), keep=False
        )
        del earned
        return flow.relation, self.summed(parts, f"{self.id}_split_earned")
