"""From one statement to the next: what a period brings, what the one before left, and what is therefore payable.

For every statement period there are three stages, each with one row per payee:

    state_<n>_in         earned, adjusted, held, released of the period; `_open_…`: what the period before left; the terms
    state_<n>_balance    after the draw and the cap; `_balance`: with what was brought forward
    state_<n>            payable, and what is carried forward: the next period begins with it

`statement_all` holds the states of all periods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from buoy_engine.compile.credit import SHARED_OWNER
from buoy_engine.compile.rows import dated
from buoy_engine.compile.statement.draws import DRAW_STATE, after_draw
from buoy_engine.compile.statement.settlement import Known, Settlement
from buoy_engine.compile.statement.terms import Terms
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import DATE, Agg, Expr, Join, Query

FIGURES = (
    "earned",
    "adjusted",
    "held",
    "released",
    "topped_up",
    "recovered",
    "draw_debt",
    "brought_forward",
    "payable",
    "carried_forward",
)
"""The amounts of a statement, in the order in which they are reckoned. In plan currency."""

KEPT = ("carried_forward", "draw_debt", *DRAW_STATE)
"""What a state hands to the next one."""


def carry(s: Settlement, terms: Terms, settled: Sequence[str]) -> None:
    """Appends the stages from what was posted and is due to `statement_all`: one row per payee and statement period."""
    _posted_per_period(s)
    _due_per_period(s)
    has_leavers = s.plan.statement.minimum is not None and s.builder.has("assignments")
    leavers = _enrolled_until(s) if has_leavers else None
    state = _opening_balances(s) if s.builder.has("balances") else None
    states = []
    for number, period in enumerate(settled, 1):
        given = _given(s, terms, f"state_{number}_in", period, state, leavers)
        balanced = _balanced(s, f"state_{number}_balance", given)
        state = _settled(s, f"state_{number}", balanced)
        states.append(state)
    columns = ("_payee", "period", "seq", *FIGURES)
    queries = [Query(s.builder.columns(name, "s", *columns), name, "s") for name in states]
    s.builder.stage("statement_all", "one row per payee and statement period", ir.union(*queries), keep=False)


# ---------------------------------------------------------------- what a period brings


def _posted_per_period(s: Settlement) -> None:
    """What was earned in the period itself; everything else posted in it is an adjustment."""
    n = s.builder.columns("entries", "n", "_payee", "period_seq", "posted_seq", "is_by_hand", "amount")
    is_own = ir.every(ir.eq(n["period_seq"], n["posted_seq"]), ir.is_not(n["is_by_hand"]))
    columns = {
        "_payee": n["_payee"],
        "seq": n["posted_seq"],
        "earned": ir.total(n["amount"], is_own),
        "adjusted": ir.total(n["amount"], ir.is_not(is_own)),
    }
    query = Query(columns, "entries", "n", group_by=(n["_payee"], n["posted_seq"]))
    s.builder.stage("posted_per_period", "one row per payee and statement period", query)


def _due_per_period(s: Settlement) -> None:
    """What is due in the period in which it is posted, and what was held until now."""
    i = s.builder.columns("instalments", "i", "_payee", "posted_seq", "due_seq", "amount")
    is_at_once = ir.eq(i["posted_seq"], i["due_seq"])
    columns = {
        "_payee": i["_payee"],
        "seq": i["due_seq"],
        "at_once": ir.total(i["amount"], is_at_once),
        "released": ir.total(i["amount"], ir.is_not(is_at_once)),
    }
    query = Query(columns, "instalments", "i", group_by=(i["_payee"], i["due_seq"]))
    s.builder.stage("due_per_period", "one row per payee and statement period", query)


def _enrolled_until(s: Settlement) -> str:
    """The day from which a partner takes part no more: its minimum no longer holds anything back."""
    relation = dated(s.builder, "assignments")
    a = s.builder.columns(relation, "a", "partner_id", "valid_to")
    columns: dict[str, Expr] = {"_payee": a["partner_id"], "until": Agg(DATE, "max", a["valid_to"])}
    query = Query(columns, relation, "a", group_by=(a["partner_id"],))
    return s.builder.stage("enrolled_until", "one row per partner", query, keep=False)


def _opening_balances(s: Settlement) -> str:
    """What was open when the plan began, as a state like those of its own periods."""
    o = s.builder.columns("balances", "o", "partner_id", "account", "amount")
    columns: dict[str, Expr] = {
        "_payee": o["partner_id"],
        "carried_forward": ir.total(o["amount"], ir.eq(o["account"], ir.lit("carried"))),
        "draw_debt": ir.total(o["amount"], ir.eq(o["account"], ir.lit("draw"))),
        **dict.fromkeys(DRAW_STATE, ir.total(ir.ZERO)),
    }
    query = Query(columns, "balances", "o", group_by=(o["partner_id"],))
    return s.builder.stage("opening_balances", "one row per payee", query)


# ---------------------------------------------------------------- one statement period


def _given(s: Settlement, terms: Terms, name: str, period: str, previous: str | None, leavers: str | None) -> str:
    """Everything that a period's statement is made of, for every partner."""
    b = s.builder
    payee = b.col("payees", "partner_id", "p")
    q = b.columns("periods", "q", "seq", "start_date", "end_date", "last_day")
    known = Known(b, payee, q["seq"], {"periods": s.period(ir.lit(period), "q")})
    columns = {"_payee": payee, "period": ir.lit(period), "seq": q["seq"], **_flows(known), **_left(known, previous)}
    if terms.draw is not None:
        columns |= _draw(s, known, terms.draw, q)
    columns |= {f"_{term}": value(known) for term, value in terms.values.items()}
    if leavers is not None:
        columns["_has_left"] = ir.holds(ir.compare("le", known.of_payee(leavers, "until"), q["end_date"]))
    is_partner = ir.compare("ne", payee, ir.lit(SHARED_OWNER))
    query = Query(columns, "payees", "p", tuple(known.joins.values()), is_partner)
    return b.stage(name, "one row per payee", query, keep=False)


