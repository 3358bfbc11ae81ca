"""Words about one payee's period (or group), or about one row of it where a component is calculated row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from buoy_engine.compile.builder import Builder, zero_filled
from buoy_engine.compile.cells.active import active_stage, assigned_stage
from buoy_engine.compile.cells.aggregates import PERIOD_WORDS, YEAR_WORDS, Aggregates, Filtered
from buoy_engine.compile.cells.base import cell_base
from buoy_engine.compile.cells.earned import earned_stage
from buoy_engine.compile.cells.places import places
from buoy_engine.compile.cells.plan_rows import PlanRows
from buoy_engine.compile.cells.targets import target_stage
from buoy_engine.compile.rows import (
    DIMENSIONS,
    RowScope,
    argument,
    as_of,
    certification_join,
    dated,
    lookup_column,
    score_join,
)
from buoy_engine.compile.scope import Misuse, Scope, Term
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Col, Expr, Join, Kind, Query
from buoy_engine.kernel.ratio import Ratio, mul
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan
from buoy_engine.spec.words import LOOKUPS, words


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

    # ------------------------------------------------------------ places

    def ranked(self, node: ast.Call) -> Term:
        """The payee's place among those who have rows in the period (and group), the largest value first."""
        return self._place(self._every_payee() if self.in_measure else replace(self, joins={}), node)

    def _every_payee(self) -> Cells:
        """The same words about every payee and period."""
        base = cell_base(self.builder, self.kind)
        return Cells(
            self.plan, self.builder, self.name_, base, self.kind, self.own, self.plan_rows, self.default_window,
            self.earned, targets=self.targets, measured_from=self.measured_from, stack=self.stack,
        )  # fmt: skip

    def _place(self, all_cells: Cells, node: ast.Call) -> Ratio:
        """The place of a cell among all those of another scope, which joins to it by their common keys."""
        digest = crc32(repr((node, self.default_window, self.measured_from, all_cells.base)).encode())
        name = f"{self.name_}_rank{digest}"
        keys = ("_payee", "_period", *all_cells.row_keys)
        if not self.builder.has(name):
            places(self.builder, name, all_cells.taking_part(node, keys), keys, ("_period", *all_cells.keys, "_group"))
        if name not in self.joins:
            same = (ir.same(self.builder.col(name, key, name), self.builder.col(self.base, key, "c")) for key in keys)
            self.joins[name] = Join(name, name, ir.every(*same))
        return Ratio(self.builder.col(name, "place", name))

    @property
    def row_keys(self) -> tuple[str, ...]:
        """What tells the cells of one payee and period apart."""
        return self.keys

    def taking_part(self, node: ast.Call, keys: tuple[str, ...]) -> Query:
        """Every cell that has a place: what it is called, its group and its value."""
        value, *groups = node.args
        term = self.implicit(value)
        number_ = term if isinstance(term, Ratio) else self.number(value)
        columns: dict[str, Expr] = {key: self.builder.col(self.base, key, "c") for key in keys}
        columns["_group"] = self.expr(groups[0]) if groups else ir.lit(None, TEXT)
        columns["_value"] = number_.decimal()
        has_place = ir.every(self.has_rows(), ir.not_null(columns["_value"]))
        return Query(columns, self.base, "c", tuple(self.joins.values()), has_place)

    def has_rows(self) -> Expr:
        """Whether the payee has rows in the period."""
        counted = self.aggregate(ast.Call("count", ()), None, None)
        assert isinstance(counted, Ratio)
        return ir.compare("gt", counted.num, ir.ZERO)

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

    def ranked(self, node: ast.Call) -> Term:
        """The row's place among the rows of the period; of a value of the payee's period, the payee's."""
        is_of_row = not self.in_measure and is_row_expression(node.args[0], self)
        return self._place(replace(self, joins={}) if is_of_row else self._every_payee(), node)

    @property
    def row_keys(self) -> tuple[str, ...]:
        found = self.builder.catalog.relations[self.base]
        return tuple(key for key in ("_id", "_level", "_role") if key in found)

    def has_rows(self) -> Expr:
        return ir.TRUE
