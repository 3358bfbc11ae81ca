"""`statement`: what is payable in the currency in which it is paid, converted once.

The rate is that of the statement period's last day; what is taken back may count at another (see `reversals`).
"""

from __future__ import annotations

from collections.abc import Mapping

from buoy_engine.compile.statement.rates import converted, payment_currency, rate_on
from buoy_engine.compile.statement.reversals import may_take_back, with_reversals
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.amounts import codes_with_digits
from buoy_engine.kernel.ir import BOOL, Expr, Query


def pay_in_currency(s: Settlement) -> None:
    """Appends `statement`: `statement_all` with `currency` and `paid_amount`, in that currency's minor units."""
    b = s.builder
    c = b.columns("statement_all", "s")
    joins = [s.numbered(c["seq"], "q")]
    day = b.col("periods", "last_day", "q")
    columns = {**c, "currency": payment_currency(s, joins, c["_payee"], day), "paid_amount": c["payable"]}
    relation, alias = "statement_all", "s"
    if b.has("fx_pay") and s.plan.statement.currency is not None:
        if s.plan.setting("reversal_rate") == "original" and may_take_back(s):
            given = Query({**columns, "_day": day}, relation, alias, tuple(joins))
            relation, alias, joins = with_reversals(s, given), "w", []
            columns = b.columns(relation, alias, *columns)
            worth: Expr = b.col(relation, "_worth", alias)
        else:
            joins.append(rate_on(s, "f", columns["currency"], day))
            worth = converted(s, c["payable"], "f")
        columns["paid_amount"] = _paid(s, columns, worth)
    query = Query(columns, relation, alias, tuple(joins))
    b.stage("statement", "one row per payee and statement period", query)


def _paid(s: Settlement, c: Mapping[str, Expr], worth: Expr) -> Expr:
    """What is payable, in the statement's currency."""
    is_plan_currency = ir.eq(c["currency"], ir.lit(s.plan.currency))
    return ir.case([(is_plan_currency, c["payable"])], _in_minor_units(s, worth, c["currency"]))


def _in_minor_units(s: Settlement, exact: Expr, currency: Expr) -> Expr:
    """Rounded as the currency of the row is: yen to none, dinars to three decimals."""
    mode = s.plan.setting("rounding")
    branches = [(_has_digits(currency, digits), ir.round_to(exact, digits, mode)) for digits in (0, 3)]
    return ir.case(branches, ir.round_to(exact, 2, mode))


def _has_digits(currency: Expr, digits: int) -> Expr:
    return ir.Op(BOOL, "in", (currency, *(ir.lit(code) for code in codes_with_digits(digits))))
