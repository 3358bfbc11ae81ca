"""Cells: one row per payee and period (and group), with everything a component's conditions, measure and base ask for.

A word of a period becomes a column of the cell stage. `Cells` collects the columns while expressions are compiled, and emits
at the end: one aggregate stage per window and relation, then the cell stage that joins them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buoy_engine.compile.builder import Builder, zero_filled
from buoy_engine.compile.rows import RowScope, argument, as_of, certification_join, dated, score_join
from buoy_engine.compile.scope import Misuse, Scope, Term
from buoy_engine.facts.prepare import window_name
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Kind, Query, number
from buoy_engine.kernel.ratio import Ratio, mul
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan

PERIOD_WORDS = {"days": "days", "no": "no", "start": "start_date", "end": "last_day", "weeks": "weeks", "months": "months", "id": "period"}
YEAR_WORDS = {"days": "year_days", "weeks": "year_weeks", "id": "year"}
ADDITIVE = {"sum", "count"}


@dataclass
class Aggregates:
    """The aggregates over one relation of rows, per window: `_payee`, `_<kind>` and the group's keys are its columns."""

    builder: Builder
    prefix: str
    relation: str
    kind: str
    scope: RowScope
    keys: tuple[str, ...] = ()
    where: Expr | None = None
    wanted: dict[tuple[str, int | None], dict[str, tuple[Agg, Expr | None]]] = field(default_factory=dict)
    names: dict[tuple[object, ...], str] = field(default_factory=dict)

    def column(self, node: ast.Call, window: str, count: int | None) -> tuple[str, str, Expr]:
        """Registers an aggregate; returns the alias it will be joined under, its column, and its typed expression."""
        aggregate = self._aggregate(node)
        slot = self.wanted.setdefault((window, count), {})
        key = (aggregate, window, count)
        if key not in self.names:
            self.names[key] = f"a{len(self.names)}"
            slot[self.names[key]] = (aggregate, None)
        name = self.names[key]
        alias = f"{self.prefix}_{window_name(window, count)}"
        return alias, name, Col(aggregate.type, name, alias)

    def _aggregate(self, node: ast.Call) -> Agg:
        where = self.scope.condition(node.where) if node.where is not None else None
        if node.name == "count":
            return Agg(number(), "count", None, where if where is not None else None)
        if len(node.args) != 1:
            raise Misuse(f"{node.name}(…) with {len(node.args)} values", "one value", f"write {node.name}(amount)")
        if node.name == "distinct":
            return Agg(number(), "distinct", self.scope.expr(node.args[0]), where)
        arg = self.scope.number(node.args[0]).decimal() if node.name == "sum" else self.scope.expr(node.args[0])
        return Agg(arg.type, node.name, arg, where)

    def stage_name(self, window: str, count: int | None) -> str:
        """The relation of one window's aggregates."""
        return f"{self.prefix}_{window_name(window, count)}"

    def emit(self) -> None:
        """One stage per window: additive aggregates from the period's sums, the others from the rows."""
        for (window, count), columns in self.wanted.items():
            name = self.stage_name(window, count)
            if window == "period":
                self._direct(name, columns)
            else:
                self.builder.windows.add((self.kind, window, count))
                self._windowed(name, window_name(window, count), columns)

    def _key_columns(self, alias: str) -> dict[str, Expr]:
        return {c: self.builder.col(self.relation, c, alias) for c in ("_payee", *self.keys)}

    def _direct(self, name: str, columns: Mapping[str, tuple[Agg, Expr | None]]) -> None:
        keys = {**self._key_columns("r"), "_period": self.builder.col(self.relation, f"_{self.kind}", "r")}
        query = Query({**keys, **{n: a for n, (a, _) in columns.items()}}, self.relation, "r", where=self.where, group_by=tuple(keys.values()))
        self.builder.stage(name, "one row per payee, period and group", query)

    def _windowed(self, name: str, window: str, columns: Mapping[str, tuple[Agg, Expr | None]]) -> None:
        """Sums of a window are sums of its member periods' sums; a distinct count looks at the rows again."""
        additive = all(a.name in ADDITIVE for a, _ in columns.values())
        relation, make = self.relation, dict(columns)
        where = self.where
        if additive:
            self._direct(f"{name}_members", columns)
            relation, where = f"{name}_members", None
            make = {n: (Agg(a.type, "sum", self.builder.col(relation, n, "r")), None) for n, (a, _) in columns.items()}
        period = self.builder.col(relation, "_period" if additive else f"_{self.kind}", "r")
        on = ir.both(
            ir.eq(Col(TEXT, "kind", "w"), ir.lit(self.kind)),
            ir.eq(Col(TEXT, "window", "w"), ir.lit(window)),
            ir.eq(Col(TEXT, "member", "w"), period),
        )
        assert on is not None
        keys: dict[str, Expr] = {c: self.builder.col(relation, c, "r") for c in ("_payee", *self.keys)}
        keys["_period"] = Col(TEXT, "period", "w")
        query = Query({**keys, **{n: a for n, (a, _) in make.items()}}, relation, "r", (Join("windows", "w", on, "inner"),), where, tuple(keys.values()))
        self.builder.stage(name, "one row per payee, period and group", query)


