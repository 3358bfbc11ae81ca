"""What is taken back counts at the rate of the statement that paid it (setting `reversal_rate: original`).

The problem
    A statement in another currency converts its balance at its own day's rate. What it takes back was paid at another day's:
    a return or a clawback at the rate of the statement that paid its sale, and a correction that lowers a closed period at
    the rate of that period's statement. What a correction adds was paid by no statement yet: today's rate is its own.

A worked example
    A sale of 1,000 USD is paid at 0.90 EUR and taken back at 0.80, beside new earnings of 3,000. The balance of 2,000 is 3,000
    of its own and −1,000 taken back: 3,000 × 0.80 − 1,000 × 0.90 = 1,500 EUR.

Chosen steps
    1. Statements net and carry. So what is taken back gathers beside the balance, in plan currency and at the rates of the
       statements that paid it, until a statement settles the balance: its own part counts at that statement's rate.
    2. Where more is taken back than the balance is worth, the rest waits for the next. In closed form: what has been paid up
       to a statement is the highest that the running sum of these worths has been, and never below nothing. With `negative:
       pay` it is that sum itself; a balance that is forgotten (`negative: zero`) takes along what it was to take back.

What it does not do
    When a partner's currency changes, what was to be taken back at an older rate in the old one counts at today's.
"""

from __future__ import annotations

from buoy_engine.compile.builder import Flow
from buoy_engine.compile.statement.rates import converted, payment_currency, rate_on
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Col, Expr, Join, Query, Win

GRAIN = "one row per payee and statement period"


def may_take_back(s: Settlement) -> bool:
    """Whether anything can be taken back: a period is closed, or rows reverse others."""
    return s.builder.has("postings") or any(s.builder.has(made.trace, "_reverses") for made in s.made.values())


def with_reversals(s: Settlement, given: Query) -> str:
    """The statements, with `_worth`: what is payable in their currency, given what of it takes back. Null without a rate."""
    _reversals(s)
    _taken_back(s)
    flow = Flow(s.builder, "statement", GRAIN, s.builder.stage("statement_given", GRAIN, given, keep=False))
    _gather(s, flow)
    rate = rate_on(s, "f", flow.col("currency"), flow.col("_day"))
    own = converted(s, ir.sub(flow.col("payable"), flow.col("_taken")), "f")
    flow.step("worth", {"_worth": ir.add(own, flow.col("_then"))}, joins=(rate,))
    account = [flow.col("_payee"), flow.col("currency"), flow.col("_is_paid")]
    in_order = [(flow.col("seq"), False)]
    flow.step("sum", {"_sum": ir.running(flow.col("_worth"), account, in_order)})
    flow.step("most", {"_most": _most(s, flow, account)})
    most = flow.col("_most")
    flow.step("before", {"_before": Win(most.type, "lag", most, tuple(account), tuple(in_order))})
    paid = ir.sub(flow.col("_most"), ir.coalesce(flow.col("_before"), ir.ZERO))
    known = [(ir.is_null(flow.col("_worth")), flow.col("_worth")), (flow.col("_is_paid"), paid)]
    flow.step("paid", {"_worth": ir.case(known, ir.ZERO)})
    return flow.relation


def _gather(s: Settlement, flow: Flow) -> None:
    """`_taken` and `_then`: what is taken back since the last statement that settled its balance; `_is_paid`."""
    g = s.builder.columns("taken_back", "g", "_payee", "seq", "amount", "then")
    same = ir.every(ir.eq(g["_payee"], flow.col("_payee")), ir.eq(g["seq"], flow.col("seq")))
    is_payable = ir.compare("ne", flow.col("payable"), ir.ZERO)
    is_settled = ir.either(is_payable, ir.eq(flow.col("carried_forward"), ir.ZERO))
    own = {
        "_own_taken": ir.coalesce(g["amount"], ir.ZERO),
        "_own_then": ir.coalesce(g["then"], ir.ZERO),
        "_settles": ir.case([(is_settled, ir.ONE)], ir.ZERO),
        "_is_paid": is_payable if s.plan.statement.negative == "zero" else is_settled,
    }
    flow.step("own", own, joins=(Join("taken_back", "g", same),))
    account = [flow.col("_payee"), flow.col("currency")]
    in_order = [(flow.col("seq"), False)]
    settled = ir.running(flow.col("_settles"), account, in_order, "before")
    flow.step("turn", {"_turn": ir.coalesce(settled, ir.ZERO)})
    account.append(flow.col("_turn"))
    gathered = {f"_{name}": ir.running(flow.col(f"_own_{name}"), account, in_order) for name in ("taken", "then")}
    flow.step("gathered", gathered)


def _most(s: Settlement, flow: Flow, account: list[Col]) -> Expr:
    """What is paid up to a statement."""
    so_far: Expr = flow.col("_sum")
    if s.plan.statement.negative == "pay":
        return so_far
    at_least = ir.greatest(ir.ZERO, so_far)
    return Win(at_least.type, "max", at_least, tuple(account), ((flow.col("seq"), False),), "running")


def _reversals(s: Settlement) -> None:
    """`reversals`: entries that take back, and the statement period that paid: a row's own, or the one that is corrected."""
    names = ("_payee", "period", "period_seq", "posted_seq", "reverses", "amount")
    n = s.builder.columns("entries", "n", *names)
    is_late = ir.compare("lt", n["period_seq"], n["posted_seq"])
    is_correction = ir.every(is_late, ir.compare("lt", n["amount"], ir.ZERO))
    columns = {
        "_payee": n["_payee"],
        "seq": n["posted_seq"],
        "reverses": ir.coalesce(n["reverses"], n["period"]),
        "amount": n["amount"],
    }
    takes_back = ir.either(ir.not_null(n["reverses"]), is_correction)
    s.builder.stage("reversals", "one row per entry that takes back", Query(columns, "entries", "n", where=takes_back))


def _taken_back(s: Settlement) -> None:
    """`taken_back`: the same by statement, in plan currency and as it was worth when it was paid, if that had a rate."""
    b = s.builder
    r = b.columns("reversals", "r", "_payee", "seq", "reverses", "amount")
    joins = [s.period(r["reverses"], "before"), s.numbered(r["seq"], "now")]
    before, now = (b.col("periods", "last_day", alias) for alias in ("before", "now"))
    currency = payment_currency(s, joins, r["_payee"], now)
    joins.append(rate_on(s, "f", currency, before))
    then = converted(s, r["amount"], "f")
    known = ir.total(r["amount"], ir.not_null(then))
    columns = {"_payee": r["_payee"], "seq": r["seq"], "amount": known, "then": ir.total(then)}
    query = Query(columns, "reversals", "r", tuple(joins), group_by=(r["_payee"], r["seq"]))
    b.stage("taken_back", GRAIN, query)
