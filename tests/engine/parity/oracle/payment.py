"""From rows to money, before limits: grouping, gate, rate function, multiplier, accumulation.

Every group's money is shared out to its rows ("attribution"): a marginal or filled scale by running it over the first
row, the first two rows … (each row gets the increase), any other reward by the row's base.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .calendar import Period
from .contexts import Credit, PeriodContext, Span, is_about_rows
from .exact import Refused, round_to, spread, text_of
from .expressions import value_of
from .functions import Outcome, Undefined, outcome, potential
from .rules import Component, Condition, Function

if TYPE_CHECKING:
    from .run import Run

ZERO = Fraction(0)


@dataclass
class Cell:
    """The calculation of one group: what the statement prints."""

    partner: str
    component: str
    period: str
    group: str
    measure: Fraction | None = None
    base: Fraction | None = None
    rate: Fraction | None = None
    tier: int | None = None
    multiplier: Fraction | None = None
    reason: str | None = None
    earned: Fraction = ZERO
    exact: Fraction = ZERO
    bands: tuple[Fraction, ...] = ()


@dataclass
class GroupPay:
    """The money of one group: on rows, and `loose` where it belongs to no row."""

    cell: Cell
    rows: list[tuple[Credit, Fraction]] = field(default_factory=list)
    loose: Fraction = ZERO
    is_refused: bool = False  # by a gate, or because something was undefined: a floor does not lift it

    @property
    def total(self) -> Fraction:
        return sum((amount for _, amount in self.rows), self.loose)


def raw_payments(run: "Run", component: Component, period: Period) -> dict[str, list[GroupPay]]:
    """Payee → groups, for every payee who may earn in the component."""
    found = {}
    for payee in payees(run, component, period):
        groups = _groups(run, component, period, payee)
        found[payee] = [_rounded_rows(component, pay) for pay in groups] if component.rounds_rows else groups
    return found


def _rounded_rows(component: Component, pay: GroupPay) -> GroupPay:
    """Rows that are rounded one by one are so before the limits: a cap is never exceeded by rounding."""
    digits, mode = component.rounding.digits, component.rounding.mode
    rows = [(credit, round_to(amount, digits, mode)) for credit, amount in pay.rows]
    return replace(pay, rows=rows, loose=round_to(pay.loose, digits, mode))


def payees(run: "Run", component: Component, period: Period) -> list[str]:
    """Who has rows in the window, and every partner that is eligible at the period's end."""
    span = window(run, component, period)
    with_rows = {
        credit.payee for credit in run.credits(component) if span.holds(credit.date) and run.is_in_force(credit.date)
    }
    others = {partner for partner in run.facts.partners() if run.is_eligible(partner, period, component)}
    return sorted(with_rows | others)


def window(run: "Run", component: Component, period: Period) -> Span:
    """The days whose rows count: the period, or the accumulating window up to its end."""
    if component.accumulate is None:
        return Span.of(period)
    whole = run.calendar.period(component.accumulate, period.end)
    return Span(min(whole.start, period.start), period.end, whole)


def _groups(run: "Run", component: Component, period: Period, payee: str) -> list[GroupPay]:
    context = PeriodContext(run, component, payee, period, window(run, component, period))
    if component.per is None:
        return [_paid(context.with_rows(context.rows))]
    if component.per_row:
        if component.accumulate is not None:
            raise Refused("per-row", "a single row does not accumulate")
        pays = [_paid(replace(context, credit=credit)) for credit in context.rows]
        for pay in pays:
            if pay.is_refused:
                run.reject(component.id, pay.cell.group, pay.cell.reason or "")
        return pays
    groups: dict[tuple[Any, ...], list[Credit]] = {}
    for credit in context.rows:
        groups.setdefault(run.group_of(component, credit), []).append(credit)
    return [_paid(replace(context, group=group, given_rows=tuple(rows))) for group, rows in groups.items()]


def _paid(context: PeriodContext) -> GroupPay:
    """One group: the increase over what the same group had earned at the end of the period before."""
    now = entitlement(context)
    before = _entitlement_before(context)
    if before is None:
        return now
    component = _component(context)
    rows = [(credit, amount) for credit, amount in now.rows if context.period.holds(credit.date)]
    increase = now.total - before
    loose = increase - sum((amount for _, amount in rows), ZERO)
    return GroupPay(replace(now.cell, component=component.id), rows, loose, now.is_refused)


def _component(context: PeriodContext) -> Component:
    if context.component is None:
        raise Refused("component", "a measure pays nothing")
    return context.component


def _entitlement_before(context: PeriodContext) -> Fraction | None:
    """The entitlement at the end of the period before, None where nothing accumulates."""
    component, run = _component(context), context.run
    if component.accumulate is None:
        return None
    period = run.calendar.shifted(context.period, -1)
    if period == context.period or period.end < context.span.start or period.end < run.plan.valid[0]:
        return ZERO
    span = window(run, component, period)
    rows = tuple(credit for credit in context.rows if span.holds(credit.date))
    if context.group is not None and not rows:
        return ZERO
    earlier = replace(context, period=period, span=span, given_rows=rows, notes=set())
    return entitlement(earlier).total


