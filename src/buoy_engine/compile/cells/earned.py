"""What a component earned, seen from the periods of another kind."""

from __future__ import annotations

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.prepare import window_name
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Agg, Join, Query


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
