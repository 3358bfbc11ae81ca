"""Cells: one row per payee and period (and group), with everything a component's conditions, measure and base ask for.

A word of a period becomes a column of the cell stage. `Cells` collects the columns while expressions are compiled, and emits
at the end: one aggregate stage per window and relation, then the cell stage that joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from buoy_engine.compile.builder import Builder, Flow, zero_filled
from buoy_engine.compile.credit import SHARED_OWNER
from buoy_engine.compile.prepare import KINDS, window_name
from buoy_engine.compile.rows import (
    DIMENSIONS,
    RowFlow,
    RowScope,
    argument,
    as_of,
    certification_join,
    dated,
    expand,
    lookup_column,
    score_join,
    zone,
)
from buoy_engine.compile.scope import Misuse, Scope, Term
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Kind, Query, Win, number
from buoy_engine.kernel.ratio import Ratio, mul
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan
from buoy_engine.spec.words import LOOKUPS, words

PERIOD_WORDS = {
    "days": "days",
    "no": "no",
    "start": "start_date",
    "end": "last_day",
    "weeks": "weeks",
    "months": "months",
    "id": "period",
}
YEAR_WORDS = {"days": "year_days", "weeks": "year_weeks", "id": "year"}
ADDITIVE = {"sum", "count"}


@dataclass
class AskedRows(RowScope):
    """Words of a row inside an aggregate, where `period.…` is the period that asks."""

    asked: bool = False

    def name(self, parts: tuple[str, ...]) -> Term:
        column = (
            PERIOD_WORDS.get(parts[1])
            if parts[0] == "period" and len(parts) == 2
            else YEAR_WORDS.get(parts[1])
            if parts[0] == "year" and len(parts) == 2
            else None
        )
        if column is None:
            return super().name(parts)
        self.asked = True
        col = self.builder.col("periods", column, "cp")
        return Ratio(col) if col.type.kind is Kind.NUMBER else col


@dataclass
class Aggregates:
    """The aggregates over one relation of rows, per window: `_payee`, `_<kind>` and the group's keys are its columns.

    All sums and counts, of whatever window, come from one pass over the rows (`<prefix>_sums`): a window's sum is the sum of
    its member periods'. Distinct counts, extremes, and what speaks about the period that asks look at the rows again.
    """

    builder: Builder
    prefix: str
    relation: str
    kind: str
    scope: RowScope
    keys: tuple[str, ...] = ()
    where: Expr | None = None
    wanted: dict[tuple[str, int | None, bool], dict[str, Agg]] = field(default_factory=dict)
    names: dict[tuple[object, ...], str] = field(default_factory=dict)
    asking: set[str] = field(default_factory=set)
    emitted: bool = False
    is_shared: bool = False
    by_day: bool = False

    def column(self, node: ast.Call, window: str, count: int | None, only: Expr | None = None) -> tuple[str, str, Expr]:
        """Registers an aggregate (over the rows that satisfy `only`): relation, alias and typed column to join."""
        scope = AskedRows(
            self.scope.plan, self.scope.flow, self.builder, alias=self.scope.alias, zone_offsets=self.scope.zone_offsets
        )
        aggregate = self._aggregate(node, scope)
        if only is not None:
            aggregate = Agg(aggregate.type, aggregate.name, aggregate.arg, ir.both(only, aggregate.where))
        additive = aggregate.name in ADDITIVE and not scope.asked
        key = (aggregate,) if additive else (aggregate, window, count)
        name = self.names.setdefault(key, f"a{crc32(repr(key).encode())}")
        self.wanted.setdefault((window, count, additive), {})[name] = aggregate
        if scope.asked:
            self.asking.add(name)
        alias = f"{self.prefix}_{window_name(window, count)}{'' if additive else '_rows'}"
        return self._stage_name(window, count, additive), alias, Col(aggregate.type, name, alias)

    def _stage_name(self, window: str, count: int | None, additive: bool) -> str:
        if additive and window == "period":
            return f"{self.prefix}_sums"
        return f"{self.prefix}_{window_name(window, count)}{'' if additive else '_rows'}"

    def _aggregate(self, node: ast.Call, scope: RowScope) -> Agg:
        where = scope.condition(node.where) if node.where is not None else None
        if node.name == "count":
            return Agg(number(), "count", None, where)
        if len(node.args) != 1:
            raise Misuse(f"{node.name}(…) with {len(node.args)} values", "one value", f"write {node.name}(amount)")
        if node.name == "distinct":
            return Agg(number(), "distinct", scope.expr(node.args[0]), where)
        arg = scope.number(node.args[0]).decimal() if node.name == "sum" else scope.expr(node.args[0])
        return Agg(arg.type, node.name, arg, where)

    def emit(self) -> None:
        """The one pass for everything additive, then a stage per window."""
        self.emitted = True
        sums = {
            name: agg for (_, _, additive), columns in self.wanted.items() if additive for name, agg in columns.items()
        }
        if sums:
            self._sums(sums)
        for (window, count, additive), columns in self.wanted.items():
            name = self._stage_name(window, count, additive)
            if window != "period":
                self.builder.windows.add((self.kind, window, count))
                self._windowed(name, window_name(window, count), columns, additive=additive)
            elif not additive:
                self._direct(name, columns)

    def _key_columns(self, alias: str) -> dict[str, Expr]:
        return {c: self.builder.col(self.relation, c, alias) for c in ("_payee", *self.keys)}

    def _sums(self, sums: Mapping[str, Agg]) -> None:
        """`<prefix>_sums`: one row per payee, period and group. By day first, where somebody must know on which day."""
        keys = {**self._key_columns("r"), "_period": self.builder.col(self.relation, f"_{self.kind}", "r")}
        if not self.by_day:
            query = Query({**keys, **sums}, self.relation, "r", where=self.where, group_by=tuple(keys.values()))
            name = self.builder.stage(f"{self.prefix}_sums", "one row per payee, period and group", query)
            self.builder.state += [name] if self.is_shared else []
            return
        days = {**keys, "_on": self.builder.col(self.relation, f"_on_{self.kind}", "r")}
        by_day = self.builder.stage(
            f"{self.prefix}_by_day",
            "one row per payee, period and day that matters",
            Query({**days, **sums}, self.relation, "r", where=self.where, group_by=tuple(days.values())),
        )
        self.builder.state.append(by_day)
        folded = {c: self.builder.col(by_day, c, "d") for c in keys}
        again = {n: Agg(a.type, "sum", self.builder.col(by_day, n, "d")) for n, a in sums.items()}
        self.builder.stage(
            f"{self.prefix}_sums",
            "one row per payee, period and group",
            Query({**folded, **again}, by_day, "d", group_by=tuple(folded.values())),
        )

    def _asked(self, columns: Mapping[str, Agg], period: Expr) -> tuple[Join, ...]:
        """The join to the period that asks, if an aggregate speaks about it."""
        if not self.asking & set(columns):
            return ()
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "cp"), ir.lit(self.kind)),
            ir.eq(self.builder.col("periods", "period", "cp"), period),
        )
        assert on is not None
        return (Join("periods", "cp", on, "inner"),)

    def _direct(self, name: str, columns: Mapping[str, Agg]) -> None:
        keys = {**self._key_columns("r"), "_period": self.builder.col(self.relation, f"_{self.kind}", "r")}
        joins = self._asked(columns, keys["_period"])
        query = Query({**keys, **columns}, self.relation, "r", joins, self.where, tuple(keys.values()))
        self.builder.stage(name, "one row per payee, period and group", query)

    def _windowed(self, name: str, window: str, columns: Mapping[str, Agg], *, additive: bool) -> None:
        relation, make, where = self.relation, dict(columns), self.where
        if additive:
            relation, where = f"{self.prefix}_sums", None
            make = {n: Agg(a.type, "sum", self.builder.col(relation, n, "r")) for n, a in columns.items()}
        member = self.builder.col(relation, "_period" if additive else f"_{self.kind}", "r")
        on = ir.both(
            ir.eq(Col(TEXT, "kind", "w"), ir.lit(self.kind)),
            ir.eq(Col(TEXT, "window", "w"), ir.lit(window)),
            ir.eq(Col(TEXT, "member", "w"), member),
        )
        assert on is not None
        keys: dict[str, Expr] = {c: self.builder.col(relation, c, "r") for c in ("_payee", *self.keys)}
        keys["_period"] = Col(TEXT, "period", "w")
        joins = (Join("windows", "w", on, "inner"), *self._asked(columns, keys["_period"]))
        self.builder.stage(
            name,
            "one row per payee, period and group",
            Query({**keys, **make}, relation, "r", joins, where, tuple(keys.values())),
        )


@dataclass
class Filtered:
    """A component's view of shared aggregates: only the rows that count for it."""

    shared: Aggregates
    only: Expr
    keys: tuple[str, ...] = ()

    def column(self, node: ast.Call, window: str, count: int | None) -> tuple[str, str, Expr]:
        """As of the shared aggregates."""
        return self.shared.column(node, window, count, self.only)


