"""Named row sets (`sources`), `take`, and values of a payee's period that a row is asked about.

A condition on a row may speak about its payee's period (`attainment >= 90%`), and so may the limit of a `take`
(`up_to: score(on_hand)`). `with_cell_value` answers such a question for every row, as one more column.
"""

from __future__ import annotations

from collections.abc import Mapping

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells import Aggregates, PlanRows, RowCells, period_columns
from buoy_engine.compile.rows import (
    LEFT_OUT,
    UNLIMITED,
    RowFlow,
    RowScope,
    attach,
    business_order,
    converted,
    expand,
    limited,
    local_day,
    zone,
)
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Col, Expr, Join, Query, Type
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan, Source, Take

PASSED_ON = ("_no_rate", "_raw_amount", "_note")
"""Columns of our own that a source hands on: what conversion knows of a row, and what was cut of it."""


def source_relation(builder: Builder, plan: Plan, plan_rows: PlanRows, name: str) -> str:
    """The relation of `from:`: a fact table, or a source built first."""
    if name not in plan.sources:
        builder.col(name, "id", "s")
        return name
    relation = f"source_{name}"
    return relation if builder.has(relation) else _build(builder, plan, plan_rows, name)


def judged_relation(source: str) -> str:
    """All rows of a source, also those that it leaves out: `_fail` is the reason, `_note` what was cut."""
    return f"source_{source}_whole"


def with_left_out(builder: Builder, plan: Plan, name: str) -> str:
    """The rows of a source, and those that it or a source below it leaves out: `_left_out` is the reason."""
    whole = f"source_{name}_all"
    if builder.has(whole):
        return whole
    types = builder.catalog.relations[f"source_{name}"]
    found, source = [_judged_rows(builder, name, types, ir.TRUE)], plan.sources[name].from_
    while source in plan.sources:
        fail = builder.col(judged_relation(source), "_fail", "r")
        found.append(_judged_rows(builder, source, types, ir.not_null(fail)))
        source = plan.sources[source].from_
    return builder.stage(whole, f"one row per row of {source}", ir.union(*found), keep=False)


def _judged_rows(builder: Builder, source: str, types: Mapping[str, Type], where: Expr) -> Query:
    """Rows of a source that stand the condition, with the columns of one above it; what they lack is null."""
    judged = judged_relation(source)
    has = builder.catalog.relations[judged]
    columns: dict[str, Expr] = {c: Col(t, c, "r") if has.get(c) == t else ir.Lit(t, None) for c, t in types.items()}
    return Query({**columns, LEFT_OUT: builder.col(judged, "_fail", "r")}, judged, "r", where=where)


def _build(builder: Builder, plan: Plan, plan_rows: PlanRows, name: str) -> str:
    """Where, take, columns; the last stage has the table's columns and the new ones."""
    relation, source = f"source_{name}", plan.sources[name]
    base = converted(builder, plan, source_relation(builder, plan, plan_rows, source.from_))
    flow = Flow(builder, relation, f"one row per row of {source.from_}", base)
    add: dict[str, Expr] = {"_id": flow.col("id")}
    add["_payee"] = add["_owner"] = flow.col("partner_id") if "partner_id" in flow else ir.lit(None)
    if "date" in flow:
        add["_date"] = local_day(builder, base, "r")
    flow.step("rows", add)
    if "_date" in flow:
        limit = [source.take.up_to] if source.take else []
        nodes = expand(plan, [*source.where.values(), *source.columns.values(), *limit])
        attach(flow, nodes, ("partner", "product", "customer", "deal"), flow.col("_date"))
    _judge(builder, plan, flow, source)
    if source.take is not None:
        _take(builder, plan, plan_rows, flow, source.take)
        _judge_taken(flow, source.take)
    for column, node in source.columns.items():
        flow.step(f"column_{column}", {column: _scope(builder, plan, flow).expr(node)})
    judged = builder.stage(judged_relation(name), flow.grain, Query(flow.all(), flow.relation, "r"))
    kept = [c for c in flow.types if c in PASSED_ON or not (c.startswith("_") or "." in c)]
    columns = {c: builder.col(judged, c, "r") for c in kept}
    counts = ir.is_null(builder.col(judged, "_fail", "r"))
    return builder.stage(relation, flow.grain, Query(columns, judged, "r", where=counts))


def _judge(builder: Builder, plan: Plan, flow: Flow, source: Source) -> None:
    """The first condition that fails is the reason, as in a component."""
    scope, known = _scope(builder, plan, flow), _known(flow)
    failed = [
        (ir.both(known, ir.is_not(ir.holds(scope.condition(node)))) or ir.TRUE, ir.lit(name))
        for name, node in source.where.items()
    ]
    flow.step("judged", {"_fail": ir.case(failed, ir.lit(None, TEXT))})


def _judge_taken(flow: Flow, take: Take) -> None:
    fail, left, known = flow.col("_fail"), flow.col(take.of), _known(flow)
    nothing = ir.both(known, ir.is_not(ir.holds(ir.compare("ne", left, ir.ZERO)))) or ir.TRUE
    cut = ir.both(known, ir.is_null(fail), ir.compare("ne", left, flow.col("_before_take"))) or ir.TRUE
    is_cut = ir.case([(cut, ir.lit("limit_cut"))], ir.lit(None, TEXT))
    note = ir.coalesce(is_cut, flow.col("_note")) if "_note" in flow else is_cut
    reached = ir.coalesce(fail, ir.case([(nothing, ir.lit("limit_reached"))], ir.lit(None, TEXT)))
    flow.step("taken", {"_fail": reached, "_note": note})


def _known(flow: Flow) -> Expr | None:
    """Whether the amount of a row is known; one without a rate passes, so that components give it `no_rate`."""
    return ir.is_not(flow.col("_no_rate")) if "_no_rate" in flow else None


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
    cut: dict[str, Expr] = {take.of: amount}
    if take.of == "quantity" and "amount" in flow:
        share = ir.div(ir.mul(flow.col("amount"), amount), flow.col("_before_take"))
        cut["amount"] = ir.case([(ir.eq(amount, flow.col("_before_take")), flow.col("amount"))], share)
    flow.step("take_out", cut, drop=frozenset({"_wanted", "_limit", "_after", "_all", "_position", "kept"}))


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
    stands = ir.is_null(flow.col(LEFT_OUT)) if LEFT_OUT in flow else None
    own = Aggregates(builder, f"{name}_sums", flow.relation, kind, RowScope(plan, flow, builder), where=stands)
    scope = RowCells(plan, builder, name, each, kind, own, plan_rows, rows=rows)
    made = scope.stage("value", {column: scope.expr(node)})
    valued = Flow(builder, name, flow.grain, made)
    flow.relation = builder.stage(
        f"{name}_kept", flow.grain, Query({c: valued.col(c) for c in [*own_columns, column]}, made, "r"), keep=False
    )
