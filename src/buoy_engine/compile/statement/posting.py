"""`entries`: what every payee is entitled to, and the statement period in which it is posted.

A sum is the whole of it: entitled today, less what stands posted. While a period is open nothing is posted for it and the
sum is the entitlement; of a closed one it is the difference, and moves to the first open period.

Amounts by hand (the fact `adjustments`) are entries like any other, of a component or of `adjustment`; `is_by_hand` keeps
them apart, on a statement and through a close. So does `reverses`: the statement period that paid what a return or a
clawback takes back, null of everything else. Another exchange rate may hold there (see `currency`).
"""

from __future__ import annotations

from collections.abc import Iterator

from buoy_engine.compile.component import Made
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Expr, Join, Query

OWN = ("_payee", "component", "period", "period_seq", "is_by_hand", "reverses")
"""What an amount is for."""
NOTHING = ir.lit(None, TEXT)


def post(s: Settlement) -> None:
    """Appends the stages up to `entries`: one row per payee, component, period, what it reverses, and posting period."""
    b = s.builder
    has_postings = b.has("postings")
    parts = [*_entitled(s), *([_posted(s, -1)] if has_postings else [])]
    b.stage("owed_parts", "one row per amount", ir.union(*parts), keep=False)
    o = b.columns("owed_parts", "o", *OWN, "amount")
    own = {name: o[name] for name in OWN}
    owed = Query({**own, "amount": ir.total(o["amount"])}, "owed_parts", "o", group_by=tuple(own.values()))
    b.stage("owed", "one row per payee, component, statement period and what it reverses", owed, keep=False)
    entries = ir.union(_moved(s), _posted(s, 1)) if has_postings else _in_their_own_period(s)
    b.stage("entries", "one row per payee, component, period, what it reverses, and posting period", entries)


def _entitled(s: Settlement) -> Iterator[Query]:
    """What components pay and what is given by hand; where there is neither, a query of no rows."""
    paying = {name: made for name, made in s.made.items() if made.pays}
    for name, made in paying.items():
        yield _earned(s, name, made)
        if s.builder.has(made.trace, "_reverses"):
            yield from (_taken_back(s, name, made, is_told_apart=is_told_apart) for is_told_apart in (False, True))
    if s.builder.has("adjustments"):
        yield _by_hand(s)
    elif not paying:
        yield _nothing(s)


def _earned(s: Settlement, name: str, made: Made) -> Query:
    e = s.builder.columns(made.earned, "e", "_payee", "_settle", "_settle_seq", "amount")
    columns: dict[str, Expr] = {
        "_payee": e["_payee"],
        "component": ir.lit(name),
        "period": e["_settle"],
        "period_seq": e["_settle_seq"],
        "is_by_hand": ir.FALSE,
        "reverses": NOTHING,
        "amount": e["amount"],
    }
    return Query(columns, made.earned, "e", where=ir.compare("ne", e["amount"], ir.ZERO))


def _taken_back(s: Settlement, name: str, made: Made, *, is_told_apart: bool) -> Query:
    """What rows take back of earlier statements, under the name of the statement that paid it; or off the rest."""
    t = s.builder.columns(made.trace, "t", "_payee", "_settle", "_settle_seq", "_reverses", "cents")
    columns: dict[str, Expr] = {
        "_payee": t["_payee"],
        "component": ir.lit(name),
        "period": t["_settle"],
        "period_seq": t["_settle_seq"],
        "is_by_hand": ir.FALSE,
        "reverses": t["_reverses"] if is_told_apart else NOTHING,
        "amount": t["cents"] if is_told_apart else ir.neg(t["cents"]),
    }
    return Query(columns, made.trace, "t", where=ir.not_null(t["_reverses"]))


def _by_hand(s: Settlement) -> Query:
    a = s.builder.columns("adjustments", "a", "partner_id", "date", "amount", "component")
    q = s.builder.columns("periods", "q", "period", "seq")
    columns = {
        "_payee": a["partner_id"],
        "component": ir.coalesce(a["component"], ir.lit("adjustment")),
        "period": q["period"],
        "period_seq": q["seq"],
        "is_by_hand": ir.TRUE,
        "reverses": NOTHING,
        "amount": a["amount"],
    }
    return Query(columns, "adjustments", "a", s.holding(a["date"], "q"))


def _nothing(s: Settlement) -> Query:
    """Of a plan all of whose components are only shown."""
    columns: dict[str, Expr] = {
        "_payee": s.builder.col("payees", "partner_id", "p"),
        "component": ir.lit(""),
        "period": ir.lit(""),
        "period_seq": ir.ZERO,
        "is_by_hand": ir.FALSE,
        "reverses": NOTHING,
        "amount": ir.ZERO,
    }
    return Query(columns, "payees", "p", where=ir.FALSE)


def _posted(s: Settlement, sign: int) -> Query:
    """What stands posted. With sign 1: as entries of the periods in which it was; with −1: as it is taken off what is owed."""
    names = ("partner_id", "component", "period", "is_by_hand", "reverses", "posted_in", "amount")
    x = s.builder.columns("postings", "x", *names)
    columns = {
        "_payee": x["partner_id"],
        "component": x["component"],
        "period": x["period"],
        "period_seq": s.builder.col("periods", "seq", "q"),
        "is_by_hand": x["is_by_hand"],
        "reverses": x["reverses"],
    }
    own = s.period(x["period"], "q")
    if sign < 0:
        return Query({**columns, "amount": ir.neg(x["amount"])}, "postings", "x", (own,))
    columns |= {"posted_in": x["posted_in"], "posted_seq": s.builder.col("periods", "seq", "then")}
    return Query({**columns, "amount": x["amount"]}, "postings", "x", (own, s.period(x["posted_in"], "then")))


def _in_their_own_period(s: Settlement) -> Query:
    o = s.builder.columns("owed", "o", *OWN, "amount")
    amount = o.pop("amount")
    return Query({**o, "posted_in": o["period"], "posted_seq": o["period_seq"], "amount": amount}, "owed", "o")


def _moved(s: Settlement) -> Query:
    """What is owed for open periods in these, and what is still owed for closed ones in the first open period."""
    own = _in_their_own_period(s)
    z = s.builder.columns("closing", "z", "last_seq", "open_period", "open_seq")
    is_closed = ir.compare("le", own.columns["period_seq"], z["last_seq"])
    columns = {
        **own.columns,
        "posted_in": ir.case([(is_closed, z["open_period"])], own.columns["period"]),
        "posted_seq": ir.case([(is_closed, z["open_seq"])], own.columns["period_seq"]),
    }
    is_left = ir.either(ir.is_not(is_closed), ir.compare("ne", own.columns["amount"], ir.ZERO))
    return Query(columns, "owed", "o", (Join("closing", "z", ir.TRUE, "inner"),), is_left)
