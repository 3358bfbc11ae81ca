"""From earned to payable, period after period: held and released parts, draws, minimum, carried balances, differences.

A `Ledger` remembers what was posted. Closing a period posts what is earned in it, the difference of every earlier
period between what is known now and what was posted, and whatever parts of earlier earnings have become due.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .calendar import Period, add_months
from .contexts import PeriodContext, Span
from .currency import Purse, originals_of, statement_currency
from .exact import Refused, currency_digits, round_to, running_cents
from .expressions import parse
from .posting import Line
from .rules import Component

if TYPE_CHECKING:
    from .run import Run

ZERO = Fraction(0)
DRAW_KEYS = {"amount", "every", "recoverable", "recover", "cumulative", "paid", "forgive"}
STATEMENT_KEYS = {"draw", "minimum", "negative", "cap", "currency"}


@dataclass(frozen=True)
class Entry:
    """What a partner earned in one component and component period, and when its parts are due."""

    component: str
    period: Period
    posted_in: Period
    amount: Fraction
    taken_back: dict[Period, Fraction]  # statement period that paid → what rows take back of it
    dues: tuple[tuple[date | None, Fraction], ...]  # (first day of the statement period, amount); None: not yet

    @property
    def key(self) -> tuple[str, str]:
        return (self.component, self.period.id)

    def due(self, period: Period) -> Fraction:
        """The part of it that is due by the end of a statement period."""
        return sum((amount for start, amount in self.dues if start is not None and start <= period.start), ZERO)


@dataclass
class Account:
    """What is remembered of one partner."""

    posted: dict[tuple[str, str], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    paid_out: dict[tuple[str, str], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    taken_back: dict[tuple[str, str, Period], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    manual: dict[tuple[str, Period], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    purse: Purse = field(default_factory=Purse)
    balance: Fraction = ZERO
    debt: Fraction = ZERO
    credit: Fraction = ZERO
    advanced: Fraction = ZERO
    in_draw_period: Fraction = ZERO


@dataclass
class Ledger:
    """Accounts of all partners, and the statements of closed periods."""

    accounts: dict[str, Account] = field(default_factory=dict)
    statements: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    adjustments: dict[tuple[str, str, str], Fraction] = field(default_factory=dict)  # of the last closing

    def account(self, run: "Run", partner: str) -> Account:
        if partner not in self.accounts:
            account = Account()
            for row in run.facts.rows("balances"):
                if row.columns.get("partner_id") == partner:
                    amount = Fraction(row.columns["amount"])
                    if row.columns.get("account") == "draw":
                        account.debt += amount
                    elif row.columns.get("account") == "carried":
                        account.balance += amount
                    else:
                        raise Refused("balances", f"account {row.columns.get('account')}")
            self.accounts[partner] = account
        return self.accounts[partner]

    def differences(self, run: "Run") -> dict[tuple[str, str, str], Fraction]:
        """(partner, component, period) → what closed periods differ from what was posted in them."""
        found = {}
        for partner in run.partners:
            account = self.account(run, partner)
            for entry in entries(run, partner):
                difference = entry.amount - account.posted[entry.key]
                if entry.posted_in.id in self.closed and difference:
                    found[partner, entry.component, entry.period.id] = difference
        return found

    def close(self, run: "Run", period: Period) -> None:
        """Make the statements of one period."""
        unknown = set(run.plan.statement) - STATEMENT_KEYS
        if unknown:
            raise Refused("unknown-key", f"{sorted(unknown)} in statement")
        self.adjustments = self.differences(run)
        for partner in run.partners:
            self.statements[partner, period.id] = _statement(run, partner, self.account(run, partner), period)
        self.closed.append(period.id)


def entries(run: "Run", partner: str) -> list[Entry]:
    """Everything the partner earned, by component and period."""
    return run.once(("entries", partner), lambda: list(_entries(run, partner)))


def _entries(run: "Run", partner: str) -> Iterator[Entry]:
    for component in run.plan.components.values():
        if not component.pays:
            continue
        for period in run.component_periods(component):
            posting = run.posted(component, period)
            posted_in = run.calendar.period(run.plan.period, min(period.end, run.plan.valid[1]))
            amount = posting.cents.get(partner, ZERO)
            lines = [line for line in posting.lines if line.payee == partner]
            taken_back: dict[Period, Fraction] = defaultdict(Fraction)
            originals = originals_of(run, component)
            for line in lines:
                if line.row_id in originals:
                    taken_back[run.calendar.period(run.plan.period, originals[line.row_id])] += line.cents
            dues = _dues(run, component, posted_in, amount, lines)
            yield Entry(component.id, period, posted_in, amount, taken_back, dues)


def _dues(
    run: "Run", component: Component, posted_in: Period, amount: Fraction, lines: list[Line]
) -> tuple[tuple[date | None, Fraction], ...]:
    """When the parts are due. With an event on the row every row has its own schedule."""
    if not component.payout:
        return ((posted_in.start, amount),)
    if any(part.on for part in component.payout):
        pieces = [(line.cents, line.row_id) for line in lines]
    else:
        pieces = [(amount, None)]
    found: list[tuple[date | None, Fraction]] = []
    for cents, row_id in pieces:
        starts, shares = [], []
        for part in component.payout:
            for number in range(part.parts):
                starts.append(_release(run, component, posted_in, part.on, part.after_months + number, row_id))
                shares.append(part.share / part.parts)
        if sum(shares, ZERO) != 1:
            raise Refused("payout", "shares must sum to 100 %")
        parts = running_cents([cents * share for share in shares], component.rounding.digits, component.rounding.mode)
        found += list(zip(starts, parts, strict=True))
    return tuple(found)


def _release(
    run: "Run", component: Component, posted_in: Period, on: str | None, months: int, row_id: str | None
) -> date | None:
    """The first day of the statement period in which a part is due."""
    if on is None:
        day = add_months(posted_in.start, months)
    else:
        row = next((credit.row for credit in run.credits(component) if credit.row.id == row_id), None)
        if row is None:
            return posted_in.start
        when = row.columns.get(on)
        if when is None:
            return None
        day = add_months(run.facts.local_day(when), months)
    return max(posted_in.start, run.calendar.period(run.plan.period, day).start)


def _statement(run: "Run", partner: str, account: Account, period: Period) -> dict[str, Any]:
    """One partner's statement, and what it leaves in the account."""
    earned = adjusted = held = released = ZERO
    currency = statement_currency(run, partner, period)
    if account.purse.currency != currency:
        account.purse = Purse(currency)
    for entry in entries(run, partner):
        if entry.posted_in.start > period.start:
            continue
        new_amount = entry.amount - account.posted[entry.key]
        new_due = entry.due(period) - account.paid_out[entry.key]
        _take_back(run, account, entry, period, new_amount)
        if entry.posted_in.id == period.id:
            earned += new_amount
        else:
            adjusted += new_amount
        waiting = new_amount - new_due
        held += max(ZERO, waiting) if entry.posted_in.id != period.id else waiting
        released += max(ZERO, -waiting) if entry.posted_in.id != period.id else ZERO
        account.posted[entry.key] += new_amount
        account.paid_out[entry.key] += new_due
    adjusted += _manual(run, partner, account, period)
    gross = earned + adjusted - held + released
    topped_up, recovered = _draw(run, partner, account, period, gross)
    _forgive(run, account, period)
    net = gross + topped_up - recovered
    cap = run.plan.statement.get("cap")
    if cap is not None:
        net = min(net, _number(run, partner, period, cap))
    brought = account.balance
    payable, carried = _paid(run, partner, period, brought + net)
    account.balance = carried
    return {
        "earned": earned,
        "adjusted": adjusted,
        "held": held,
        "released": released,
        "topped_up": topped_up,
        "recovered": recovered,
        "draw_debt": account.debt,
        "brought_forward": brought,
        "payable": account.purse.pay(run, period, payable, carried),
        "carried_forward": carried,
        "currency": currency,
    }


