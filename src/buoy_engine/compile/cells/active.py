"""Days and months on which a partner takes part, for proration."""

from __future__ import annotations

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.rows import (
    dated,
)
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Agg, Expr, Join, Query, number


def active_stage(builder: Builder, kind: str) -> str:
    """`active_<kind>`: days and whole months of a period on which a partner is enrolled."""
    name = f"active_{kind}"
    if builder.has(name):
        return name
    days, months = _active_days(builder, name, kind), _active_months(builder, name, kind)
    d = {c: builder.col(days, c, "d") for c in ("_payee", "_period", "days")}
    m = {c: builder.col(months, c, "m") for c in ("_payee", "_period", "months")}
    on = ir.both(ir.eq(m["_payee"], d["_payee"]), ir.eq(m["_period"], d["_period"]))
    query = Query({**d, "months": ir.coalesce(m["months"], ir.ZERO)}, days, "d", (Join(months, "m", on or ir.TRUE),))
    return builder.stage(name, "one row per payee and period", query)


def _active_days(builder: Builder, name: str, kind: str) -> str:
    """The days that a partner's assignments share with a period, added up."""
    relation, keys, overlap = _overlapping(builder, kind)
    a = {c: builder.col(relation, c, "a") for c in ("valid_from", "valid_to")}
    p = {c: builder.col("periods", c, "p") for c in ("start_date", "end_date")}
    first = ir.Op(ir.DATE, "greatest", (a["valid_from"], p["start_date"]))
    after = ir.Op(ir.DATE, "least", (a["valid_to"], p["end_date"]))
    columns = {**keys, "days": Agg(number(), "sum", ir.Op(number(), "days_between", (first, after)))}
    query = Query(columns, relation, "a", (overlap,), group_by=tuple(keys.values()))
    return builder.stage(f"{name}_days", "one row per payee and period", query, keep=False)


def _active_months(builder: Builder, name: str, kind: str) -> str:
    """The months of a period on whose last day a partner is enrolled."""
    relation, keys, overlap = _overlapping(builder, kind)
    a = {c: builder.col(relation, c, "a") for c in ("valid_from", "valid_to")}
    p = {c: builder.col("periods", c, "p") for c in ("start_date", "end_date")}
    m = {c: builder.col("periods", c, "m") for c in ("kind", "last_day")}
    on = ir.both(
        ir.eq(m["kind"], ir.lit("month")),
        ir.compare("ge", m["last_day"], p["start_date"]),
        ir.compare("lt", m["last_day"], p["end_date"]),
        ir.compare("ge", m["last_day"], a["valid_from"]),
        ir.compare("lt", m["last_day"], a["valid_to"]),
    )
    columns = {**keys, "months": Agg(number(), "distinct", m["last_day"])}
    joins = (overlap, Join("periods", "m", on or ir.TRUE, "inner"))
    query = Query(columns, relation, "a", joins, group_by=tuple(keys.values()))
    return builder.stage(f"{name}_months", "one row per payee and period", query, keep=False)


def _overlapping(builder: Builder, kind: str) -> tuple[str, dict[str, Expr], Join]:
    """Assignments, their payee and period, and the join to the periods of a kind that they touch."""
    relation = dated(builder, "assignments")
    a = {c: builder.col(relation, c, "a") for c in ("partner_id", "valid_from", "valid_to")}
    p = {c: builder.col("periods", c, "p") for c in ("kind", "period", "start_date", "end_date")}
    on = ir.both(
        ir.eq(p["kind"], ir.lit(kind)),
        ir.compare("lt", a["valid_from"], p["end_date"]),
        ir.compare("gt", a["valid_to"], p["start_date"]),
    )
    return relation, {"_payee": a["partner_id"], "_period": p["period"]}, Join("periods", "p", on or ir.TRUE, "inner")


def assigned_stage(builder: Builder) -> str:
    """Partners that have an assignment at all; the others are enrolled always."""
    if not builder.has("assigned"):
        col = builder.col("assignments", "partner_id", "a")
        builder.stage(
            "assigned", "one row per partner", Query({"_payee": col}, "assignments", "a", distinct=True), keep=False
        )
    return "assigned"
