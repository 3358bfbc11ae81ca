"""Caps, floors and budgets, in the order written, and the comparison of components (`best_of`).

A limit over more than one period clamps the running sum: what a period may pay is the clamped sum after it, less the
clamped sum before it. So the result does not depend on how the periods were cut, and a clawback frees room again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .calendar import Period
from .contexts import Credit, PeriodContext, is_about_rows
from .exact import largest_remainder
from .payment import GroupPay, window
from .rows import fitted
from .rules import Component, Limit

if TYPE_CHECKING:
    from .run import Run

ZERO = Fraction(0)
Pays = dict[str, list[GroupPay]]


def limited(run: "Run", component: Component, period: Period, steps: int | None = None) -> Pays:
    """What a component pays in a period after its first so many limits (default: all of them)."""
    steps = len(component.limits) if steps is None else steps
    return run.once(("limited", component.id, period, steps), lambda: _limited(run, component, period, steps))


def _limited(run: "Run", component: Component, period: Period, steps: int) -> Pays:
    if steps == 0:
        return run.raw(component, period)
    before = limited(run, component, period, steps - 1)
    place = steps - 1
    limit = component.limits[place]
    if limit.per == "programme":
        allowed = run.once(("programme", component.id, place), lambda: _programme(run, component, place))
        return {payee: _granted(run, component, period, payee, pays, allowed) for payee, pays in before.items()}
    return {payee: _payee_limit(run, component, period, place, payee, pays) for payee, pays in before.items()}


def _payee_limit(
    run: "Run", component: Component, period: Period, place: int, payee: str, pays: list[GroupPay]
) -> list[GroupPay]:
    limit = component.limits[place]
    if limit.per == "row":
        return [_rows_clamped(run, component, period, limit, pay) for pay in pays]
    context = PeriodContext(run, component, payee, period, window(run, component, period))
    if limit.per == "group":
        low, high = _bounds(context, limit)
        return [
            _clamped_run(run, component, [pay], low if _may_be_lifted([pay]) else None, high, ZERO)[0] for pay in pays
        ]
    start = ZERO
    low, high = _bounds(context, limit)
    if limit.excess == "carry":
        start = _carried(run, component, period, place, payee)
    elif limit.per != "period":
        start = _sum_before(run, component, period, place, payee, limit.per)
        low = low if _is_last(run, component, period, limit.per) else None
    if not _may_be_lifted(pays):
        low = None
    if limit.excess == "carry":
        return _with_carry(pays, start, high)
    return _clamped_run(run, component, pays, low, high, start)


def _may_be_lifted(pays: Sequence[GroupPay]) -> bool:
    """A floor lifts neither what a gate has refused nor a period without rows."""
    return any(pay.rows and not pay.is_refused for pay in pays)


def _bounds(context: PeriodContext, limit: Limit) -> tuple[Fraction | None, Fraction | None]:
    low = None if limit.minimum is None else context.amount(limit.minimum)
    high = None if limit.maximum is None else context.amount(limit.maximum)
    return low, high


def _is_last(run: "Run", component: Component, period: Period, per: str) -> bool:
    whole = run.calendar.period(per, period.end)
    return run.calendar.shifted(period, 1).end > whole.end


def _sum_before(run: "Run", component: Component, period: Period, place: int, payee: str, per: str) -> Fraction:
    """What the payee would have been paid earlier in the same year (quarter, plan), before this limit."""
    whole = run.calendar.period(per, period.end)
    total = ZERO
    for earlier in run.component_periods(component):
        if whole.holds(earlier.end) and earlier.end < period.start:
            total += _total(limited(run, component, earlier, place).get(payee, []))
    return total


def _total(pays: Sequence[GroupPay]) -> Fraction:
    return sum((pay.total for pay in pays), ZERO)


def _carried(run: "Run", component: Component, period: Period, place: int, payee: str) -> Fraction:
    """What earlier periods held back: earned before this limit, less paid after it."""
    total = ZERO
    for earlier in run.component_periods(component):
        if earlier.end < period.start:
            total += _total(limited(run, component, earlier, place).get(payee, []))
            total -= _total(limited(run, component, earlier, place + 1).get(payee, []))
    return total


def _with_carry(pays: list[GroupPay], carried: Fraction, high: Fraction | None) -> list[GroupPay]:
    """Carried money comes first, as money of no row; then the rows until the cap is reached."""
    if not pays:
        return pays
    total = carried + _total(pays)
    allowed = total if high is None else min(total, high)
    result = [replace(pay, rows=list(pay.rows)) for pay in pays]
    result[0].loose += carried
    return _cut(result, allowed)


def _cut(pays: list[GroupPay], allowed: Fraction) -> list[GroupPay]:
    """Money in business order until the allowance is used up."""
    over = _total(pays) - allowed
    for pay, place in reversed(_places(pays)):
        if over <= 0:
            break
        amount = pay.loose if place is None else pay.rows[place][1]
        less = min(over, max(ZERO, amount))
        over -= less
        _set(pay, place, amount - less)
    if over > 0 and pays:
        pays[-1].loose -= over
    return pays


def _places(pays: Sequence[GroupPay]) -> list[tuple[GroupPay, int | None]]:
    """Every amount of the payee: loose ones first, then rows in business order."""
    found: list[tuple[GroupPay, int | None]] = [(pay, None) for pay in pays]
    rows = [(pay, place) for pay in pays for place in range(len(pay.rows))]
    return found + rows


def _set(pay: GroupPay, place: int | None, amount: Fraction) -> None:
    if place is None:
        pay.loose = amount
    else:
        pay.rows[place] = (pay.rows[place][0], amount)


def _clamped_run(
    run: "Run",
    component: Component,
    pays: list[GroupPay],
    low: Fraction | None,
    high: Fraction | None,
    start: Fraction,
) -> list[GroupPay]:
    """The running sum from `start` clamped to the cap; a floor is added at the end."""
    result = [replace(pay, rows=list(pay.rows)) for pay in pays]
    order = _in_order(run, component, result)
    running, allowed = start, _at_most(start, high)
    for pay, place in order:
        running += pay.loose if place is None else pay.rows[place][1]
        now = _at_most(running, high)
        _set(pay, place, now - allowed)
        allowed = now
    if low is not None and allowed < low and order:
        pay, place = order[-1]
        amount = pay.loose if place is None else pay.rows[place][1]
        _set(pay, place, amount + low - allowed)
    return result


def _at_most(value: Fraction, high: Fraction | None) -> Fraction:
    return value if high is None else min(value, high)


def _in_order(run: "Run", component: Component, pays: Sequence[GroupPay]) -> list[tuple[GroupPay, int | None]]:
    """Rows of all groups in business order, then what belongs to no row."""
    position = {id(credit): place for place, credit in enumerate(run.credits(component))}
    rows: list[tuple[GroupPay, int | None]] = [(pay, place) for pay in pays for place in range(len(pay.rows))]
    rows.sort(key=lambda item: position[id(item[0].rows[item[1] or 0][0])])
    loose: list[tuple[GroupPay, int | None]] = [(pay, None) for pay in pays if pay.loose or not pay.rows]
    return rows + loose


def _rows_clamped(run: "Run", component: Component, period: Period, limit: Limit, pay: GroupPay) -> GroupPay:
    """Each row between the bounds; a negative row mirrors the positive one; nothing refused is lifted."""
    rows = []
    for credit, amount in pay.rows:
        context = PeriodContext(run, component, credit.payee, period, window(run, component, period), credit=credit)
        low, high = _bounds(context, limit)
        sign = -1 if amount < 0 else 1
        size = _at_most(abs(amount), high)
        if low is not None and not pay.is_refused:
            size = max(size, low)
        rows.append((credit, sign * size))
    return replace(pay, rows=rows)


# --- One budget for all -----------------------------------------------------------------------------------------


def _key(component: Component, period: Period, payee: str, credit: Credit | None) -> Any:
    return (period.id, payee) if credit is None else id(credit)


Claim = tuple[Any, Credit | None, str, Period, Fraction]


def _claims(run: "Run", component: Component, place: int) -> list[Claim]:
    """Everybody's money before the limit, in business order."""
    claims: list[Claim] = []
    position = {id(credit): number for number, credit in enumerate(run.credits(component))}
    for period in run.component_periods(component):
        found: list[Claim] = []
        for payee, pays in limited(run, component, period, place).items():
            for pay in pays:
                found += [(position[id(credit)], credit, payee, period, amount) for credit, amount in pay.rows]
                if pay.loose:
                    found.append((len(position), None, payee, period, pay.loose))
        claims += sorted(found, key=lambda claim: (claim[0], claim[2]))
    return claims


