"""The rate functions: rate, amount, tiers, curve, blocks. From measure and base to money, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from .contexts import Credit, PeriodContext, is_about_rows
from .exact import Refused, round_to
from .expressions import Node, number, value_of
from .rules import Band, Blocks, Component, Curve, Function, Tiers

ZERO = Fraction(0)


class Undefined(Exception):
    """The measure, an edge or the rate has no value (a zero or missing target)."""


@dataclass(frozen=True)
class Outcome:
    """Money before the multiplier. `rows` when each row has its own; `is_potential` when it grows with the measure."""

    total: Fraction
    rate: Fraction | None = None
    tier: int | None = None
    rows: tuple[Fraction, ...] | None = None
    is_potential: bool = False
    bands: tuple[Fraction, ...] = ()


def outcome(context: PeriodContext, function: Function) -> Outcome:
    """The function on the whole group."""
    if function.kind == "rate":
        return _rate(context, function.value)
    if function.kind == "amount":
        return Outcome(_defined(context.amount(function.value)))
    if function.kind == "tiers":
        return _tiers(context, function.value)
    if function.kind == "curve":
        return _curve(context, function.value)
    return _blocks(context, function.value)


def potential(context: PeriodContext, function: Function, rows: Sequence[Credit]) -> list[Fraction] | None:
    """What each row adds when the rows come one after the other; None if the measure does not grow from nothing."""
    versions = function.value.versions if function.kind == "tiers" else ()
    days = [None] if not versions else [credit.date for credit in rows]
    worth = _Worth(context, function, rows)
    if worth.of_first(0, days[0] if days else None) != 0:
        return None
    steps = []
    for place in range(len(rows)):
        day = rows[place].date if versions else None
        steps.append(worth.of_first(place + 1, day) - worth.of_first(place, day))
    return steps


class _Worth:
    """The reward of the first so many rows, under the version of a given day; nothing where it is undefined."""

    def __init__(self, context: PeriodContext, function: Function, rows: Sequence[Credit]) -> None:
        self.context, self.function, self.rows = context, function, rows
        self.known: dict[tuple[int, date | None], Fraction] = {}

    def of_first(self, count: int, day: date | None) -> Fraction:
        if (count, day) not in self.known:
            self.known[count, day] = self._calculate(count, day)
        return self.known[count, day]

    def _calculate(self, count: int, day: date | None) -> Fraction:
        context = self.context.with_rows(self.rows[:count])
        try:
            if self.function.kind == "tiers":
                return _tiers(context, self.function.value, day).total
            return outcome(context, self.function).total
        except Undefined:
            return ZERO


def _component(context: PeriodContext) -> Component:
    if context.component is None:
        raise Refused("component", "a measure pays nothing")
    return context.component


def _defined(value: Any) -> Fraction:
    read = number(value)
    if read is None:
        raise Undefined
    return read


def _policy(context: PeriodContext) -> str:
    """What to do now that something is undefined; a missing target always waits, except under `base_rate`."""
    policy = _component(context).settings["undefined"]
    if policy == "top_rate" and "missing" in context.notes:
        return "wait"
    return policy


# --- Rate -------------------------------------------------------------------------------------------------------


def _rate(context: PeriodContext, rate: Node) -> Outcome:
    """rate × base, row by row when the rate or the base speaks about rows."""
    component = _component(context)
    if context.credit is not None:
        value = _row_rate(context, context.credit, rate)
        if value is None and not is_about_rows(rate, context.run, component, partner_words=True):
            raise Undefined
        base = context.amount(component.base)
        return Outcome((value or ZERO) * (base or ZERO), rate=value)
    base_about_rows = is_about_rows(component.base, context.run, component)
    if base_about_rows and is_about_rows(rate, context.run, component, partner_words=True):
        return _row_rates(context, rate)
    if component.credit.differential:
        raise Refused("differential", "needs a rate about the row")
    value = _defined(context.amount(rate))
    base = _defined(context.amount(component.base))
    if not base_about_rows:
        return Outcome(value * base, rate=value)
    rows = tuple(value * (amount or ZERO) for amount in context.row_values(component.base))
    return Outcome(sum(rows, ZERO), rate=value, rows=rows)


def _row_rates(context: PeriodContext, rate: Node) -> Outcome:
    component = _component(context)
    rates = [_row_rate(context, credit, rate) for credit in context.rows]
    bases = context.row_values(component.base)
    rows = tuple((one or ZERO) * (base or ZERO) for one, base in zip(rates, bases, strict=True))
    same = rates[0] if rates and len(set(rates)) == 1 else None
    return Outcome(sum(rows, ZERO), rate=same, rows=rows)


def _row_rate(context: PeriodContext, credit: Credit, rate: Node) -> Fraction | None:
    """The rate of a row; with `differential` what it exceeds the highest rate below."""
    if context.credit is not None:
        own = number(value_of(rate, context))
    else:
        own = number(value_of(rate, context.row_context(credit)))
    component = _component(context)
    if not component.credit.differential or own is None:
        return own
    below = [
        number(value_of(rate, context.row_context(other))) or ZERO
        for other in context.run.credits(component)
        if other.row is credit.row and (other.level or 0) < (credit.level or 0)
    ]
    return max(ZERO, own - max(below, default=ZERO))


# --- Tiers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """A band with its edges as numbers; `high` None is open."""

    low: Fraction
    high: Fraction | None
    band: Band


def _tiers(context: PeriodContext, tiers: Tiers, day: date | None = None) -> Outcome:
    """The tier table in force on the day (default: the row's, or the period's last)."""
    if day is None:
        day = context.credit.date if context.credit is not None else context.period.end
    component = _component(context)
    measure = context.amount(component.measure)
    bands = _version(tiers, day)
    slots = _slots(context, tiers, bands)
    if measure is None or slots is None:
        return _undefined_tier(context, bands)
    tier = _reached(slots, measure, tiers)
    if tiers.mode == "marginal":
        return _marginal(context, tiers, slots, measure, tier)
    if tiers.mode == "filled":
        return Outcome(_filled(context, slots, measure, tiers), tier=tier, is_potential=True)
    if tiers.versions and context.credit is None:
        return _retroactive_versions(context, tiers, measure, tier)
    return _retroactive(context, slots, measure, tier)


def _version(tiers: Tiers, day: date) -> tuple[Band, ...]:
    bands = tiers.bands
    for starts, later in tiers.versions:
        if starts <= day:
            bands = later
    return bands


def _slots(context: PeriodContext, tiers: Tiers, bands: Sequence[Band]) -> list[Slot] | None:
    """The bands with their edges; None when an edge is undefined."""
    unit: Fraction | None = Fraction(1)
    if tiers.of is not None:
        unit = context.amount(tiers.of)
        if unit is not None and unit <= 0:
            context.undefined("zero")
            unit = None
    if unit is None:
        return None
    if bands[0].start is not None:
        lows = [context.amount(band.start) if band.start is not None else None for band in bands]
    else:
        lows = [ZERO, *(context.amount(band.up_to) for band in bands[:-1] if band.up_to is not None)]
    if any(low is None for low in lows):
        return None
    edges = [(low or ZERO) * unit for low in lows]
    if edges != sorted(edges) or edges[0] != 0:
        raise Refused("bands", f"edges {edges} must start at 0 and grow")
    highs: list[Fraction | None] = [*edges[1:], None]
    return [Slot(low, high, band) for low, high, band in zip(edges, highs, bands, strict=True)]


def _includes_upper(slots: Sequence[Slot], tiers: Tiers) -> bool:
    """Whether a measure exactly at an edge is still in the lower band."""
    return slots[0].band.start is None or tiers.edges == "exceed"


def _reached(slots: Sequence[Slot], measure: Fraction, tiers: Tiers) -> int:
    """The number of the band reached, 1 for the first."""
    exceed = _includes_upper(slots, tiers)
    reached = 1
    for place, slot in enumerate(slots[1:], start=2):
        if measure > slot.low or (measure == slot.low and not exceed):
            reached = place
    return reached


def _marginal(context: PeriodContext, tiers: Tiers, slots: Sequence[Slot], measure: Fraction, tier: int) -> Outcome:
    bands = []
    for place, slot in enumerate(slots, start=1):
        width = _slice(slot, measure) if measure >= 0 else (measure if place == 1 else ZERO)
        money = _band_money(context, tiers, width, _band_value(context, slot.band.rate) if width else ZERO)
        if place <= tier and measure > 0:
            money += _band_value(context, slot.band.amount)
        bands.append(money)
    rate = _band_value(context, slots[tier - 1].band.rate)
    return Outcome(sum(bands, ZERO), rate=rate, tier=tier, is_potential=True, bands=tuple(bands))


def _slice(slot: Slot, measure: Fraction) -> Fraction:
    """The part of the measure that lies in the band."""
    top = measure if slot.high is None else min(measure, slot.high)
    return max(ZERO, top - slot.low)


def _band_money(context: PeriodContext, tiers: Tiers, width: Fraction, rate: Fraction) -> Fraction:
    if tiers.round_bands is None:
        return width * rate
    digits, mode = int(tiers.round_bands), _component(context).rounding.mode
    return round_to(round_to(width, digits, mode) * rate, digits, mode)


def _band_value(context: PeriodContext, node: Node) -> Fraction:
    return _defined(context.amount(node))


def _filled(context: PeriodContext, slots: Sequence[Slot], measure: Fraction, tiers: Tiers) -> Fraction:
    """Each band's amount in the proportion in which it is filled; an open band pays it when it is entered."""
    total = ZERO
    for place, slot in enumerate(slots, start=1):
        amount = _band_value(context, slot.band.amount)
        if slot.high is None:
            entered = measure > 0 and _reached(slots, measure, tiers) >= place
            total += amount if entered else ZERO
        elif slot.high > slot.low:
            total += amount * _slice(slot, measure) / (slot.high - slot.low)
    return total