@dataclass
class Cells(Scope):
    """Words about one payee's period (or group), and the joins that answer them. `base` is the relation of the keys."""

    builder: Builder
    name_: str
    base: str
    kind: str
    own: Aggregates
    plan_rows: Aggregates
    default_window: tuple[str, int | None] = ("period", None)
    earned: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    joins: dict[str, Join] = field(default_factory=dict)
    in_measure: bool = False
    measure_cells: dict[str, Aggregates] = field(default_factory=dict)
    stack: tuple[str, ...] = ()

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
        key = {"date": "_date", "level": "_level", "role": "_role"}.get(word, word)
        if key in self.keys:
            return self._number(self.builder.col(self.base, key, "c"))
        raise Misuse(
            f"the word {word!r} about a period", "an aggregate such as sum(amount), a measure, a parameter or a lookup", "wrap it in an aggregate or group by it with 'per'", "grain-mixed"
        )

    def _number(self, expr: Expr) -> Term:
        return Ratio(expr) if expr.type.kind is Kind.NUMBER else expr

    def measure(self, word: str) -> Term:
        """A measure of the plan, over all rows with owner credit, at this component's kind of period."""
        if word in self.stack:
            raise Misuse(f"the measure {word!r} defined by itself", "measures without a circle", "break the circle", "circular")
        outer = (self.in_measure, self.stack)
        self.in_measure, self.stack = True, (*self.stack, word)
        try:
            return self.implicit(self.plan.measures[word].value)
        finally:
            self.in_measure, self.stack = outer

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
        source = self.plan_rows if self.in_measure else self.own
        if explicit and self.keys and not self.in_measure and source.keys:
            raise Misuse(f"{node.name}(…) over {window} in a component with 'per'", "a measure of the plan for other windows", "name it under measures", "grain-mixed")
        alias, _, col = source.column(node, window, count)
        self._join_aggregate(source, alias, window, count)
        if node.name in ("sum", "count", "distinct"):
            return Ratio(zero_filled(col))
        return self._number(col)

    def _join_aggregate(self, source: Aggregates, alias: str, window: str, count: int | None) -> None:
        if alias in self.joins:
            return
        on = ir.both(
            ir.eq(Col(TEXT, "_payee", alias), self.builder.col(self.base, "_payee", "c")),
            ir.eq(Col(TEXT, "_period", alias), self.builder.col(self.base, "_period", "c")),
            *(ir.same(Col(self.builder.catalog.relations[self.base][k], k, alias), self.builder.col(self.base, k, "c")) for k in source.keys),
        )
        assert on is not None
        self.joins[alias] = Join(source.stage_name(window, count), alias, on)

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
        payee, day = self.builder.col(self.base, "_payee", "c"), self._period("last_day")
        make = score_join if kind == "score" else certification_join
        join = make(self.builder, alias, name, payee, day)
        self.joins[alias] = join
        if kind == "score":
            return self.builder.col(join.relation, "value", alias)
        return ir.not_null(self.builder.col(join.relation, "partner_id", alias))

    def attribute(self, attribute: str) -> Expr:
        """partner.x at the period's last day."""
        if attribute == "id":
            return self.builder.col(self.base, "_payee", "c")
        if not self.builder.has("partners"):
            self.builder.col("partners", attribute, "p")
        relation = dated(self.builder, "partners")
        if "partner_end" not in self.joins:
            self.joins["partner_end"] = as_of(self.builder, "partners", "partner_end", self.builder.col(self.base, "_payee", "c"), self._period("last_day"))
        return self.builder.col(relation, attribute, "partner_end")

    def target(self, name: str, window: str, count: int | None) -> Term:
        """A target of the window, prorated to active time where the plan says so."""
        relation = target_stage(self.builder, self.kind, name, window, count)
        alias = f"{relation}_j"
        self._join_by_cell(relation, alias)
        value = Ratio(self.builder.col(relation, "amount", alias))
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
            self.joins["assigned"] = Join(assigned, "assigned", ir.eq(self.builder.col(assigned, "_payee", "assigned"), self.builder.col(self.base, "_payee", "c")))
        found = ir.coalesce(self.builder.col(relation, unit, "active"), ir.ZERO)
        return ir.case([(ir.is_null(self.builder.col(assigned, "_payee", "assigned")), whole)], found)

    def earned_by(self, component: str, window: str, count: int | None) -> Term:
        """What a component earned in the periods of the window, unrounded."""
        source = self.earned.get(component)
        if source is None:
            raise Misuse(f"earned({component})", f"a component that is calculated before ({', '.join(self.earned) or 'none is'})", "correct the name, or break the circle", "circular")
        relation = earned_stage(self.builder, source, component, self.kind, window, count)
        alias = f"{relation}_j"
        self._join_by_cell(relation, alias)
        return Ratio(zero_filled(self.builder.col(relation, "exact", alias)))

    def _join_by_cell(self, relation: str, alias: str) -> None:
        if alias not in self.joins:
            on = ir.both(
                ir.eq(self.builder.col(relation, "_payee", alias), self.builder.col(self.base, "_payee", "c")),
                ir.eq(self.builder.col(relation, "_period", alias), self.builder.col(self.base, "_period", "c")),
            )
            assert on is not None
            self.joins[alias] = Join(relation, alias, on)

    def stage(self, suffix: str, columns: Mapping[str, Expr]) -> str:
        """Emits the aggregates and the cell stage with the given columns beside its keys."""
        self.own.emit()
        keys = {c: self.builder.col(self.base, c, "c") for c in self.builder.catalog.relations[self.base]}
        query = Query({**keys, **columns}, self.base, "c", tuple(self.joins.values()))
        return self.builder.stage(f"{self.name_}_{suffix}", "one row per payee, period and group", query)