@dataclass
class PlanRows:
    """The rows that the plan's measures see: every row of a table, owner credit. Built when first asked for."""

    builder: Builder
    plan: Plan
    joined: Mapping[str, Sequence[ast.Node]] = field(default_factory=dict)
    dated_kinds: frozenset[tuple[str, str]] = frozenset()
    flows: dict[str, Flow] = field(default_factory=dict)
    shared: dict[tuple[str, str], Aggregates] = field(default_factory=dict)

    def get(self, kind: str, source: str) -> Aggregates:
        """The aggregates over a table by periods of a kind."""
        if (source, kind) not in self.shared:
            rows = self._rows(source)
            scope = RowScope(self.plan, rows, self.builder, zone_offsets=zone(self.builder))
            where = ir.not_null(rows.col("_payee"))
            by_day = (source, kind) in self.dated_kinds
            self.shared[source, kind] = Aggregates(
                self.builder,
                f"measures_{source}_{kind}",
                rows.relation,
                kind,
                scope,
                where=where,
                is_shared=True,
                by_day=by_day,
            )
        return self.shared[source, kind]

    def _rows(self, source: str) -> Flow:
        if source not in self.flows:
            nodes = expand(self.plan, [m.value for m in self.plan.measures.values() if m.from_ == source]) + list(
                self.joined.get(source, ())
            )
            rows = RowFlow(
                self.builder,
                self.plan,
                f"plan_{source}",
                source,
                self.plan.period,
                nodes,
                self.plan.setting("as_of"),
                {},
            )
            rows.start()
            rows.attach(["partner", "product", "customer", "deal"])
            rows.flow.step("credit", {"_payee": rows.flow.col("_owner")})
            rows.attach(["payee"])
            rows.look_up()
            day = Join("calendar", "k", ir.eq(self.builder.col("calendar", "d", "k"), rows.flow.col("_date")))
            rows.flow.step(
                "calendar", {f"_{kind}": self.builder.col("calendar", kind, "k") for kind in KINDS}, joins=(day,)
            )
            for kind in sorted(k for s, k in self.dated_kinds if s == source):
                self._days_that_matter(rows.flow, kind)
            self.flows[source] = rows.flow
        return self.flows[source]

    def _days_that_matter(self, flow: Flow, kind: str) -> None:
        """`_on_<kind>`: the row's date where the owner's upline changes inside the period, else the period's first day."""
        dated_owners = dated_owner_stage(self.builder, kind)
        o = {c: self.builder.col(dated_owners, c, "o") for c in ("_payee", "_period")}
        p = {c: self.builder.col("periods", c, "op") for c in ("kind", "period", "start_date")}
        on = ir.both(ir.eq(o["_payee"], flow.col("_payee")), ir.eq(o["_period"], flow.col(f"_{kind}")))
        this = ir.both(ir.eq(p["kind"], ir.lit(kind)), ir.eq(p["period"], flow.col(f"_{kind}")))
        assert on is not None
        assert this is not None
        day = ir.case([(ir.not_null(o["_payee"]), flow.col("_date"))], p["start_date"])
        flow.step(f"on_{kind}", {f"_on_{kind}": day}, joins=(Join(dated_owners, "o", on), Join("periods", "op", this)))

    def emit(self) -> None:
        """The aggregate stages, once everything is compiled."""
        for aggregates in self.shared.values():
            aggregates.emit()


