"""In which currency a payee is paid on a day, and at which rate."""

from __future__ import annotations

from buoy_engine.compile.rows import as_of, dated
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr, Join


def payment_currency(s: Settlement, joins: list[Join], payee: Expr, day: Expr) -> Expr:
    """What a payee is paid in, on a day; adds the join to the partner where that decides."""
    wanted = s.plan.statement.currency
    plan_currency = ir.lit(s.plan.currency)
    if wanted == "partner" and s.builder.has("partners", "currency"):
        joins.append(as_of(s.builder, "partners", "c", payee, day))
        return ir.coalesce(s.builder.col(dated(s.builder, "partners"), "currency", "c"), plan_currency)
    return plan_currency if wanted in (None, "plan", "partner") else ir.lit(wanted)


def rate_on(s: Settlement, alias: str, currency: Expr, day: Expr) -> Join:
    """The rate of a currency on a day."""
    f = s.builder.columns("fx_pay", alias, "currency", "d")
    return Join("fx_pay", alias, ir.every(ir.eq(f["currency"], currency), ir.eq(f["d"], day)))


def converted(s: Settlement, amount: Expr, alias: str) -> Expr:
    """An amount of plan currency in the currency of a rate, to twelve decimals."""
    f = s.builder.columns("fx_pay", alias, "rate", "per_plan")
    divided = ir.div(amount, f["rate"])
    if not s.builder.fx_inverse:
        return divided
    return ir.case([(ir.not_null(f["per_plan"]), ir.mul(amount, f["per_plan"]))], divided)