CELL_WORDS = ("period", "year", "active")


def is_row_expression(node: ast.Node, cells: Cells) -> bool:
    """Whether a node speaks about a row: it has a row word outside any aggregate, and no aggregate."""
    if any(ast.is_aggregate(part) or (isinstance(part, ast.Call) and part.name == "target") for part in ast.walk(node)):
        return False
    return any(isinstance(part, ast.Name) and _row_word(part, cells) for part in ast.walk(node))


def _row_word(name: ast.Name, cells: Cells) -> bool:
    word = str(name)
    if word in cells.plan.measures or name.parts[0] in CELL_WORDS:
        return False
    if word in cells.plan.parameters:
        return is_row_expression(cells.plan.parameters[word], cells)
    if {"date": "_date", "level": "_level", "role": "_role"}.get(word, word) in cells.keys:
        return False
    return len(name.parts) == 1 or name.parts[0] not in ("partner", "payee")


# ---------------------------------------------------------------- shared small stages


def cell_base(builder: Builder, kind: str) -> str:
    """`cells_<kind>`: every payee × every period of a kind, with the period's columns."""
    name = f"cells_{kind}"
    if builder.has(name):
        return name
    columns: dict[str, Expr] = {"_payee": builder.col("payees", "partner_id", "p")}
    columns |= period_columns(builder, "q")
    on = ir.eq(builder.col("periods", "kind", "q"), ir.lit(kind))
    return builder.stage(name, "one row per payee and period", Query(columns, "payees", "p", (Join("periods", "q", on, "inner"),)), keep=False)