@dataclass
class Cells(Scope):
    """Words about one payee's period (or group), and the joins that answer them. `base` is the relation of the keys."""

    builder: Builder
    name_: str
    base: str
    kind: str
    own: Aggregates | Filtered
    plan_rows: PlanRows
    default_window: tuple[str, int | None] = ("period", None)
    earned: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    joins: dict[str, Join] = field(default_factory=dict)
    targets: dict[str, Expr] = field(default_factory=dict)
    """The targets asked for so far: where a value is missing, one of them may be the reason."""
    measured_from: str | None = None
    stack: tuple[str, ...] = ()
    reads_rows: bool = False

    def __post_init__(self) -> None:
        self.late = self.builder.late

    def late_parameter(self, name: str) -> Term:
        return Ratio(self.builder.col(self.base, f"_parameter:{name}", "c"))

    @property
    def partner(self) -> Expr:
        """The payee as facts know it (in a what-if the payee of a cell names its variant too)."""
        return self.builder.col(self.base, "_partner" if self.builder.late else "_payee", "c")

    @property
    def in_measure(self) -> bool:
        """Whether a measure of the plan is being compiled."""
        return self.measured_from is not None

    # ------------------------------------------------------------ words

    def name(self, parts: tuple[str, ...]) -> Term:
        word = ".".join(parts)
        if word in self.plan.measures:
            return self.measure(word)
        if len(parts) == 2 and parts[0] == "period" and parts[1] in PERIOD_WORDS:
            return self._number(self._period(PERIOD_WORDS[parts[1]]))
        if len(parts) == 2 and parts[0] == "year" and parts[1] in YEAR_WORDS:
            return self._number(self._period(YEAR_WORDS[parts[1]]))
        if word in ("active.days", "active.months"):
            return Ratio(self.active(parts[1]))
        if len(parts) == 2 and parts[0] in ("partner", "payee"):
            return self._number(self.attribute(parts[1]))
        if len(parts) == 2 and parts[0] in DIMENSIONS and DIMENSIONS[parts[0]][1] in self.keys:
            return self._number(self.attribute_of_group(*parts))
        key = {"date": "_date", "level": "_level", "role": "_role"}.get(word, word)
        if key in self.keys:
            return self._number(self.builder.col(self.base, key, "c"))
        raise Misuse(
            f"the word {word!r} about a period",
            "an aggregate such as sum(amount), a measure, a parameter or a lookup",
            "wrap it in an aggregate or group by it with 'per'",
            "grain-mixed",
        )

    def _number(self, expr: Expr) -> Term:
        return Ratio(expr) if expr.type.kind is Kind.NUMBER else expr

    def measure(self, word: str) -> Term:
        """A measure of the plan, over all rows with owner credit, at this component's kind of period."""
        if word in self.stack:
            raise Misuse(
                f"the measure {word!r} defined by itself", "measures without a circle", "break the circle", "circular"
            )
        measure = self.plan.measures[word]
        outer = (self.measured_from, self.stack, self.default_window)
        self.measured_from, self.stack = measure.from_, (*self.stack, word)
        if measure.every in ("quarter", "half_year", "year", "plan") and measure.every != self.kind:
            self.default_window = (measure.every, None)
        try:
            return self.implicit(measure.value)
        finally:
            self.measured_from, self.stack, self.default_window = outer

    def implicit(self, node: ast.Node) -> Term:
        """The node; an expression about a row is summed."""
        if is_row_expression(node, self):
            return self.aggregate(ast.Call("sum", (node,)), None, None)
        return self.term(node)

    def row_date(self) -> Expr:
        return self._period("last_day")

    def _period(self, column: str) -> Expr:
        return self.builder.col(self.base, f"_{column}" if not column.startswith("_") else column, "c")

    # ------------------------------------------------------------ aggregates and lookups

    def aggregate(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        explicit = window is not None
        if window is None:
            window, count = self.default_window
        source = self.own if self.measured_from is None else self.plan_rows.get(self.kind, self.measured_from)
        if explicit and self.keys and not self.in_measure and source.keys:
            raise Misuse(
                f"{node.name}(…) over {window} in a component with 'per'",
                "a measure of the plan for other windows",
                "name it under measures",
                "grain-mixed",
            )
        relation, alias, col = source.column(node, window, count)
        self._join_aggregate(source.keys, alias, relation)
        if node.name in ("sum", "count", "distinct"):
            return Ratio(zero_filled(col))
        return self._number(col)

    def _join_aggregate(self, keys: tuple[str, ...], alias: str, relation: str) -> None:
        if alias in self.joins:
            return
        on = ir.both(
            ir.eq(Col(TEXT, "_payee", alias), self.partner),
            ir.eq(Col(TEXT, "_period", alias), self.builder.col(self.base, "_period", "c")),
            *(
                ir.same(
                    Col(self.builder.catalog.relations[self.base][k], k, alias), self.builder.col(self.base, k, "c")
                )
                for k in keys
            ),
        )
        assert on is not None
        self.joins[alias] = Join(relation, alias, on)

    def lookup(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        if window is None and node.name in ("target", "earned"):
            window, count = self.default_window
        match node.name:
            case "target":
                return self.target(argument(node), window or "period", count)
            case "earned":
                return self.earned_by(argument(node), window or "period", count)
            case "score":
                return self._number(self._dated_lookup("score", argument(node)))
        return self._dated_lookup("certified", argument(node))

    def _dated_lookup(self, kind: str, name: str) -> Expr:
        alias = f"{kind}_{len(self.joins)}"
        payee, day = self.partner, self._period("last_day")
        make = score_join if kind == "score" else certification_join
        join = make(self.builder, alias, name, payee, day)
        self.joins[alias] = join
        if kind == "score":
            return self.builder.col(join.relation, "value", alias)
        return ir.not_null(self.builder.col(join.relation, "partner_id", alias))

    def attribute(self, attribute: str) -> Expr:
        """partner.x at the period's last day."""
        if attribute == "id":
            return self.partner
        if not self.builder.has("partners"):
            self.builder.col("partners", attribute, "p")
        relation = dated(self.builder, "partners")
        if "partner_end" not in self.joins:
            self.joins["partner_end"] = as_of(
                self.builder,
                "partners",
                "partner_end",
                self.partner,
                self._period("last_day"),
            )
        return self.builder.col(relation, attribute, "partner_end")

    def attribute_of_group(self, head: str, attribute: str) -> Expr:
        """deal.x at the period's last day, where every group is of one deal."""
        table, key = DIMENSIONS[head]
        alias = f"{head}_end"
        if alias not in self.joins:
            of = self.builder.col(self.base, key, "c")
            self.joins[alias] = as_of(self.builder, table, alias, of, self._period("last_day"))
        return self.builder.col(dated(self.builder, table), attribute, alias)

    def target(self, name: str, window: str, count: int | None) -> Term:
        """A target of the window, prorated to active time where the plan says so."""
        relation = target_stage(self.builder, self.kind, name, window, count)
        alias = f"{relation}_j"
        self._join_by_cell(relation, alias)
        amount = self.targets[alias] = self.builder.col(relation, "amount", alias)
        value = Ratio(amount)
        prorate = self.plan.setting("prorate")
        if prorate == "none":
            return value
        whole = self._period("months" if prorate == "months" else "days")
        return mul(value, Ratio(self.active(prorate), whole))

    def active(self, unit: str) -> Expr:
        """Days or months of the period on which the partner is enrolled."""
        whole = self._period("days" if unit == "days" else "months")
        if not self.builder.has("assignments"):
            return whole
        relation = active_stage(self.builder, self.kind)
        self._join_by_cell(relation, "active")
        assigned = assigned_stage(self.builder)
        if "assigned" not in self.joins:
            self.joins["assigned"] = Join(
                assigned,
                "assigned",
                ir.eq(self.builder.col(assigned, "_payee", "assigned"), self.partner),
            )
        found = ir.coalesce(self.builder.col(relation, unit, "active"), ir.ZERO)
        return ir.case([(ir.is_null(self.builder.col(assigned, "_payee", "assigned")), whole)], found)

    def earned_by(self, component: str, window: str, count: int | None) -> Term:
        """What a component earned in the periods of the window, as it is paid."""
        source = self.earned.get(component)
        if source is None:
            raise Misuse(
                f"earned({component})",
                f"a component that is calculated before ({', '.join(self.earned) or 'none is'})",
                "correct the name, or break the circle",
                "circular",
            )
        relation = earned_stage(self.builder, source, component, self.kind, window, count)
        alias = f"{relation}_j"
        self._join_by_cell(relation, alias, self.builder.col(self.base, "_payee", "c"))
        return Ratio(zero_filled(self.builder.col(relation, "amount", alias)))

    def _join_by_cell(self, relation: str, alias: str, payee: Expr | None = None) -> None:
        if alias not in self.joins:
            on = ir.both(
                ir.eq(self.builder.col(relation, "_payee", alias), payee or self.partner),
                ir.eq(self.builder.col(relation, "_period", alias), self.builder.col(self.base, "_period", "c")),
            )
            assert on is not None
            self.joins[alias] = Join(relation, alias, on)

    def stage(self, suffix: str, columns: Mapping[str, Expr]) -> str:
        """Emits the aggregates and the cell stage with the given columns beside its keys."""
        if isinstance(self.own, Aggregates) and not self.own.emitted and not self.own.is_shared:
            self.own.emit()
        keys = {c: self.builder.col(self.base, c, "c") for c in self.builder.catalog.relations[self.base]}
        query = Query({**keys, **columns}, self.base, "c", tuple(self.joins.values()))
        return self.builder.stage(
            f"{self.name_}_{suffix}", "one row per payee, period and group", query, keep=not self.builder.is_lean
        )


CELL_WORDS = ("period", "year", "active")


def is_row_expression(node: ast.Node, cells: Cells) -> bool:
    """Whether a node speaks about a row where cells are made."""
    return speaks_of_rows(node, cells.plan, cells.keys, reads_rows=cells.reads_rows)


def speaks_of_rows(node: ast.Node, plan: Plan, keys: tuple[str, ...] = (), *, reads_rows: bool = False) -> bool:
    """Whether a node speaks about a row: it has a row word outside any aggregate, and no aggregate.

    What another component earned, alone, is about the period; about the row for a component that pays others than the owner.
    """
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    if any(ast.is_aggregate(call) or call.name == "target" for call in calls):
        return False
    if any(_row_word(word, plan, keys, reads_rows) for word in words(node)):
        return True
    return reads_rows and any(call.name == "earned" for call in calls)


def _row_word(name: ast.Name, plan: Plan, keys: tuple[str, ...], reads_rows: bool) -> bool:
    word = str(name)
    if word in plan.measures or name.parts[0] in CELL_WORDS:
        return False
    if word in plan.parameters:
        return speaks_of_rows(plan.parameters[word].value, plan, keys, reads_rows=reads_rows)
    if {"date": "_date", "level": "_level", "role": "_role"}.get(word, word) in keys:
        return False
    return len(name.parts) == 1 or name.parts[0] not in ("partner", "payee")


@dataclass
class RowCells(Cells):
    """A component calculated row by row: words of the row, and of its payee's period."""

    rows: RowScope = None  # type: ignore[assignment]

    def name(self, parts: tuple[str, ...]) -> Term:
        if self.in_measure or ".".join(parts) in self.plan.measures or parts[0] in CELL_WORDS:
            return super().name(parts)
        return self.rows.name(parts)

    def lookup(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        if (
            window is None
            and node.name in LOOKUPS - {"target"}
            and not self.in_measure
            and lookup_column(node) in self.rows.flow
        ):
            return self.rows.lookup(node, window, count)
        return super().lookup(node, window or "period", count)

    def row_date(self) -> Expr:
        return self.rows.row_date()

    def implicit(self, node: ast.Node) -> Term:
        return super().implicit(node) if self.in_measure else self.term(node)


# ---------------------------------------------------------------- shared small stages


def dated_owner_stage(builder: Builder, kind: str) -> str:
    """Owners and periods inside which somebody above the owner changes."""
    name = f"upline_changes_{kind}"
    if builder.has(name):
        return name
    h = {c: builder.col("closure", c, "h") for c in ("descendant", "valid_from", "valid_to")}
    p = {c: builder.col("periods", c, "p") for c in ("kind", "period", "start_date", "end_date")}

    def inside(day: Expr) -> Expr:
        return ir.both(ir.compare("gt", day, p["start_date"]), ir.compare("lt", day, p["end_date"])) or ir.TRUE

    on = ir.both(ir.eq(p["kind"], ir.lit(kind)), ir.either(inside(h["valid_from"]), inside(h["valid_to"])))
    assert on is not None
    query = Query(
        {"_payee": h["descendant"], "_period": p["period"]},
        "closure",
        "h",
        (Join("periods", "p", on, "inner"),),
        distinct=True,
    )
    return builder.stage(name, "one row per owner and period", query)


def cell_base(builder: Builder, kind: str) -> str:
    """`cells_<kind>`: every payee × every period of a kind (× every variant), with the period's columns."""
    name = f"cells_{kind}"
    if builder.has(name):
        return name
    payee = builder.col("payees", "partner_id", "p")
    columns: dict[str, Expr] = {"_payee": payee}
    used = ir.both(ir.eq(builder.col("periods", "kind", "q"), ir.lit(kind)), builder.col("periods", "used", "q"))
    joins = [Join("periods", "q", used or ir.TRUE, "inner")]
    if builder.late:
        variant = builder.col("variants", "variant", "x")
        columns = {"_payee": ir.Op(TEXT, "concat", (variant, payee)), "_partner": payee}
        columns |= {f"_parameter:{p}": builder.col("variants", p, "x") for p in sorted(builder.late)}
        joins.append(Join("variants", "x", ir.TRUE, "inner"))
    columns |= period_columns(builder, "q")
    grain = "one row per payee and period"
    return builder.stage(name, grain, Query(columns, "payees", "p", tuple(joins)), keep=False)


def period_columns(builder: Builder, alias: str) -> dict[str, Expr]:
    """The columns of `periods` as system columns of a cell."""
    return {f"_{c}": builder.col("periods", c, alias) for c in builder.catalog.relations["periods"] if c != "kind"}


def payees_stage(builder: Builder) -> None:
    """`payees`: every partner that a table names, also in the columns that components credit, and the owner of what is shared."""
    columns = {
        (relation, c)
        for relation, found in builder.catalog.relations.items()
        for c in found
        if c in ("partner_id", "parent_id")
    }
    for component in builder.plan.components:
        table = component.from_
        while table in builder.plan.sources:
            table = builder.plan.sources[table].from_
        column = {"partner": "partner_id"}.get(component.credit.column or "", component.credit.column or "")
        if builder.has(table, column):
            columns.add((table, column))
    queries = []
    for relation, column in sorted(columns):
        col = builder.col(relation, column, "t")
        queries.append(Query({"partner_id": col}, relation, "t", where=ir.not_null(col), distinct=True))
    if builder.has("splits") and any(c.credit.kind == "split_reward" for c in builder.plan.components):
        queries.append(Query({"partner_id": ir.lit(SHARED_OWNER)}, "splits", "t", distinct=True))
    first, *rest = queries
    builder.stage(
        "payees_all",
        "one row per mention",
        Query(first.columns, first.relation, "t", where=first.where, distinct=True, union=tuple(rest)),
        keep=False,
    )
    builder.stage(
        "payees",
        "one row per partner",
        Query({"partner_id": builder.col("payees_all", "partner_id", "p")}, "payees_all", "p", distinct=True),
    )


def target_stage(builder: Builder, kind: str, name: str, window: str, count: int | None) -> str:
    """A payee's target of a name in every period.

    The one given for just these days, else the sum of those that lie inside them, else what stands on every member period's
    last day, else the shortest that covers the last day, undivided.
    """
    relation = f"target_{name}_{kind}_{window_name(window, count)}"
    if builder.has(relation):
        return relation
    builder.windows.add((kind, window, count))
    spans, targets = _spans(builder), _targets(builder)
    this = (kind, window_name(window, count))
    queries = [
        _targets_inside(builder, targets, spans, name, this),
        _targets_standing(builder, targets, name, this),
        _targets_covering(builder, targets, spans, name, this),
    ]
    first, *rest = queries
    parts = builder.stage(
        f"{relation}_parts",
        "one row per target",
        Query(first.columns, first.relation, "t", first.joins, union=tuple(rest)),
        keep=False,
    )
    p = {c: builder.col(parts, c, "p") for c in ("_payee", "_period", "amount", "way", "days")}
    best = Win(number(), "min", p["way"], (p["_payee"], p["_period"]))
    shortest = Win(number(), "min", p["days"], (p["_payee"], p["_period"], p["way"]))
    ranked = builder.stage(
        f"{relation}_ranked",
        "one row per target",
        Query({**p, "best": best, "shortest": shortest}, parts, "p"),
        keep=False,
    )
    r = {c: builder.col(ranked, c, "r") for c in ("_payee", "_period", "amount", "way", "days", "best", "shortest")}
    counted = ir.both(
        ir.eq(r["way"], r["best"]), ir.either(ir.compare("lt", r["way"], ir.lit(4)), ir.eq(r["days"], r["shortest"]))
    )
    keys = (r["_payee"], r["_period"])
    query = Query(
        {"_payee": keys[0], "_period": keys[1], "amount": Agg(r["amount"].type, "sum", r["amount"])},
        ranked,
        "r",
        where=counted,
        group_by=keys,
    )
    return builder.stage(relation, "one row per payee and period", query)


def _target_columns(builder: Builder, targets: str, period: Expr, way: Expr, days: Expr) -> dict[str, Expr]:
    t = {c: builder.col(targets, c, "t") for c in ("partner_id", "amount")}
    return {"_payee": t["partner_id"], "_period": period, "amount": t["amount"], "way": way, "days": days}


def _targets_inside(builder: Builder, targets: str, spans: str, name: str, this: tuple[str, str]) -> Query:
    t = {c: builder.col(targets, c, "t") for c in ("target", "start_date", "end_date")}
    s = {c: builder.col(spans, c, "s") for c in ("kind", "window", "period", "start_date", "end_date")}
    inside = ir.both(
        *_this(t, s, name, this),
        ir.compare("ge", t["start_date"], s["start_date"]),
        ir.compare("le", t["end_date"], s["end_date"]),
    )
    exact = ir.both(ir.eq(t["start_date"], s["start_date"]), ir.eq(t["end_date"], s["end_date"]))
    assert inside is not None
    assert exact is not None
    way = ir.case([(exact, ir.lit(1))], ir.lit(2))
    return Query(
        _target_columns(builder, targets, s["period"], way, ir.ZERO), targets, "t", (Join(spans, "s", inside, "inner"),)
    )


def _targets_standing(builder: Builder, targets: str, name: str, this: tuple[str, str]) -> Query:
    t = {c: builder.col(targets, c, "t") for c in ("target", "standing", "valid_from", "valid_to")}
    w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "end_date")}
    last = ir.Op(ir.DATE, "add_days", (w["end_date"], ir.lit(-1)))
    on = ir.both(
        *_this(t, w, name, this),
        t["standing"],
        ir.compare("le", t["valid_from"], last),
        ir.compare("gt", t["valid_to"], last),
    )
    assert on is not None
    return Query(
        _target_columns(builder, targets, w["period"], ir.lit(3), ir.ZERO),
        targets,
        "t",
        (Join("windows", "w", on, "inner"),),
    )


def _targets_covering(builder: Builder, targets: str, spans: str, name: str, this: tuple[str, str]) -> Query:
    t = {c: builder.col(targets, c, "t") for c in ("target", "start_date", "end_date")}
    s = {c: builder.col(spans, c, "s") for c in ("kind", "window", "period", "end_date")}
    on = ir.both(
        *_this(t, s, name, this),
        ir.compare("lt", t["start_date"], s["end_date"]),
        ir.compare("ge", t["end_date"], s["end_date"]),
    )
    assert on is not None
    days = ir.Op(number(), "days_between", (t["start_date"], t["end_date"]))
    return Query(
        _target_columns(builder, targets, s["period"], ir.lit(4), days), targets, "t", (Join(spans, "s", on, "inner"),)
    )


def _this(t: Mapping[str, Expr], w: Mapping[str, Expr], name: str, this: tuple[str, str]) -> tuple[Expr, ...]:
    return (ir.eq(t["target"], ir.lit(name)), ir.eq(w["kind"], ir.lit(this[0])), ir.eq(w["window"], ir.lit(this[1])))


def _spans(builder: Builder) -> str:
    """`spans`: the dates from the first member of a window to its last."""
    if not builder.has("spans"):
        w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "start_date", "end_date")}
        keys = {c: w[c] for c in ("kind", "window", "period")}
        builder.stage(
            "spans",
            "one row per kind, window and period",
            Query(
                {
                    **keys,
                    "start_date": Agg(ir.DATE, "min", w["start_date"]),
                    "end_date": Agg(ir.DATE, "max", w["end_date"]),
                },
                "windows",
                "w",
                group_by=tuple(keys.values()),
            ),
            keep=False,
        )
    return "spans"


