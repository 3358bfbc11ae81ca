"""Returns at the original rate: what the sale earned is taken back in proportion, in the return's own period.

A return is not judged again. Its sale was: whoever earned on it gives back, whatever the return's own date, conditions or
hierarchy say by now. Only a return without a date, without a rate or outside the plan takes nothing back, and one whose
sale earned nobody anything: it keeps the reason of its own, or has `no_original`.

    c_sold          what every row earned, per payee                                            one row per row and payee
    c_back_rows     every return, credited to the payees of its sale                            one row per return and payee
    c_back          what it takes back of their cents                                           the same
    c_trace_all     the trace with the returns, c_earned_all the earnings less them

The shares of several returns of one row run on and never pass the whole, so that a full return, in however many parts, takes
back exactly the cents that were paid. Source: design/semantics.md Q5, Q17; case CB-105.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buoy_engine.compile.builder import Flow
from buoy_engine.compile.cells import period_columns
from buoy_engine.compile.parts import PERIOD_KEYS
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query, Win, number

if TYPE_CHECKING:
    from buoy_engine.compile.component import ComponentCompiler

OF_THE_ROW = ("no_rate", "no_date")
"""Reasons that a return has however its sale was judged."""
OF_THE_CREDIT = ("_level", "_role", "_share")
SALE_VALUES = ("_tier", "_rate_used", "_factor")


def take_back(owner: ComponentCompiler, flow: Flow, trace: str, earned: str) -> tuple[str, str, str]:
    """The rows with every return credited to the payees of its sale; the trace and the earnings with what they take back."""
    sold = _sold(owner, trace)
    returns = _returns(owner, flow, sold)
    backs = _backs(owner, returns)
    others = Query(flow.all(), flow.relation, "r", where=ir.is_null(flow.col("returns")))
    again = Query({n: Col(k, n, "b") for n, k in flow.types.items()}, returns.relation, "b")
    rows = Query(others.columns, others.relation, "r", where=others.where, union=(again,))
    judged = owner.builder.stage(f"{owner.id}_rows_judged", "one row per credited row", rows)
    whole = _with_backs(owner, trace, backs)
    return judged, whole, _less_backs(owner, whole, earned)


def _sold(owner: ComponentCompiler, trace: str) -> str:
    t = {n: Col(k, n, "t") for n, k in owner.builder.catalog.relations[trace].items()}
    keys = {n: t[n] for n in ("_id", "_payee")}
    values = {n: Agg(t[n].type, "min", t[n]) for n in SALE_VALUES}
    columns = {**keys, "_cents": ir.total(t["cents"]), "_reverses": Agg(TEXT, "min", t["_settle"]), **values}
    query = Query(columns, trace, "t", where=ir.not_null(t["_id"]), group_by=tuple(keys.values()))
    return owner.builder.stage(f"{owner.id}_sold", "one row per row and payee", query, keep=False)


def _returns(owner: ComponentCompiler, flow: Flow, sold: str) -> Flow:
    """Every return once for each payee of its sale; once and with its reason where nobody earned on it."""
    once = Flow(owner.builder, f"{owner.id}_returns", "one row per return", flow.relation)
    nth = Win(number(), "row_number", None, (flow.col("_id"),), ((flow.col("_payee"), False),))
    once.step("numbered", {"_nth": nth}, where=ir.not_null(flow.col("returns")))
    once.step("single", where=ir.eq(once.col("_nth"), ir.ONE), drop=frozenset({"_nth"}))
    _of_a_return(once)
    s = {n: Col(k, n, "s") for n, k in owner.builder.catalog.relations[sold].items()}
    own = once.col("_fail")
    of_the_row = ir.either(*(ir.eq(own, ir.lit(reason)) for reason in OF_THE_ROW))
    judged: list[tuple[Expr, Expr]] = [
        (ir.is_null(s["_id"]), ir.coalesce(own, ir.lit("no_original"))),
        (of_the_row, own),
        *((test, ir.lit("outside_plan")) for test in owner.outside(once)),
    ]
    add: dict[str, Expr] = {
        "_payee": ir.coalesce(s["_payee"], once.col("_payee")),
        "_fail": ir.case(judged, ir.lit(None, TEXT)),
    }
    add |= {n: ir.Lit(once.types[n], None) for n in OF_THE_CREDIT if n in once}
    add |= {n: s[n] for n in ("_cents", "_reverses", *SALE_VALUES)}
    once.step(
        "credited",
        add,
        joins=(Join(sold, "s", ir.eq(s["_id"], once.col("_sale"))),),
    )
    return once


def _of_a_return(once: Flow) -> None:
    """`_sale`: the row that is returned. A return of a return is one of the sale, the other way round: it gives back."""
    p = {n: once.col(n, "p") for n in ("_id", "returns", "_raw_original")}
    sale = ir.coalesce(p["returns"], once.col("returns"))
    whole = ir.coalesce(p["_raw_original"], once.col("_raw_original"))
    again = Join(once.relation, "p", ir.eq(p["_id"], once.col("returns")))
    once.step("of_sales", {"_sale": sale, "_raw_original": whole}, joins=(again,))


def _backs(owner: ComponentCompiler, returns: Flow) -> Flow:
    """`_back`: what a return takes back of its payee's cents, never more than is left."""
    joins = (Join("periods", "q", owner.period_on(returns.col(f"_{owner.kind}")), "inner"),)
    columns = {**returns.all(), **period_columns(owner.builder, "q")}
    query = Query(columns, returns.relation, "r", joins, ir.is_null(returns.col("_fail")))
    found = owner.builder.stage(f"{owner.id}_back_rows", "one row per return and payee", query, keep=False)
    backs = Flow(owner.builder, f"{owner.id}_back", "one row per return and payee", found)
    order = [(backs.col("_date"), False), (backs.col("_id"), False)]
    raw = ir.neg(backs.col("_raw_amount"))
    backs.step("run", {"_run": ir.running(raw, [backs.col("_sale"), backs.col("_payee")], order)})
    sold, after = backs.col("_raw_original"), backs.col("_run")
    before = ir.add(after, backs.col("_raw_amount"))
    is_credit_note = ir.compare("lt", sold, ir.ZERO)

    def taken(run: Expr) -> Expr:
        returned = ir.case([(is_credit_note, ir.greatest(run, sold))], ir.least(run, sold))
        product = ir.mul(backs.col("_cents"), returned)
        if owner.component.round.stage == "none":
            return ir.div(product, sold)
        return ir.div(product, sold, owner.digits, owner.mode)

    backs.step("taken", {"_back": ir.coalesce(ir.sub(taken(before), taken(after)), ir.ZERO)}, keep=True)
    return backs