def _programme(run: "Run", component: Component, place: int) -> dict[Any, Fraction]:
    """What everybody gets of a budget for the whole plan."""
    limit = component.limits[place]
    claims = _claims(run, component, place)
    last = run.component_periods(component)[-1]
    context = PeriodContext(run, component, "", last, window(run, component, last))
    _, high = _bounds(context, limit)
    allowed: dict[Any, Fraction] = defaultdict(Fraction)
    whole = sum((claim[4] for claim in claims), ZERO)
    used = ZERO
    shares = None
    if limit.fit == "pro_rata" and high is not None and whole > high:
        shares = largest_remainder(high, [claim[4] for claim in claims], component.rounding.digits)
    for number, (_, credit, payee, period, amount) in enumerate(claims):
        if limit.fit == "pro_rata":
            granted = amount if shares is None else shares[number]
        elif limit.fit == "whole":
            units = _units(run, component, period, credit)
            granted = _whole_units(credit, units, amount, None if high is None else high - used)
        else:
            granted = fitted(amount, None if high is None else high - used, limit.fit)
        used += granted
        allowed[_key(component, period, payee, credit)] += granted
    return allowed


def _units(run: "Run", component: Component, period: Period, credit: Credit | None) -> Fraction | None:
    """The base of a row: the units of a reward per unit."""
    if credit is None or not is_about_rows(component.base, run, component):
        return None
    context = PeriodContext(run, component, credit.payee, period, window(run, component, period))
    return context.row_values(component.base, [credit])[0]


