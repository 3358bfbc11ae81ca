"""Named row sets (`sources`), `take`, and values of a payee's period that a row is asked about.

A condition on a row may speak about its payee's period (`attainment >= 90%`), and so may the limit of a `take`
(`up_to: score(on_hand)`). `with_cell_value` answers such a question for every row, as one more column.
"""

from __future__ import annotations

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells import Aggregates, PlanRows, RowCells, period_columns
from buoy_engine.compile.rows import RowFlow, RowScope, business_order, converted, limited, local_day, zone
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr, Join, Query
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan, Source, Take

UNLIMITED = 10**15
OF_CONVERSION = ("_no_rate", "_raw_amount")


def source_relation(builder: Builder, plan: Plan, plan_rows: PlanRows, name: str) -> str:
    """The relation of `from:`: a fact table, or a source built first."""
    if name not in plan.sources:
        builder.col(name, "id", "s")
        return name
    relation = f"source_{name}"
    return relation if builder.has(relation) else _build(builder, plan, plan_rows, relation, plan.sources[name])


def _build(builder: Builder, plan: Plan, plan_rows: PlanRows, relation: str, source: Source) -> str:
    """Where, take, columns; the last stage has the table's columns and the new ones."""
    base = converted(builder, plan, source_relation(builder, plan, plan_rows, source.from_))
    flow = Flow(builder, relation, f"one row per row of {source.from_}", base)
    add: dict[str, Expr] = {"_id": flow.col("id")}
    add["_payee"] = add["_owner"] = flow.col("partner_id") if "partner_id" in flow else ir.lit(None)
    if "date" in flow:
        add["_date"] = local_day(builder, base, "r")
    flow.step("rows", add)
    for i, node in enumerate(source.where.values()):
        flow.step(f"where{i}", where=_or_unknown(flow, ir.holds(_scope(builder, plan, flow).condition(node))))
    if source.take is not None:
        _take(builder, plan, plan_rows, flow, source.take)
        flow.step("taken", where=_or_unknown(flow, ir.compare("ne", flow.col(source.take.of), ir.ZERO)))
    for column, node in source.columns.items():
        flow.step(f"column_{column}", {column: _scope(builder, plan, flow).expr(node)})
    kept = {c: e for c, e in flow.all().items() if not c.startswith("_") or c in OF_CONVERSION}
    return builder.stage(relation, flow.grain, Query(kept, flow.relation, "r"))


def _or_unknown(flow: Flow, test: Expr) -> Expr:
    """The test; a row whose amount could not be converted passes, so that components give it the reason `no_rate`."""
    return ir.either(test, flow.col("_no_rate")) if "_no_rate" in flow else test


def _scope(builder: Builder, plan: Plan, flow: Flow) -> RowScope:
    return RowScope(plan, flow, builder, zone_offsets=zone(builder))


def apply_take(rows: RowFlow, take: Take, plan_rows: PlanRows) -> None:
    """Cuts the column `take.of` of a component's rows so that its running total stays under the limit."""
    _take(rows.builder, rows.plan, plan_rows, rows.flow, take)


def _take(builder: Builder, plan: Plan, plan_rows: PlanRows, flow: Flow, take: Take) -> None:
    order = take.order or (plan.setting("order") if plan.setting("order") != "pro_rata_day" else ("date", "id"))
    with_cell_value(builder, plan, plan_rows, flow, "_limit", take.up_to)
    unknown = ir.is_not(flow.col("_no_rate")) if "_no_rate" in flow else None
    failed = ir.is_null(flow.col("_fail")) if "_fail" in flow else None
    counted = ir.both(unknown, failed) or ir.TRUE
    wanted = ir.case([(counted, flow.col(take.of))], ir.ZERO)
    top = ir.coalesce(flow.col("_limit"), ir.lit(UNLIMITED))
    flow.step("take_in", {"_wanted": wanted, "_limit": top, "_before_take": flow.col(take.of)})
    partition = tuple(flow.col(_key(flow, c)) for c in (("_payee",) if take.per is None else take.per))
    amount = limited(builder, flow, "_wanted", "_limit", partition, business_order(flow, order), take.fit)
    flow.step(
        "take_out", {take.of: amount}, drop=frozenset({"_wanted", "_limit", "_after", "_all", "_position", "kept"})
    )


def _key(flow: Flow, column: str) -> str:
    return {
        "partner": "_owner",
        "payee": "_payee",
        "date": "_date",
        "customer": "customer_id",
        "product": "product_id",
        "deal": "deal_id",
    }.get(column, column)


def with_cell_value(builder: Builder, plan: Plan, plan_rows: PlanRows, flow: Flow, column: str, node: ast.Node) -> None:
    """Adds `column`: the value of an expression about the row and about its payee's statement period."""
    kind = plan.period
    calendar = (
        Join("calendar", "k", ir.eq(builder.col("calendar", "d", "k"), flow.col("_date")))
        if "_date" in flow
        else Join("calendar", "k", ir.FALSE)
    )
    on = ir.both(
        ir.eq(builder.col("periods", "kind", "q"), ir.lit(kind)),
        ir.eq(builder.col("periods", "period", "q"), builder.col("calendar", kind, "k")),
    )
    assert on is not None
    own_columns = list(flow.types)
    columns = {**flow.all(), **period_columns(builder, "q")}
    name = f"{flow.prefix}{column}"
    each = builder.stage(
        f"{name}_each", flow.grain, Query(columns, flow.relation, "r", (calendar, Join("periods", "q", on))), keep=False
    )
    view = Flow(builder, name, flow.grain, each)
    rows = RowScope(plan, view, builder, alias="c", zone_offsets=zone(builder))
    own = Aggregates(builder, f"{name}_sums", flow.relation, kind, RowScope(plan, flow, builder))
    scope = RowCells(plan, builder, name, each, kind, own, plan_rows, rows=rows)
    made = scope.stage("value", {column: scope.expr(node)})
    valued = Flow(builder, name, flow.grain, made)
    flow.relation = builder.stage(
        f"{name}_kept", flow.grain, Query({c: valued.col(c) for c in [*own_columns, column]}, made, "r"), keep=False
    )