def _take_back(run: "Run", account: Account, entry: Entry, period: Period, new_amount: Fraction) -> None:
    """Rows take back of the statement that paid their sale; a closed period that is worth less, of its own."""
    rest = new_amount
    for paid_in in {*entry.taken_back, *(when for *key, when in account.taken_back if tuple(key) == entry.key)}:
        key = (*entry.key, paid_in)
        new = entry.taken_back.get(paid_in, ZERO) - account.taken_back[key]
        account.taken_back[key] += new
        account.purse.take(run, new, paid_in)
        rest -= new
    if entry.posted_in.start < period.start and rest < 0:
        account.purse.take(run, rest, entry.posted_in)


def _manual(run: "Run", partner: str, account: Account, period: Period) -> Fraction:
    """What manual adjustments dated up to the period's end bring that was not posted yet."""
    known: dict[tuple[str, Period], Fraction] = defaultdict(Fraction)
    for row in run.facts.rows("adjustments"):
        if row.partner == partner and run.statement_periods[0].start <= row.date <= period.end:
            component = str(row.columns.get("component") or "adjustment")
            known[component, run.calendar.period(run.plan.period, row.date)] += Fraction(row.columns["amount"])
    brought = ZERO
    for key in {*known, *account.manual}:
        new = known.get(key, ZERO) - account.manual[key]
        if key[1].start < period.start and new < 0:
            account.purse.take(run, new, key[1])
        account.manual[key] += new
        brought += new
    return brought


def _number(run: "Run", partner: str, period: Period, value: Any) -> Fraction:
    context = PeriodContext(run, None, partner, period, Span.of(period))
    return context.amount(parse(value)) or ZERO