def _targets(builder: Builder) -> str:
    """`targets_ranged`: every target with the half-open dates of its period, or marked as standing."""
    if not builder.has("targets_ranged"):
        relation = dated(builder, "targets")
        t = {
            c: builder.col(relation, c, "t")
            for c in ("partner_id", "target", "amount", "valid_from", "valid_to", "period")
        }
        join = Join("periods", "p", ir.eq(builder.col("periods", "period", "p"), t["period"]))
        columns = {
            **t,
            "start_date": builder.col("periods", "start_date", "p"),
            "end_date": builder.col("periods", "end_date", "p"),
            "standing": ir.is_null(t["period"]),
        }
        builder.stage("targets_ranged", "one row per target", Query(columns, relation, "t", (join,)))
    return "targets_ranged"


def active_stage(builder: Builder, kind: str) -> str:
    """Days and whole months of a period on which a partner is enrolled."""
    name = f"active_{kind}"
    if builder.has(name):
        return name
    relation = dated(builder, "assignments")
    a = {c: builder.col(relation, c, "a") for c in ("partner_id", "valid_from", "valid_to")}
    p = {c: builder.col("periods", c, "p") for c in ("kind", "period", "start_date", "end_date")}
    m = {c: builder.col("periods", c, "m") for c in ("kind", "last_day")}
    overlap = ir.both(
        ir.eq(p["kind"], ir.lit(kind)),
        ir.compare("lt", a["valid_from"], p["end_date"]),
        ir.compare("gt", a["valid_to"], p["start_date"]),
    )
    month = ir.both(
        ir.eq(m["kind"], ir.lit("month")),
        ir.compare("ge", m["last_day"], p["start_date"]),
        ir.compare("lt", m["last_day"], p["end_date"]),
        ir.compare("ge", m["last_day"], a["valid_from"]),
        ir.compare("lt", m["last_day"], a["valid_to"]),
    )
    assert overlap is not None
    assert month is not None
    days = ir.Op(
        number(),
        "days_between",
        (
            ir.Op(ir.DATE, "greatest", (a["valid_from"], p["start_date"])),
            ir.Op(ir.DATE, "least", (a["valid_to"], p["end_date"])),
        ),
    )
    keys = {"_payee": a["partner_id"], "_period": p["period"]}
    builder.stage(
        f"{name}_days",
        "one row per assignment and period",
        Query({**keys, "days": days}, relation, "a", (Join("periods", "p", overlap, "inner"),)),
        keep=False,
    )
    builder.stage(
        f"{name}_months",
        "one row per assignment and month",
        Query(
            {**keys, "months": Agg(number(), "distinct", m["last_day"])},
            relation,
            "a",
            (Join("periods", "p", overlap, "inner"), Join("periods", "m", month, "inner")),
            group_by=tuple(keys.values()),
        ),
        keep=False,
    )
    d = {c: builder.col(f"{name}_days", c, "d") for c in ("_payee", "_period", "days")}
    builder.stage(
        f"{name}_day_sums",
        "one row per payee and period",
        Query(
            {"_payee": d["_payee"], "_period": d["_period"], "days": Agg(number(), "sum", d["days"])},
            f"{name}_days",
            "d",
            group_by=(d["_payee"], d["_period"]),
        ),
        keep=False,
    )
    s = {c: builder.col(f"{name}_day_sums", c, "s") for c in ("_payee", "_period", "days")}
    on = ir.both(
        ir.eq(builder.col(f"{name}_months", "_payee", "m"), s["_payee"]),
        ir.eq(builder.col(f"{name}_months", "_period", "m"), s["_period"]),
    )
    assert on is not None
    months = ir.coalesce(builder.col(f"{name}_months", "months", "m"), ir.ZERO)
    return builder.stage(
        name,
        "one row per payee and period",
        Query({**s, "months": months}, f"{name}_day_sums", "s", (Join(f"{name}_months", "m", on),)),
    )