def period_columns(builder: Builder, alias: str) -> dict[str, Expr]:
    """The columns of `periods` as system columns of a cell."""
    return {f"_{c}": builder.col("periods", c, alias) for c in builder.catalog.relations["periods"] if c != "kind"}


def payees_stage(builder: Builder) -> None:
    """`payees`: every partner that any table names."""
    queries = []
    for relation, columns in list(builder.catalog.relations.items()):
        for column in ("partner_id", "parent_id"):
            if column in columns:
                col = builder.col(relation, column, "t")
                queries.append(Query({"partner_id": col}, relation, "t", where=ir.not_null(col), distinct=True))
    first, *rest = queries
    builder.stage("payees_all", "one row per mention", Query(first.columns, first.relation, "t", where=first.where, distinct=True, union=tuple(rest)), keep=False)
    builder.stage("payees", "one row per partner", Query({"partner_id": builder.col("payees_all", "partner_id", "p")}, "payees_all", "p", distinct=True))


def target_stage(builder: Builder, kind: str, name: str, window: str, count: int | None) -> str:
    """Targets of one name per payee and period: those whose own period lies in the window, and standing ones per member."""
    relation = f"target_{name}_{kind}_{window_name(window, count)}"
    if builder.has(relation):
        return relation
    builder.windows.add((kind, window, count))
    spans = _spans(builder)
    targets = _targets(builder)
    t = {c: builder.col(targets, c, "t") for c in builder.catalog.relations[targets]}
    s = {c: builder.col(spans, c, "s") for c in ("kind", "window", "period", "start_date", "end_date")}
    this = (ir.eq(t["target"], ir.lit(name)), ir.eq(s["kind"], ir.lit(kind)), ir.eq(s["window"], ir.lit(window_name(window, count))))
    inside = ir.both(*this, ir.compare("ge", t["start_date"], s["start_date"]), ir.compare("le", t["end_date"], s["end_date"]))
    member = Col(TEXT, "member", "w")
    w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "end_date")}
    last = ir.Op(ir.DATE, "add_days", (w["end_date"], ir.lit(-1)))
    standing = ir.both(ir.eq(t["target"], ir.lit(name)), ir.eq(w["kind"], ir.lit(kind)), ir.eq(w["window"], ir.lit(window_name(window, count))), t["standing"],
                       ir.compare("le", t["valid_from"], last), ir.compare("gt", t["valid_to"], last))  # fmt: skip
    assert inside is not None and standing is not None
    first = Query({"_payee": t["partner_id"], "_period": s["period"], "amount": t["amount"], "member": ir.lit("")}, targets, "t", (Join(spans, "s", inside, "inner"),))
    second = Query({"_payee": t["partner_id"], "_period": w["period"], "amount": t["amount"], "member": member}, targets, "t", (Join("windows", "w", standing, "inner"),))
    builder.stage(f"{relation}_parts", "one row per target in the window", Query(first.columns, targets, "t", first.joins, union=(second,)), keep=False)
    p = {c: builder.col(f"{relation}_parts", c, "p") for c in ("_payee", "_period", "amount")}
    return builder.stage(relation, "one row per payee and period", Query({"_payee": p["_payee"], "_period": p["_period"], "amount": Agg(p["amount"].type, "sum", p["amount"])}, f"{relation}_parts", "p", group_by=(p["_payee"], p["_period"])))


def _spans(builder: Builder) -> str:
    """`spans`: the dates from the first member of a window to its last."""
    if not builder.has("spans"):
        w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "start_date", "end_date")}
        keys = {c: w[c] for c in ("kind", "window", "period")}
        builder.stage("spans", "one row per kind, window and period", Query({**keys, "start_date": Agg(ir.DATE, "min", w["start_date"]), "end_date": Agg(ir.DATE, "max", w["end_date"])}, "windows", "w", group_by=tuple(keys.values())), keep=False)
    return "spans"