def _retroactive(context: PeriodContext, slots: Sequence[Slot], measure: Fraction, tier: int) -> Outcome:
    band = slots[tier - 1].band
    paid = _rate(context, band.rate)
    amount = ZERO if measure < 0 else _band_value(context, band.amount)
    return Outcome(paid.total + amount, rate=paid.rate, tier=tier, rows=paid.rows)


def _retroactive_versions(context: PeriodContext, tiers: Tiers, measure: Fraction, tier: int) -> Outcome:
    """Each table pays on its own rows, with the tier of the whole measure; the last table's amount is added."""
    component = _component(context)
    amounts = []
    for credit, base in zip(context.rows, context.row_values(component.base), strict=True):
        slots = _slots(context, tiers, _version(tiers, credit.date)) or []
        band = slots[_reached(slots, measure, tiers) - 1].band
        amounts.append(_band_value(context, band.rate) * (base or ZERO))
    last = _version(tiers, context.period.end)
    flat = ZERO if measure < 0 else _band_value(context, last[min(tier, len(last)) - 1].amount)
    rate = _band_value(context, last[min(tier, len(last)) - 1].rate)
    return Outcome(sum(amounts, ZERO) + flat, rate=rate, tier=tier, rows=tuple(amounts))


def _undefined_tier(context: PeriodContext, bands: Sequence[Band]) -> Outcome:
    """The first band or the last on the whole base, or nothing."""
    policy = _policy(context)
    if policy == "wait":
        raise Undefined
    place = 1 if policy == "base_rate" else len(bands)
    band = bands[place - 1]
    paid = _rate(context, band.rate)
    return Outcome(paid.total + _band_value(context, band.amount), rate=paid.rate, tier=place, rows=paid.rows)