def entitlement(context: PeriodContext) -> GroupPay:
    """What the group's rows are worth as if they were paid for the first time."""
    component = _component(context)
    rows = [context.credit] if context.credit is not None else list(context.rows)
    cell = Cell(context.payee, component.id, context.period.id, _label(context))
    cell.measure, cell.base = context.amount(component.measure), context.amount(component.base)
    cell.reason = _failing(context, component.when)
    function = component.function if cell.reason is None else component.otherwise
    if function is None or _nothing_happened(cell, function, rows):
        _report_undefined(context, rows)
        return GroupPay(cell, [(credit, ZERO) for credit in rows], is_refused=True)
    try:
        result = _with_attribution(context, function, rows)
    except Undefined:
        cell.reason = "undefined"
        _report_undefined(context, rows)
        return GroupPay(cell, [(credit, ZERO) for credit in rows], is_refused=True)
    cell.rate, cell.tier, cell.bands = result.rate, result.tier, result.bands
    pay = _multiplied(context, cell, _on_rows(context, result, rows), rows)
    if (rows or pay.total) and _waits_for_a_limit(context):
        cell.reason = cell.reason or "undefined"
        context.run.problems.update(["undefined-measure"] if cell.reason == "undefined" else [])
        return GroupPay(cell, [(credit, ZERO) for credit in rows], is_refused=True)
    return pay


def _waits_for_a_limit(context: PeriodContext) -> bool:
    """Whether a cap or floor is made from a target that nobody entered."""
    nodes = [node for limit in _component(context).limits for node in (limit.minimum, limit.maximum)]
    for node in nodes:
        asked = replace(context, notes=set())
        if node is not None and asked.amount(node) is None and "missing" in asked.notes:
            return True
    return False


def _nothing_happened(cell: Cell, function: Function, rows: Sequence[Credit]) -> bool:
    """No row, no measure and no base: no tier is reached and no curve begun. A fixed amount needs no row."""
    return function.kind != "amount" and not rows and not cell.measure and not cell.base


def _report_undefined(context: PeriodContext, rows: Sequence[Credit]) -> None:
    """A zero or missing target is a problem of partners who sold something."""
    if rows and context.notes:
        context.run.problems.add("undefined-measure")


def _label(context: PeriodContext) -> str:
    if context.credit is not None:
        return context.credit.row.id
    return ", ".join(text_of(part) for part in context.group or ())


def _failing(context: PeriodContext, conditions: Sequence[Condition]) -> str | None:
    for condition in conditions:
        if value_of(condition.test, context) is not True:
            return condition.reason
    return None


# --- Attribution ------------------------------------------------------------------------------------------------


def _with_attribution(context: PeriodContext, function: Function, rows: Sequence[Credit]) -> Outcome:
    """The outcome of the function with an amount for every row where that has a meaning."""
    result = outcome(context, function)
    if result.rows is not None or context.credit is not None or not result.is_potential:
        return result
    component = _component(context)
    is_pro_rata = component.settings["order"] == "pro_rata_day"
    steps = potential(context, function, rows)
    if steps is None:
        return result
    if is_pro_rata:
        steps = _by_day(context, steps, rows)
    return replace(result, rows=tuple(steps), total=sum(steps, ZERO))


def _by_day(context: PeriodContext, steps: Sequence[Fraction], rows: Sequence[Credit]) -> list[Fraction]:
    """The increase of a whole day, shared among the day's rows by their base."""
    bases = _weights(context, rows)
    shared = list(steps)
    for day in {credit.date for credit in rows}:
        places = [place for place, credit in enumerate(rows) if credit.date == day]
        parts = spread(sum((steps[place] for place in places), ZERO), [bases[place] for place in places])
        if parts is not None:
            for place, part in zip(places, parts, strict=True):
                shared[place] = part
    return shared


def _weights(context: PeriodContext, rows: Sequence[Credit]) -> list[Fraction]:
    """What a total is shared by: the row's base, or its amount when the base is not about rows."""
    component = _component(context)
    if is_about_rows(component.base, context.run, component):
        return [value or ZERO for value in context.row_values(component.base, rows)]
    return [Fraction(credit.column("amount") or 0) for credit in rows]


def _on_rows(context: PeriodContext, result: Outcome, rows: Sequence[Credit]) -> GroupPay:
    """The total on the rows: as attributed, or by weight; what cannot be shared out is loose."""
    cell = Cell(context.payee, "", "", "")
    if context.credit is not None:
        return GroupPay(cell, [(context.credit, result.total)])
    amounts = result.rows if result.rows is not None else spread(result.total, _weights(context, rows))
    if amounts is None:
        return GroupPay(cell, [(credit, ZERO) for credit in rows], result.total)
    pay = GroupPay(cell, list(zip(rows, amounts, strict=True)))
    rest = result.total - pay.total
    parts = spread(rest, _weights(context, rows)) if rest else None
    if parts is None:
        pay.loose = rest
        return pay
    pay.rows = [(credit, amount + part) for (credit, amount), part in zip(pay.rows, parts, strict=True)]
    return pay


def _multiplied(context: PeriodContext, cell: Cell, pay: GroupPay, rows: Sequence[Credit]) -> GroupPay:
    """The money times the multiplier: one factor, or one for each row when it speaks about rows."""
    component = _component(context)
    pay.cell = cell
    node = component.multiply
    if node is None:
        return pay
    if context.credit is None and is_about_rows(node, context.run, component):
        if component.accumulate is not None:
            raise Refused("grain-mixed", "what is paid later on earlier rows would have no factor")
        factors = [factor or ZERO for factor in context.row_values(node, rows)]
        pay.rows = [(credit, amount * factor) for (credit, amount), factor in zip(pay.rows, factors, strict=True)]
        return pay
    factor = context.amount(node)
    if factor is None and "missing" in context.notes:
        cell.reason, pay.is_refused = "undefined", True
        _report_undefined(context, rows)
    cell.multiplier = factor
    pay.rows = [(credit, amount * (factor or ZERO)) for credit, amount in pay.rows]
    pay.loose *= factor or ZERO
    return pay
