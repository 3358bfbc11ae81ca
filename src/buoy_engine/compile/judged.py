"""The last word on every row: the reasons that are known only once rewards are.

    outside_plan        the row lies outside the plan's dates: it may serve as a baseline, but is paid nowhere
    a gate's name       the component is calculated row by row, and its gate refused this one
    undefined           row by row too: the target or baseline it is measured by is missing
    outbid              another component is worth more on the row, or in its period (see `combine`)
    limit_reached       a budget of the whole programme had nothing left for the row; with a part left the note `limit_cut`

`c_judged` is `c_rows` with these; nothing is calculated from it. What counts in a window of an earlier year has the
reason `outside_plan` here and none in `c_rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buoy_engine.compile.builder import Flow
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query

if TYPE_CHECKING:
    from buoy_engine.compile.component import ComponentCompiler

UNDEFINED, OUTBID, OUTSIDE, REACHED = "undefined", "outbid", "outside_plan", "limit_reached"


def judged(owner: ComponentCompiler, relation: str, reward: str, parts: str) -> str:
    """The rows with every reason there is. `parts`: what limits left of them."""
    flow = Flow(owner.builder, owner.id, "one row per credited row", relation)
    reasons: list[tuple[Expr, Expr]] = [(test, ir.lit(OUTSIDE)) for test in owner.outside(flow)]
    joins: list[Join] = []
    if owner.per_row:
        refused = _refused(owner, reward)
        keys = {n: Col(k, n, "g") for n, k in owner.builder.catalog.relations[refused].items()}
        reason = keys.pop("_reason")
        joins.append(Join(refused, "g", ir.both(*(ir.same(col, flow.col(n)) for n, col in keys.items())) or ir.TRUE))
        reasons.append((ir.not_null(reason), reason))
    if owner.outbid_by is not None:
        outbid, unit = owner.outbid_by
        o = {c: owner.builder.col(outbid, c, "o") for c in ("_id", "_payee", "_component", "_best")}
        key = flow.col("_id" if unit == "_id" else f"_{owner.kind}")
        on = ir.both(
            ir.eq(o["_id"], key),
            ir.eq(o["_payee"], flow.col("_payee")),
            ir.eq(o["_component"], ir.lit(owner.id)),
        )
        joins.append(Join(outbid, "o", on or ir.TRUE))
        reasons.append((ir.holds(ir.compare("ne", o["_best"], ir.ZERO)), ir.lit(OUTBID)))
    note: dict[str, Expr] = {}
    if owner.builder.has(parts, "_cut"):
        join, cut = _cut(owner, flow, parts)
        joins.append(join)
        reasons.append((ir.eq(cut, ir.lit(REACHED)), cut))
        note["_note"] = ir.coalesce(flow.col("_note"), cut) if "_note" in flow else cut
    if not reasons:
        return relation
    fail = flow.col("_fail")
    judgement = ir.case([(ir.not_null(fail), fail), *reasons], ir.lit(None, TEXT))
    flow.step("judged", {"_fail": judgement, **note}, joins=tuple(joins))
    return flow.relation


def _cut(owner: ComponentCompiler, flow: Flow, parts: str) -> tuple[Join, Expr]:
    """What a budget of the programme left of a payee's row; one that has it twice is cut if anything is left of either."""
    p = owner.builder.columns(parts, "p", "_id", "_payee", "_cut")
    keys = {"_id": p["_id"], "_payee": p["_payee"]}
    where = ir.every(ir.not_null(p["_id"]), ir.not_null(p["_cut"]))
    query = Query({**keys, "_cut": Agg(TEXT, "min", p["_cut"])}, parts, "p", where=where, group_by=tuple(keys.values()))
    name = owner.builder.stage(
        f"{owner.id}_cut_rows", "one row per row and payee that a budget cuts", query, keep=False
    )
    c = owner.builder.columns(name, "cut")
    on = ir.every(*(ir.eq(c[key], flow.col(key)) for key in keys))
    return Join(name, "cut", on), c["_cut"]


def _refused(owner: ComponentCompiler, reward: str) -> str:
    """`c_refused`: the rows that earn nothing though they count. Where a gate has an alternative, that is no reason."""
    v = {n: Col(k, n, "v") for n, k in owner.builder.catalog.relations[reward].items()}
    keys: dict[str, Expr] = {n: v[n] for n in ("_id", "_payee", "_level") if n in v}
    withheld = (
        ir.not_null(v["_reason"]) if owner.component.otherwise is None else ir.eq(v["_reason"], ir.lit(UNDEFINED))
    )
    query = Query(
        {**keys, "_reason": Agg(TEXT, "min", v["_reason"])}, reward, "v", where=withheld, group_by=tuple(keys.values())
    )
    return owner.builder.stage(f"{owner.id}_refused", "one row per row that earns nothing", query, keep=False)