# --- Draw -------------------------------------------------------------------------------------------------------


def _draw(run: "Run", partner: str, account: Account, period: Period, gross: Fraction) -> tuple[Fraction, Fraction]:
    """(topped up, recovered) in this statement; debt and credit are kept in the account."""
    draw = run.plan.statement.get("draw")
    if draw is None:
        repaid = min(account.debt, max(ZERO, gross))
        account.debt -= repaid
        return ZERO, repaid
    if not isinstance(draw, dict):
        draw = {"amount": draw}
    unknown = set(draw) - DRAW_KEYS
    if unknown:
        raise Refused("unknown-key", f"{sorted(unknown)} in draw")
    whole = run.calendar.period(draw.get("every", run.plan.period), period.end)
    if draw.get("paid", "end") == "start":
        return _advance(run, partner, account, period, whole, draw, gross)
    account.in_draw_period += gross
    if run.calendar.shifted(period, 1).start <= whole.end:
        return ZERO, ZERO
    total, account.in_draw_period = account.in_draw_period, ZERO
    amount = _guarantee(run, partner, whole, draw)
    guarantee = max(ZERO, amount - account.credit)
    if draw.get("cumulative", False):
        account.credit = max(ZERO, account.credit + total - amount)
    if guarantee > 0 and total < guarantee:
        if draw.get("recoverable", True):
            account.debt += guarantee - total
        return guarantee - total, ZERO
    return ZERO, _recovery(run, account, draw, total - guarantee)


def _forgive(run: "Run", account: Account, period: Period) -> None:
    """At the end of a quarter, half year or year what is still owed is owed no more."""
    draw = run.plan.statement.get("draw")
    word = draw.get("forgive") if isinstance(draw, dict) else None
    if word is not None:
        following = run.calendar.shifted(period, 1)
        whole, after = (run.calendar.period(word, end) for end in (period.end, following.end))
        if whole.id != after.id:
            account.debt = ZERO


def _guarantee(run: "Run", partner: str, whole: Period, draw: dict[str, Any]) -> Fraction:
    """The draw of one draw period: nothing without enrolment or after the plan, prorated when the plan says so."""
    if (
        whole.start > run.plan.valid[1]
        or not run.is_eligible(partner, whole, None)
        or run.active_days(partner, whole.start, whole.end) == 0
    ):
        return ZERO
    share = run.active_share(partner, whole.start, whole.end, run.plan.settings["prorate"])
    digits = currency_digits(run.plan.currency)
    return round_to(_number(run, partner, whole, draw.get("amount", 0)) * share, digits, run.plan.settings["rounding"])


def _recovery(run: "Run", account: Account, draw: dict[str, Any], excess: Fraction) -> Fraction:
    """What the excess pays back of the debt."""
    share = exact_share(draw.get("recover", 1))
    most = round_to(max(ZERO, excess) * share, currency_digits(run.plan.currency), run.plan.settings["rounding"])
    recovered = min(account.debt, most)
    account.debt -= recovered
    return recovered


def exact_share(value: Any) -> Fraction:
    read = parse(value)
    found = getattr(read, "value", None)
    if not isinstance(found, Fraction):
        raise Refused("draw", f"recover: {value}")
    return found


def _advance(
    run: "Run",
    partner: str,
    account: Account,
    period: Period,
    whole: Period,
    draw: dict[str, Any],
    gross: Fraction,
) -> tuple[Fraction, Fraction]:
    """A draw paid at the beginning: earnings repay it first, what they do not repay by its end is owed or waived."""
    topped_up = ZERO
    if run.calendar.shifted(period, -1).end < whole.start:
        topped_up = _guarantee(run, partner, whole, draw)
        account.advanced, account.in_draw_period = topped_up, ZERO
    filled = min(account.advanced, max(ZERO, account.in_draw_period))
    account.in_draw_period += gross
    unfilled = account.advanced - min(account.advanced, max(ZERO, account.in_draw_period))
    repaid = account.advanced - unfilled - filled
    recovered = repaid + _recovery(run, account, draw, gross - repaid)
    if run.calendar.shifted(period, 1).start > whole.end:
        if draw.get("recoverable", True):
            account.debt += unfilled
        account.advanced = ZERO
    return topped_up, recovered


# --- Payable ----------------------------------------------------------------------------------------------------


def _paid(run: "Run", partner: str, period: Period, balance: Fraction) -> tuple[Fraction, Fraction]:
    """(payable, carried forward)."""
    policy = run.plan.statement.get("negative", "carry")
    if balance < 0:
        return {"carry": (ZERO, balance), "zero": (ZERO, ZERO), "pay": (balance, ZERO)}[policy]
    minimum = _number(run, partner, period, run.plan.statement.get("minimum", 0))
    if balance < minimum and not run.facts.has_left(partner, period.end):
        return ZERO, balance
    return balance, ZERO