def assigned_stage(builder: Builder) -> str:
    """Partners that have an assignment at all; the others are enrolled always."""
    if not builder.has("assigned"):
        col = builder.col("assignments", "partner_id", "a")
        builder.stage(
            "assigned", "one row per partner", Query({"_payee": col}, "assignments", "a", distinct=True), keep=False
        )
    return "assigned"


def earned_stage(builder: Builder, source: str, component: str, kind: str, window: str, count: int | None) -> str:
    """A component's earnings added up to periods of another kind, by the last day of its own period."""
    relation = f"{component}_over_{kind}_{window_name(window, count)}"
    if builder.has(relation):
        return relation
    builder.windows.add((kind, window, count))
    e = {c: builder.col(source, c, "e") for c in ("_payee", "_last_day", "amount")}
    w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "start_date", "end_date")}
    on = ir.both(
        ir.eq(w["kind"], ir.lit(kind)),
        ir.eq(w["window"], ir.lit(window_name(window, count))),
        ir.compare("ge", e["_last_day"], w["start_date"]),
        ir.compare("lt", e["_last_day"], w["end_date"]),
    )
    assert on is not None
    keys = {"_payee": e["_payee"], "_period": w["period"]}
    return builder.stage(
        relation,
        "one row per payee and period",
        Query(
            {**keys, "amount": Agg(e["amount"].type, "sum", e["amount"])},
            source,
            "e",
            (Join("windows", "w", on, "inner"),),
            group_by=tuple(keys.values()),
        ),
    )
