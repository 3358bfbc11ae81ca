"""The statement's currency: the payable amount at the rate of the period's end, what is taken back at the rate that paid it.

A `Purse` remembers per partner what the statements so far took back without paying a balance.
"""

from dataclasses import dataclass
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


@dataclass
class Purse:
    """`taken` in plan currency and `worth` in that of payment: taken back, not settled yet. `rest`: what a payment lacked."""

    currency: str = ""
    taken: Fraction = ZERO
    worth: Fraction = ZERO
    rest: Fraction = ZERO

    def take(self, run: "Run", amount: Fraction, paid_in: Period) -> None:
        """An amount of plan currency that an earlier statement paid."""
        rate = _rate(run, self.currency, paid_in.end)
        if run.plan.settings["reversal_rate"] == "original" and rate is not None:
            self.taken += amount
            self.worth += amount * rate

    def pay(self, run: "Run", period: Period, payable: Fraction, carried: Fraction) -> Fraction:
        """What a statement pays of a balance."""
        if self.currency == run.plan.currency:
            return payable
        now, policy = _rate(run, self.currency, period.end), run.plan.statement.get("negative", "carry")
        if now is None:
            run.problems.update(["missing-rate"] if payable else [])
            return payable
        if payable == 0 and carried != 0:
            return ZERO
        total = self.rest + (payable - self.taken) * now + self.worth
        if payable == 0 and policy == "zero":
            total = self.rest
        self.taken = self.worth = ZERO
        paid = total if policy == "pay" else max(ZERO, total)
        self.rest = total - paid
        return round_to(paid, currency_digits(self.currency), run.plan.settings["rounding"])


def _rate(run: "Run", currency: str, day: date) -> Fraction | None:
    """Units of the currency for one unit of the plan's."""
    by_plan = run.plan.settings["pay_rate"] == "plan_rate"
    direct = run.facts.exchange_rate(run.plan.currency, day, by_plan, to=currency)
    if direct is not None:
        return direct
    inverse = run.facts.exchange_rate(currency, day, by_plan)
    return None if not inverse else 1 / inverse


def originals_of(run: "Run", component: Component) -> dict[str | None, date]:
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