def _flows(known: Known) -> dict[str, Expr]:
    """earned, adjusted, held and released; `_net`: what they come to."""
    earned, adjusted = (known.amount("posted_per_period", name) for name in ("earned", "adjusted"))
    at_once, released = (known.amount("due_per_period", name) for name in ("at_once", "released"))
    return {
        "earned": earned,
        "adjusted": adjusted,
        "held": ir.sub(ir.add(earned, adjusted), at_once),
        "released": released,
        "_net": ir.add(at_once, released),
    }


def _left(known: Known, previous: str | None) -> dict[str, Expr]:
    """What the state before left, under names of its own."""
    if previous is None:
        return {f"_open_{name}": ir.ZERO for name in KEPT}
    return {f"_open_{name}": ir.coalesce(known.of_payee(previous, name), ir.ZERO) for name in KEPT}


def _draw(s: Settlement, known: Known, draw: str, q: Mapping[str, Expr]) -> dict[str, Expr]:
    """The draw whose time the statement period lies in, and whether that begins or ends with it. Without one both do."""
    g = s.builder.columns(draw, "g", "_payee", "last_seq", "start_date", "amount")
    is_inside = ir.every(
        ir.eq(g["_payee"], known.payee),
        ir.compare("le", g["start_date"], q["last_day"]),
        ir.compare("ge", g["last_seq"], q["seq"]),
    )
    known.joins[draw] = Join(draw, "g", is_inside)
    has_none = ir.is_null(g["last_seq"])
    forgiven = _forgiven(s, known, q)
    return {
        **({} if forgiven is None else {"_forgives": forgiven}),
        "_draw": ir.coalesce(g["amount"], ir.ZERO),
        "_is_first": ir.either(has_none, ir.compare("ge", g["start_date"], q["start_date"])),
        "_is_last": ir.either(has_none, ir.eq(g["last_seq"], q["seq"])),
    }


def _forgiven(s: Settlement, known: Known, q: Mapping[str, Expr]) -> Expr | None:
    """Whether the statement period is the last of the time at whose end debts are forgiven; None where they never are."""
    forgive = s.plan.statement.draw.forgive if s.plan.statement.draw else None
    if forgive is None:
        return None
    known.joins["next"] = replace(s.numbered(ir.add(q["seq"], ir.ONE), "next"), how="left")
    whole, following = (s.builder.col("periods", f"{forgive}_id", alias) for alias in ("q", "next"))
    return ir.is_not(ir.holds(ir.eq(whole, following)))


def _balanced(s: Settlement, name: str, given: str) -> str:
    """After the draw and the cap."""
    c = s.builder.columns(given, "s")
    drawn = after_draw(s, c)
    net = ir.sub(ir.add(c["_net"], drawn["topped_up"]), drawn["recovered"])
    if "_cap" in c:
        net = ir.at_most(net, c["_cap"])
    passed = ("_payee", "period", "seq", "earned", "adjusted", "held", "released", "_minimum", "_has_left")
    columns = {n: c[n] for n in passed if n in c} | drawn
    columns |= {"brought_forward": c["_open_carried_forward"], "_balance": ir.add(c["_open_carried_forward"], net)}
    return s.builder.stage(name, "one row per payee", Query(columns, given, "s"), keep=False)


def _settled(s: Settlement, name: str, balanced: str) -> str:
    """What is payable of the balance, and what is left of it."""
    c = s.builder.columns(balanced, "s")
    payable = _payable(s, c)
    left = ir.sub(c["_balance"], payable)
    if s.plan.statement.negative == "zero":
        left = ir.greatest(ir.ZERO, left)
    columns = {n: e for n, e in c.items() if n not in ("_balance", "_minimum", "_has_left")}
    query = Query({**columns, "payable": payable, "carried_forward": left}, balanced, "s")
    return s.builder.stage(name, "one row per payee", query)


def _payable(s: Settlement, c: Mapping[str, Expr]) -> Expr:
    """The balance, unless it is negative and that is carried, or positive and below the minimum."""
    balance = c["_balance"]
    is_paid = [] if s.plan.statement.negative == "pay" else [ir.compare("ge", balance, ir.ZERO)]
    if "_minimum" in c:
        is_enough = [ir.compare("ge", balance, c["_minimum"]), ir.compare("lt", balance, ir.ZERO)]
        is_paid.append(ir.either(*is_enough, *([c["_has_left"]] if "_has_left" in c else [])))
    return ir.case([(ir.every(*is_paid), balance)], ir.ZERO) if is_paid else balance
