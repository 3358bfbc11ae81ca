"""Rounding: from exact money to cents by payee and by row, returns that follow their sale, and shared rewards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from .calendar import Period
from .contexts import Credit
from .credit import returned_rows, splits_of
from .exact import largest_remainder, round_to, running_cents
from .facts import Row
from .limits import final
from .payment import Cell, GroupPay
from .rules import Component

if TYPE_CHECKING:
    from .run import Run

ZERO = Fraction(0)


@dataclass(frozen=True)
class Line:
    """What one payee is shown on one row of one component. `row_id` None: money of no row."""

    component: str
    period: Period
    row_id: str | None
    payee: str
    cents: Fraction
    exact: Fraction


@dataclass
class Posting:
    """One component in one period."""

    cents: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    exact: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    lines: list[Line] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)

    def add(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.cents[line.payee] += line.cents
            self.exact[line.payee] += line.exact
            self.lines.append(line)


def post(run: "Run", component: Component, period: Period) -> Posting:
    """The rounded result of one component in one period."""
    posting = Posting()
    for payee, pays in final(run, component, period).items():
        lines = _lines(run, component, period, payee, pays)
        posting.add(_shared(run, component, lines) if component.credit.kind == "reward" else lines)
        posting.cells += _cells(component, pays, sum((line.cents for line in lines), ZERO))
    for lines in _returns(run, component, period, posting).values():
        posting.add(lines)
    return posting


def _cells(component: Component, pays: Sequence[GroupPay], cents: Fraction) -> list[Cell]:
    """The cells with what they earned: the posted cents of the only group, else each group's own rounded money."""
    if len(pays) == 1:
        return [replace(pay.cell, exact=pay.total, earned=cents) for pay in pays]
    return [replace(pay.cell, exact=pay.total, earned=_rounded(component, pay.total)) for pay in pays]


def _lines(run: "Run", component: Component, period: Period, payee: str, pays: Sequence[GroupPay]) -> list[Line]:
    """A payee's rows with their cents, and one line for money of no row. They add up to the rounded total."""
    position = {id(credit): place for place, credit in enumerate(run.credits(component))}
    rows = sorted((row for pay in pays for row in pay.rows), key=lambda row: position[id(row[0])])
    loose = sum((pay.loose for pay in pays), ZERO)
    before = _before(run, component, period, payee)
    weights = _weights(run, component, period, payee, rows)
    shown, rest = cents_of(component, [amount for _, amount in rows], loose, before, weights)
    lines = [
        Line(component.id, period, credit.row.id, payee, cents, amount)
        for (credit, amount), cents in zip(rows, shown, strict=True)
    ]
    if loose or rest:
        lines.append(Line(component.id, period, None, payee, rest, loose))
    return lines


def _weights(
    run: "Run", component: Component, period: Period, payee: str, rows: Sequence[tuple[Credit, Fraction]]
) -> list[Fraction]:
    """What a total is shared by with `largest_remainder`: each row's reward before limits."""
    before = {id(credit): amount for pay in run.raw(component, period).get(payee, []) for credit, amount in pay.rows}
    return [before.get(id(credit), ZERO) for credit, _ in rows]


def _before(run: "Run", component: Component, period: Period, payee: str) -> Fraction:
    """The exact money posted earlier in the accumulating window, so that its total is rounded once."""
    if component.accumulate is None:
        return ZERO
    whole = run.calendar.period(component.accumulate, period.end)
    total = ZERO
    for earlier in run.component_periods(component):
        if whole.holds(earlier.end) and earlier.end < period.start:
            total += sum((pay.total for pay in final(run, component, earlier).get(payee, [])), ZERO)
    return total


def cents_of(
    component: Component,
    amounts: Sequence[Fraction],
    loose: Fraction,
    before: Fraction = ZERO,
    weights: Sequence[Fraction] = (),
) -> tuple[list[Fraction], Fraction]:
    """(cents of each row, cents of no row)."""
    rounding = component.rounding
    if rounding.is_off:
        return list(amounts), loose
    digits, mode = rounding.digits, rounding.mode
    if component.rounds_rows and component.accumulate is None:
        return [round_to(amount, digits, mode) for amount in amounts], round_to(loose, digits, mode)
    whole = before + sum(amounts, loose)
    total = round_to(whole, digits, mode) - round_to(before, digits, mode)
    weights = weights or amounts
    if component.lines == "largest_remainder" and not loose and sum(weights, ZERO) != 0:
        shown = largest_remainder(total, weights, digits)
    else:
        shown = running_cents(amounts, digits, mode, before)
    return shown, total - sum(shown, ZERO)


