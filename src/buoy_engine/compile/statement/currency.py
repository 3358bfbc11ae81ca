"""`statement`: what is payable in the currency in which it is paid, converted once.

The rate is that of the statement period's last day. What a reversal takes back was paid at another day's rate: with
`reversal_rate: original` it counts at the rate of the statement that paid the original. Since statements net and carry, no
part of a balance is the reversal's own; so the balance is converted at today's rate, and what the reversals are worth more
or less at their originals' rates is added.

    A sale of 1,000 USD is paid at 0.90 EUR, taken back at 0.80, beside new earnings of 3,000: (3,000 − 1,000) × 0.80, and the
    gain −1,000 × 0.90 − (−1,000 × 0.80) = −100: 1,500 EUR.
"""

from __future__ import annotations

from collections.abc import Iterator

from buoy_engine.compile.rows import as_of, dated
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.amounts import codes_with_digits
from buoy_engine.kernel.ir import BOOL, Expr, Join, Query


def pay_in_currency(s: Settlement) -> None:
    """Appends `statement`: `statement_all` with `currency` and `paid_amount`, in that currency's minor units."""
    b = s.builder
    c = b.columns("statement_all", "s")
    joins = [s.numbered(c["seq"], "q")]
    day = b.col("periods", "last_day", "q")
    currency = _currency(s, joins, c["_payee"], day)
    amount = c["payable"]
    if b.has("fx_pay") and s.plan.statement.currency is not None:
        joins.append(_rate(s, "f", currency, day))
        exact = _converted(s, amount, "f")
        if s.plan.setting("reversal_rate") == "original" and (reversals := list(_reversals(s))):
            _reversal_gains(s, reversals)
            g = b.columns("reversal_gains", "g", "_payee", "seq", "gain")
            joins.append(
                Join("reversal_gains", "g", ir.every(ir.eq(g["_payee"], c["_payee"]), ir.eq(g["seq"], c["seq"])))
            )
            exact = ir.add(exact, ir.coalesce(g["gain"], ir.ZERO))
        is_plan_currency = ir.eq(currency, ir.lit(s.plan.currency))
        amount = ir.case([(is_plan_currency, amount)], _in_minor_units(s, exact, currency))
    columns = {**c, "currency": currency, "paid_amount": amount}
    query = Query(columns, "statement_all", "s", tuple(joins))
    b.stage("statement", "one row per payee and statement period", query)


def _currency(s: Settlement, joins: list[Join], payee: Expr, day: Expr) -> Expr:
    """What a payee is paid in, on a day; adds the join to the partner where that decides."""
    wanted = s.plan.statement.currency
    plan_currency = ir.lit(s.plan.currency)
    if wanted == "partner" and s.builder.has("partners", "currency"):
        joins.append(as_of(s.builder, "partners", "c", payee, day))
        return ir.coalesce(s.builder.col(dated(s.builder, "partners"), "currency", "c"), plan_currency)
    return plan_currency if wanted in (None, "plan", "partner") else ir.lit(wanted)


def _rate(s: Settlement, alias: str, currency: Expr, day: Expr) -> Join:
    f = s.builder.columns("fx_pay", alias, "currency", "d")
    return Join("fx_pay", alias, ir.every(ir.eq(f["currency"], currency), ir.eq(f["d"], day)))


def _converted(s: Settlement, amount: Expr, alias: str) -> Expr:
    """An amount of plan currency in the currency of a rate, to twelve decimals."""
    f = s.builder.columns("fx_pay", alias, "rate", "per_plan")
    divided = ir.div(amount, f["rate"])
    if not s.builder.fx_inverse:
        return divided
    return ir.case([(ir.not_null(f["per_plan"]), ir.mul(amount, f["per_plan"]))], divided)


def _in_minor_units(s: Settlement, exact: Expr, currency: Expr) -> Expr:
    """Rounded as the currency of the row is: yen to none, dinars to three decimals."""
    mode = s.plan.setting("rounding")
    branches = [(_has_digits(currency, digits), ir.round_to(exact, digits, mode)) for digits in (0, 3)]
    return ir.case(branches, ir.round_to(exact, 2, mode))


def _has_digits(currency: Expr, digits: int) -> Expr:
    return ir.Op(BOOL, "in", (currency, *(ir.lit(code) for code in codes_with_digits(digits))))


# ---------------------------------------------------------------- reversals at the rate of their originals


def _reversals(s: Settlement) -> Iterator[Query]:
    """What is taken back, and the statement period that paid it: of every component that can take back."""
    for made in s.made.values():
        if made.pays and s.builder.has(made.trace, "_reverses"):
            t = s.builder.columns(made.trace, "t", "_payee", "_settle_seq", "_reverses", "cents")
            columns = {
                "_payee": t["_payee"],
                "seq": t["_settle_seq"],
                "reverses": t["_reverses"],
                "cents": t["cents"],
            }
            yield Query(columns, made.trace, "t", where=ir.not_null(t["_reverses"]))


def _reversal_gains(s: Settlement, reversals: list[Query]) -> None:
    """`reversal_gains`: what reversals are worth at the rates of their originals' statements, less at their own."""
    b = s.builder
    b.stage("reversals", "one row per row that takes back", ir.union(*reversals), keep=False)
    r = b.columns("reversals", "r", "_payee", "seq", "reverses", "cents")
    joins = [s.period(r["reverses"], "then"), s.numbered(r["seq"], "now")]
    then, now = (b.col("periods", "last_day", alias) for alias in ("then", "now"))
    currency = _currency(s, joins, r["_payee"], now)
    joins += [_rate(s, "f_then", currency, then), _rate(s, "f_now", currency, now)]
    gain = ir.sub(_converted(s, r["cents"], "f_then"), _converted(s, r["cents"], "f_now"))
    columns = {"_payee": r["_payee"], "seq": r["seq"], "gain": ir.total(gain)}
    query = Query(columns, "reversals", "r", tuple(joins), group_by=(r["_payee"], r["seq"]))
    b.stage("reversal_gains", "one row per payee and statement period", query)