def _targets(builder: Builder) -> str:
    """`targets_ranged`: every target with the half-open dates of its period, or marked as standing."""
    if not builder.has("targets_ranged"):
        relation = dated(builder, "targets")
        t = {c: builder.col(relation, c, "t") for c in ("partner_id", "target", "amount", "valid_from", "valid_to", "period")}
        join = Join("periods", "p", ir.eq(builder.col("periods", "period", "p"), t["period"]))
        columns = {**t, "start_date": builder.col("periods", "start_date", "p"), "end_date": builder.col("periods", "end_date", "p"), "standing": ir.is_null(t["period"])}
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
    overlap = ir.both(ir.eq(p["kind"], ir.lit(kind)), ir.compare("lt", a["valid_from"], p["end_date"]), ir.compare("gt", a["valid_to"], p["start_date"]))
    month = ir.both(ir.eq(m["kind"], ir.lit("month")), ir.compare("ge", m["last_day"], p["start_date"]), ir.compare("lt", m["last_day"], p["end_date"]),
                    ir.compare("ge", m["last_day"], a["valid_from"]), ir.compare("lt", m["last_day"], a["valid_to"]))  # fmt: skip
    assert overlap is not None and month is not None
    days = ir.Op(number(), "days_between", (ir.Op(ir.DATE, "greatest", (a["valid_from"], p["start_date"])), ir.Op(ir.DATE, "least", (a["valid_to"], p["end_date"]))))
    keys = {"_payee": a["partner_id"], "_period": p["period"]}
    builder.stage(f"{name}_days", "one row per assignment and period", Query({**keys, "days": days}, relation, "a", (Join("periods", "p", overlap, "inner"),)), keep=False)
    builder.stage(f"{name}_months", "one row per assignment and month", Query({**keys, "months": Agg(number(), "distinct", m["last_day"])}, relation, "a", (Join("periods", "p", overlap, "inner"), Join("periods", "m", month, "inner")), group_by=tuple(keys.values())), keep=False)
    d = {c: builder.col(f"{name}_days", c, "d") for c in ("_payee", "_period", "days")}
    builder.stage(f"{name}_day_sums", "one row per payee and period", Query({"_payee": d["_payee"], "_period": d["_period"], "days": Agg(number(), "sum", d["days"])}, f"{name}_days", "d", group_by=(d["_payee"], d["_period"])), keep=False)
    s = {c: builder.col(f"{name}_day_sums", c, "s") for c in ("_payee", "_period", "days")}
    on = ir.both(ir.eq(builder.col(f"{name}_months", "_payee", "m"), s["_payee"]), ir.eq(builder.col(f"{name}_months", "_period", "m"), s["_period"]))
    assert on is not None
    months = ir.coalesce(builder.col(f"{name}_months", "months", "m"), ir.ZERO)
    return builder.stage(name, "one row per payee and period", Query({**s, "months": months}, f"{name}_day_sums", "s", (Join(f"{name}_months", "m", on),)))


def assigned_stage(builder: Builder) -> str:
    """Partners that have an assignment at all; the others are enrolled always."""
    if not builder.has("assigned"):
        col = builder.col("assignments", "partner_id", "a")
        builder.stage("assigned", "one row per partner", Query({"_payee": col}, "assignments", "a", distinct=True), keep=False)
    return "assigned"


def earned_stage(builder: Builder, source: str, component: str, kind: str, window: str, count: int | None) -> str:
    """A component's earnings added up to periods of another kind, by the last day of its own period."""
    relation = f"{component}_over_{kind}_{window_name(window, count)}"
    if builder.has(relation):
        return relation
    builder.windows.add((kind, window, count))
    e = {c: builder.col(source, c, "e") for c in ("_payee", "_last_day", "exact")}
    w = {c: builder.col("windows", c, "w") for c in ("kind", "window", "period", "start_date", "end_date")}
    on = ir.both(ir.eq(w["kind"], ir.lit(kind)), ir.eq(w["window"], ir.lit(window_name(window, count))), ir.compare("ge", e["_last_day"], w["start_date"]), ir.compare("lt", e["_last_day"], w["end_date"]))
    assert on is not None
    keys = {"_payee": e["_payee"], "_period": w["period"]}
    return builder.stage(relation, "one row per payee and period", Query({**keys, "exact": Agg(e["exact"].type, "sum", e["exact"])}, source, "e", (Join("windows", "w", on, "inner"),), group_by=tuple(keys.values())))
