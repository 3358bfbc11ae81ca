"""The rows that the measures of a plan see: every row of a table, owner credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells.aggregates import Aggregates
from buoy_engine.compile.prepare import KINDS
from buoy_engine.compile.rows import (
    RowFlow,
    RowScope,
    expand,
    zone,
)
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr, Join, Query
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan


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
