"""A payee's target in every period of a kind, whichever stretches of time the targets were given for."""

from __future__ import annotations

from collections.abc import Mapping

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.prepare import window_name
from buoy_engine.compile.rows import (
    dated,
)
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Agg, Expr, Join, Query, Win, number


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