# --- Curve and blocks -------------------------------------------------------------------------------------------


def _curve(context: PeriodContext, curve: Curve) -> Outcome:
    points = [(_defined(context.amount(x)), _defined(context.amount(y))) for x, y in curve.points]
    measure = context.amount(_component(context).measure)
    if measure is None:
        policy = _policy(context)
        if policy == "wait":
            raise Undefined
        height = points[0][1] if policy == "base_rate" else points[-1][1]
    else:
        height = interpolated(points, measure)
    if curve.pays == "amount":
        return Outcome(height)
    base = _defined(context.amount(_component(context).base))
    return Outcome(height * base, rate=height)


def interpolated(points: Sequence[tuple[Fraction, Fraction]], x: Fraction) -> Fraction:
    """The height of the line through the points; flat before the first and after the last."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def _blocks(context: PeriodContext, blocks: Blocks) -> Outcome:
    measure = _defined(context.amount(_component(context).measure))
    size, free = _defined(context.amount(blocks.size)), _defined(context.amount(blocks.free))
    pays = _defined(context.amount(blocks.pays))
    if size <= 0:
        raise Refused("blocks", "size must be above zero")
    count = max(ZERO, measure - free) / size
    whole = ceil(count) if blocks.started else floor(count)
    return Outcome(whole * pays, rate=pays)
