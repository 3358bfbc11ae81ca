"""`buoy plan estimate`: what one more order would pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import calculated, record
from buoy.cli.plan.diff import answer
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run import wording
from buoy_engine.run.changes import CannotChange
from buoy_engine.run.estimate import Estimate, Order, estimate


def estimate_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="One plan, or all that the partner earns by.")],
    facts: inputs.FactsFolder,
    partner: Annotated[str, typer.Option("--partner", metavar="P", help="Who sells.")],
    product: Annotated[str, typer.Option("--product", metavar="X", help="What is sold.")],
    quantity: Annotated[str, typer.Option("--quantity", metavar="N", help="How many.")],
    amount: Annotated[str | None, typer.Option("--amount", help="For how much; default: at the last price.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", help="Default: that of the partner's last line.")
    ] = None,
    on: Annotated[str | None, typer.Option("--date", help="When; default: the last day with a sale.")] = None,
    as_json: inputs.AsJson = False,
) -> None:
    """One more order of N units of X: what it would add, for the partner and everybody else who earns on it."""
    order = Order(partner, product, _number("--quantity", quantity), _maybe("--amount", amount), currency, _day(on))
    found = [(file, _one(file, facts, order)) for file in files]
    if as_json:
        screen.as_json([{"plan": str(file), **_answer(each)} for file, each in found])
        return
    for file, each in found:
        _print(each, file if len(found) > 1 else None)
    if len(found) > 1:
        total = sum((_own(each, partner) for _, each in found), Decimal(0))
        screen.say(f"{partner} earns {screen.money(total)} more over all plans (in their currencies)")


def _one(file: Path, facts: Path, order: Order) -> Estimate:
    with calculated(file, facts) as done:
        known = {row["partner_id"] for row in done.result.backend.read("payees", ("partner_id",))}
        if order.partner not in known:
            screen.stop(f"found no partner {order.partner} in the facts; expected the partner_id of a partner")
        try:
            with screen.working("calculating with the order"):
                return estimate(done.plan, done.facts, order, done.result, DuckDb)
        except CannotChange as error:
            screen.stop(f"the order cannot be added: {error}")


def _number(option: str, text: str) -> Decimal:
    try:
        found = Decimal(text.replace("_", ""))
    except InvalidOperation:
        screen.stop(f"found {option} {text}; expected a number such as 10 or 1234.50")
    return found if found.is_finite() else screen.stop(f"found {option} {text}; expected a number such as 10")


def _maybe(option: str, text: str | None) -> Decimal | None:
    return None if text is None else _number(option, text)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        screen.stop(f"found --date {text}; expected a day such as 2025-03-31")


def _own(found: Estimate, partner: str) -> Decimal:
    return sum((d.delta for d in found.difference.deltas if d.partner == partner), Decimal(0))


def _answer(found: Estimate) -> dict[str, Any]:
    difference = answer(found.difference)
    wanted = ("currency", "delta", "earnings")
    return {"order": record(found.order), "price_of": found.price_of, **{name: difference[name] for name in wanted}}


def _print(found: Estimate, file: Path | None) -> None:
    order = found.order
    if file is not None:
        screen.say(f"{file}:")
    price = f", at the price of line {found.price_of}" if found.price_of else ""
    sold = f"{order.quantity:f} × {order.product} for {wording.amount(order.amount)} {order.currency or ''}".strip()
    screen.say(f"{order.partner} sells {sold} on {order.date}{price}")
    own = _own(found, order.partner)
    screen.say(f"{order.partner} earns {screen.money(own)} {found.difference.currency} more")
    rows = [
        (d.partner, d.component, d.period, screen.money(d.old), screen.money(d.new), screen.money(d.delta))
        for d in found.difference.deltas
    ]
    columns = ("partner", "component", "period", "without", "with", "more")
    if rows:
        screen.table("What the order changes", columns, rows, right=("without", "with", "more"))