# --- Rewards that are shared after they are calculated ----------------------------------------------------------


def _shared(run: "Run", component: Component, lines: Sequence[Line]) -> list[Line]:
    """Each row's money by the splits of the row, cents by largest remainder; overlay shares come on top."""
    found = []
    for line in lines:
        row = next((credit.row for credit in run.credits(component) if credit.row.id == line.row_id), None)
        splits = [] if row is None else splits_of(run, row)
        shared = [split for split in splits if not split.get("overlay")]
        if not shared:
            found.append(line)
        else:
            shares = [Fraction(split["share"]) for split in shared]
            cents = _parts(component, line.cents, shares)
            for split, share, part in zip(shared, shares, cents, strict=True):
                found.append(replace(line, payee=str(split["partner_id"]), cents=part, exact=line.exact * share))
        for split in splits:
            if split.get("overlay"):
                share = Fraction(split["share"])
                extra = _rounded(component, line.cents * share)
                found.append(replace(line, payee=str(split["partner_id"]), cents=extra, exact=line.exact * share))
    return found


def _parts(component: Component, cents: Fraction, shares: Sequence[Fraction]) -> list[Fraction]:
    if component.rounding.is_off:
        return [cents * share for share in shares]
    return largest_remainder(cents, shares, component.rounding.digits)


def _rounded(component: Component, amount: Fraction) -> Fraction:
    rounding = component.rounding
    return amount if rounding.is_off else round_to(amount, rounding.digits, rounding.mode)


# --- Returns that take back what their sale earned --------------------------------------------------------------


def _returns(run: "Run", component: Component, period: Period, here: Posting) -> dict[str, list[Line]]:
    """Lines of the period's returns. The parts of one sale are rounded together, so a full return takes the very cents."""
    found: dict[str, list[Line]] = defaultdict(list)
    for row, so_far in _with_returned_before(run, component):
        if not period.holds(row.date) or not run.is_in_force(row.date):
            continue
        original = run.original_of(row)
        earned = None if original is None else _earned_on(run, component, period, original.id, original.date, here)
        if original is None or not earned:
            run.problems.update(["unknown-original"] if original is None else [])
            run.reject(component.id, row.id, "no_original")
            continue
        for name in (component.id, *_sources_of(run, component)):
            run.uncredited[row.id].pop(name, None)  # its sale was judged, it is not
        whole, amount = _given_amount(run, original), _given_amount(run, row)
        if not whole or amount is None:
            continue
        parts = [_part_returned(given, whole) for given in (so_far, so_far - amount)]
        for payee, cents in earned.items():
            before, after = (_rounded(component, cents * part) for part in parts)
            found[payee].append(Line(component.id, period, row.id, payee, before - after, before - after))
    return found


def _sources_of(run: "Run", component: Component) -> Iterator[str]:
    """The named sources that the component's rows come through."""
    origin = component.source.origin
    while origin in run.plan.sources:
        yield origin
        origin = run.plan.sources[origin].origin


def _with_returned_before(run: "Run", component: Component) -> list[tuple[Row, Fraction]]:
    """Returns by day and id, each with what had been returned of its sale before."""
    so_far: dict[str | None, Fraction] = defaultdict(Fraction)
    found = []
    for row in sorted(returned_rows(run, component), key=lambda row: (row.date, row.id)):
        found.append((row, so_far[row.returned_id]))
        so_far[row.returned_id] -= _given_amount(run, row) or ZERO
    return found


def _given_amount(run: "Run", row: Row) -> Fraction | None:
    """The amount in the row's own currency: what share of a sale comes back is no matter of exchange rates."""
    given = run.facts.find(row.table, row.id)
    amount = None if given is None else given.columns.get("amount")
    return None if amount is None else Fraction(amount)


def _part_returned(given: Fraction, whole: Fraction) -> Fraction:
    """The part of a sale (or credit note) that has come back: never more than all of it."""
    return min(given / whole, Fraction(1))


def _earned_on(
    run: "Run", component: Component, period: Period, row_id: str, day: object, here: Posting
) -> dict[str, Fraction]:
    """The cents each payee was shown on a row, in its own period."""
    own = period if period.holds(day) else run.calendar.period(component.every, day)  # type: ignore[arg-type]
    posting = here if own == period else run.posted(component, own)
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in list(posting.lines):
        if line.row_id == row_id:
            found[line.payee] += line.cents
    return found


__all__ = ["Credit", "Line", "Posting", "cents_of", "post"]
