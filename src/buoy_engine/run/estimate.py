"""What one more order would pay: the plan run with the order added, less the plan run without it.

A marginal line can lift a whole year's rebate, free a gate, or fall under a cap, and it pays those above the partner, too.
Nothing short of a full calculation knows all that; so the estimate is one, and equals the later statement to the cent if
nothing else happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from buoy_engine.facts.files import in_memory
from buoy_engine.facts.tables import Facts
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.changes import CannotChange, with_row
from buoy_engine.run.difference import Difference, compare_results
from buoy_engine.spec.model import Plan

ESTIMATED = "(estimate)"
"""The id of the line that is not there yet."""


@dataclass(frozen=True)
class Order:
    """One more line. What is None is answered from the facts: see `completed`."""

    partner: str
    product: str
    quantity: Decimal
    amount: Decimal | None = None
    currency: str | None = None
    date: date | None = None


@dataclass(frozen=True)
class Estimate:
    """An order as it was reckoned, and what it would change."""

    order: Order
    price_of: str | None
    difference: Difference


def completed(facts: Facts, order: Order) -> tuple[Order, str | None]:
    """The order with date, currency and amount, and the line whose price was taken. Raises `CannotChange`.

    The date defaults to the last day on which anything was sold; the currency to that of the partner's last line; the
    amount to the price of the product's last line: the partner's own, else anybody's in that currency.
    """
    records = list(in_memory(facts["lines"]).records()) if "lines" in facts else []
    dated = sorted((r for r in records if r["date"] is not None), key=lambda r: (str(r["date"]), str(r["id"])))
    day = order.date or (_day(dated[-1]["date"]) if dated else None)
    if day is None:
        raise CannotChange("there are no lines to take a date from; give --date")
    own = [r for r in dated if r["partner_id"] == order.partner]
    currency = order.currency or (own[-1].get("currency") if own else None)
    made = Order(order.partner, order.product, order.quantity, order.amount, currency, day)
    if order.amount is not None:
        return made, None
    priced = _priced(own, order.product, currency) or _priced(dated, order.product, currency)
    if priced is None:
        raise CannotChange(
            f"no line of {order.product} in {currency or 'the plan currency'} has a price; give --amount"
        )
    amount = (priced["amount"] * order.quantity / priced["quantity"]).quantize(Decimal("0.0001"))
    return Order(order.partner, order.product, order.quantity, amount, currency, day), str(priced["id"])


def _priced(records: list[dict[str, Any]], product: str, currency: str | None) -> dict[str, Any] | None:
    """The last sale of a product that has a price."""
    same = (r for r in reversed(records) if r.get("product_id") == product and r.get("currency") == currency)
    return next((r for r in same if r.get("quantity") and r["quantity"] > 0 and r["amount"] > 0), None)


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)


def with_order(facts: Facts, order: Order) -> Facts:
    """The facts with a completed order among the lines."""
    line = {
        "id": ESTIMATED,
        "partner_id": order.partner,
        "product_id": order.product,
        "quantity": order.quantity,
        "amount": order.amount,
        "currency": order.currency,
        "date": order.date,
    }
    return with_row(facts, "lines", line)


def estimate(plan: Plan, facts: Facts, order: Order, before: Result, backend: Callable[[], Backend]) -> Estimate:
    """What the order would add, over all partners and components. `before`: the plan run on the facts as they are.

    Raises `CannotChange` where the facts cannot hold such an order.
    """
    whole, price_of = completed(facts, order)
    made = backend()
    try:
        after = calculate(plan, with_order(facts, whole), made)
        return Estimate(whole, price_of, compare_results(before, after, lines=False))
    finally:
        made.close()
