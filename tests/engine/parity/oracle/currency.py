"""The statement's currency: the payable amount at the rate of the period's end, reversals at the rate of their sale."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from .calendar import Period
from .exact import currency_digits, round_to
from .rules import Component

if TYPE_CHECKING:
    from .run import Run

ZERO = Fraction(0)


def statement_currency(run: "Run", partner: str, period: Period) -> str:
    """The plan's currency, a named one, or (`partner`) each partner's own."""
    wanted = run.plan.statement.get("currency")
    if wanted == "partner":
        wanted = run.facts.attribute("partners", partner, "currency", period.end)
    return str(wanted or run.plan.currency)


def in_statement_currency(run: "Run", partner: str, period: Period, payable: Fraction, currency: str) -> Fraction:
    """The payable amount; what is taken back in it counts at the rate at which it was once paid."""
    if currency == run.plan.currency or payable == 0:
        return payable
    now = _rate(run, currency, period.end)
    if now is None:
        run.problems.add("missing-rate")
        return payable
    exact = payable * now
    if run.plan.settings["reversal_rate"] == "original":
        for cents, day in _reversals(run, partner, period):
            then = _rate(run, currency, run.calendar.period(run.plan.period, day).end)
            exact += cents * ((now if then is None else then) - now)
    return round_to(exact, currency_digits(currency), run.plan.settings["rounding"])


def _rate(run: "Run", currency: str, day: date) -> Fraction | None:
    """Units of the currency for one unit of the plan's."""
    by_plan = run.plan.settings["pay_rate"] == "plan_rate"
    direct = run.facts.exchange_rate(run.plan.currency, day, by_plan, to=currency)
    if direct is not None:
        return direct
    inverse = run.facts.exchange_rate(currency, day, by_plan)
    return None if not inverse else 1 / inverse


def _reversals(run: "Run", partner: str, period: Period) -> Iterator[tuple[Fraction, date]]:
    """(cents, day of the original sale) of what this statement takes back of earlier ones."""
    for component in run.plan.components.values():
        originals = _originals(run, component)
        for own in run.component_periods(component):
            if not component.pays or not period.holds(own.end):
                continue
            for line in run.posted(component, own).lines:
                if line.payee == partner and line.row_id in originals:
                    yield line.cents, originals[line.row_id]


def _originals(run: "Run", component: Component) -> dict[str | None, date]:
    """Row → day of the sale it takes back: followers, and returns that follow their sale."""
    found: dict[str | None, date] = {}
    if component.credit.kind == "follow":
        for credit in run.credits(component):
            if credit.original is not None:
                found[credit.row.id] = credit.original.date
    if component.settings["returns"] == "original":
        for row in run.row_set(component.source):
            original = run.original_of(row)
            if original is not None:
                found[row.id] = original.date
    return found