def _whole_units(credit: Credit | None, units: Fraction | None, amount: Fraction, room: Fraction | None) -> Fraction:
    """Only complete unit rewards: the reward of the row divided by its base."""
    quantity = None if credit is None else units
    if room is None or amount <= room or not quantity or amount <= 0:
        return amount if room is None or amount <= room else ZERO
    unit = amount / Fraction(quantity)
    return unit * fitted(Fraction(quantity), max(ZERO, room) / unit, "whole")


def _granted(
    run: "Run",
    component: Component,
    period: Period,
    payee: str,
    pays: list[GroupPay],
    allowed: dict[Any, Fraction],
) -> list[GroupPay]:
    result = []
    for pay in pays:
        rows = []
        for credit, amount in pay.rows:
            granted = allowed.get(id(credit), ZERO)
            if granted != amount:
                run.reject(component.id, credit.row.id, "limit_reached" if granted == 0 else "limit_cut")
            rows.append((credit, granted))
        loose = allowed.get((period.id, payee), ZERO) if pay.loose else ZERO
        result.append(replace(pay, rows=rows, loose=loose))
    return result


# --- Only the best is paid --------------------------------------------------------------------------------------


def final(run: "Run", component: Component, period: Period) -> Pays:
    """What a component pays after limits and after the plan's comparisons."""
    pays = limited(run, component, period)
    for rule in run.plan.combine:
        if component.id in rule.best_of or component.id == rule.otherwise:
            if rule.per == "row":
                pays = {payee: [_best_rows(run, rule, component, pay) for pay in own] for payee, own in pays.items()}
            else:
                pays = {payee: _best_period(run, rule, component, period, payee, own) for payee, own in pays.items()}
    return pays


def winner(worth: dict[str, Fraction]) -> str | None:
    """The component worth most, the earlier one on a tie; of negative amounts the largest; None if nobody earned."""
    earned = {name: amount for name, amount in worth.items() if amount != 0}
    if not earned:
        return None
    best = max if any(amount > 0 for amount in earned.values()) else min
    return best(earned, key=lambda name: earned[name])


def _best_rows(run: "Run", rule: Any, component: Component, pay: GroupPay) -> GroupPay:
    rows = []
    for credit, amount in pay.rows:
        worth = {name: _on_row(run, name, credit) for name in rule.best_of}
        chosen = winner(worth) or rule.otherwise
        rows.append((credit, amount if chosen == component.id else ZERO))
        _say_outbid(run, winner(worth), component, credit)
    return replace(pay, rows=rows)


def _say_outbid(run: "Run", best: str | None, component: Component, credit: Credit) -> None:
    """A row on which another component is worth more earns nothing in this one, and says so."""
    if best not in (None, component.id):
        run.reject(component.id, credit.row.id, "outbid")


def _on_row(run: "Run", name: str, credit: Credit) -> Fraction:
    """What a component would pay the same payee on the same row."""
    component = run.component(name)
    period = run.calendar.period(component.every, credit.date)
    return sum(
        (
            amount
            for pay in limited(run, component, period).get(credit.payee, [])
            for other, amount in pay.rows
            if other.row.id == credit.row.id
        ),
        ZERO,
    )


def _best_period(
    run: "Run", rule: Any, component: Component, period: Period, payee: str, pays: list[GroupPay]
) -> list[GroupPay]:
    worth = {name: _total(limited(run, run.component(name), period).get(payee, [])) for name in rule.best_of}
    if (winner(worth) or rule.otherwise) == component.id:
        return pays
    for credit in (credit for pay in pays for credit, _ in pay.rows):
        _say_outbid(run, winner(worth), component, credit)
    return [replace(pay, rows=[(credit, ZERO) for credit, _ in pay.rows], loose=ZERO) for pay in pays]