def _with_backs(owner: ComponentCompiler, trace: str, backs: Flow) -> str:
    types = owner.builder.catalog.relations[trace]
    t = {n: Col(k, n, "t") for n, k in types.items()}
    columns: dict[str, Expr] = {n: backs.col(n, "b") if n in backs else ir.Lit(k, None) for n, k in types.items()}
    back = backs.col("_back", "b")
    columns |= {"cents": back, "exact": back, "_reverses": backs.col("_reverses", "b")}
    sold = Query({**t, "_reverses": ir.lit(None, TEXT)}, trace, "t", union=(Query(columns, backs.relation, "b"),))
    return owner.builder.stage(f"{owner.id}_trace_all", "one row per credited row", sold)


def _less_backs(owner: ComponentCompiler, whole: str, earned: str) -> str:
    w = {n: Col(k, n, "w") for n, k in owner.builder.catalog.relations[whole].items()}
    e = {n: Col(k, n, "e") for n, k in owner.builder.catalog.relations[earned].items()}
    keys = {n: w[n] for n in PERIOD_KEYS}
    taken = ir.both(ir.not_null(w["_reverses"]), ir.holds(w["_live"]))
    added = Query(
        {**keys, "_reason": ir.lit(None, TEXT), "exact": w["exact"], "amount": w["cents"]}, whole, "w", where=taken
    )
    both = Query({n: e[n] for n in added.columns}, earned, "e", union=(added,))
    parts = owner.builder.stage(f"{owner.id}_earned_parts", "one row per amount", both, keep=False)
    return owner.summed(parts, f"{owner.id}_earned_all")
