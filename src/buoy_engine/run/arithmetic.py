"""The arithmetic behind a cell's value, step by step, from the columns that the calculation kept.

The steps must lead to the value that was calculated. Where they do not (a scale that changes within the period, say), the
value stands alone with the rule that it is from: an explanation may be short, but never untrue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from buoy_engine.compile.cells import speaks_of_rows
from buoy_engine.run import wording
from buoy_engine.run.reading import Record
from buoy_engine.run.scales import KnownBand, Step, tier_steps
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Band, Component, Plan, RateFunction, Tiers

ZERO = Decimal(0)
HARDLY = Decimal("0.000001")
"""Below this, two exact values differ only by where a quotient was cut off."""


@dataclass(frozen=True)
class Arithmetic:
    """The numbers and steps of one plan's components."""

    plan: Plan

    def number(self, node: ast.Node | None, column: str, cell: Record) -> Decimal | None:
        """A value of the plan in a cell: its own number, or the column that the calculation kept it in."""
        if node is None:
            return None
        found = wording.resolved(self.plan, node)
        return found.value if isinstance(found, ast.Number) else cell.get(column)

    def bands(self, component: Component, function: RateFunction, cell: Record, tag: str) -> tuple[KnownBand, ...]:
        """The bands of a scale with the numbers of a cell."""
        tiers = function.tiers
        assert tiers is not None
        of = self.number(tiers.of, f"_{tag}_of", cell) if tiers.of is not None else None
        exceed = (tiers.edges or self.plan.setting("edges", component)) == "exceed"
        known = [self._band(cell, tag, i, band, of, exceed) for i, band in enumerate(tiers.bands)]
        closed = []
        for i, band in enumerate(known):
            low, beyond = band.low, band.beyond
            if low is None and i:
                low, beyond = known[i - 1].high, tiers.bands[i - 1].up_to is not None
            following = known[i + 1].low if i + 1 < len(known) else None
            high = band.high if band.high is not None else following
            closed.append(
                KnownBand(i + 1, low or ZERO, high, band.rate, band.amount, beyond, self._says(component, tiers, i))
            )
        return tuple(closed)

    def _band(self, cell: Record, tag: str, i: int, band: Band, of: Decimal | None, exceed: bool) -> KnownBand:
        low_node, beyond = (band.above, True) if band.above is not None else (band.from_, exceed)
        low = self.number(low_node, f"_{tag}_{'above' if band.above is not None else 'from'}{i}", cell)
        upper = next((n for n in (band.up_to, band.below, band.to) if n is not None), None)
        high = self.number(upper, f"_{tag}_to{i}", cell)
        rate = self.number(band.rate, f"_{tag}_rate{i}", cell)
        amount = self.number(band.amount, f"_{tag}_amount{i}", cell)
        of = Decimal(1) if of is None else of
        return KnownBand(i + 1, _times(low, of), _times(high, of), rate, amount, beyond, "")

    def _says(self, component: Component, tiers: Tiers, i: int) -> str:
        shares = wording.in_shares(tiers, wording.resolved(self.plan, wording.measure_of(component)))
        return wording.band_of(self.plan, tiers.bands[i], shares=shares)

    # ------------------------------------------------------------ steps

    def steps(self, component: Component, cell: Record, scale: tuple[KnownBand, ...]) -> Iterable[Step]:
        """From the measure and base of a cell to its value."""
        reason, value = cell["_reason"], cell.get("_to_date", cell["_value"])
        if reason is not None and component.otherwise is None:
            yield Step(f"nothing, because {why(component, reason)}", value)
        elif reason is not None:
            yield Step(f"otherwise, because {why(component, reason)}", value)
        else:
            yield from self._checked(component, cell, scale, value)
        if "_to_date" in cell:
            before = value - cell["_value"]
            yield Step(
                f"less {wording.amount(before)} of the {component.accumulate} before this period", cell["_value"]
            )

    def _checked(
        self, component: Component, cell: Record, scale: tuple[KnownBand, ...], value: Decimal
    ) -> Iterable[Step]:
        """The arithmetic, where it leads to the value that was calculated; else that value and where it is from."""
        steps = list(self._reward(component, cell, scale))
        total = sum((step.value for step in steps), ZERO)
        factor = cell["_factor"]
        if not steps or abs(total * factor - value) > HARDLY:
            yield Step(_source_of(component, cell, value), value)
            return
        yield from steps
        if len(steps) > 1:
            yield Step("together", total)
        if component.multiply is not None and (
            component.per == "row" or not speaks_of_rows(component.multiply, self.plan)
        ):
            what = f"times {wording.plain_number(factor)}, {wording.value_of(component.multiply, rate=False)}"
            yield Step(what, value)

    def _reward(self, component: Component, cell: Record, scale: tuple[KnownBand, ...]) -> Iterable[Step]:
        measure = cell["_m"]
        match component.tag:
            case "rate":
                yield from self._rate(component, cell, cell["_b"])
            case "amount":
                fixed = self.number(component.amount, "_f_amount", cell)
                if fixed is not None:
                    yield Step("fixed amount", fixed)
            case "blocks" if component.blocks is not None and measure is not None:
                pays = self.number(component.blocks.pays, "_f_pays", cell)
                if pays:
                    count = cell.get("_to_date", cell["_value"]) / pays / (cell["_factor"] or 1)
                    yield Step(f"{wording.plain_number(count)} blocks × {wording.amount(pays)}", count * pays)
            case "tiers" if component.tiers is not None and measure is not None and not component.tiers.versions:
                yield from tier_steps(component.tiers, scale, measure, cell["_b"], cell)

    def _rate(self, component: Component, cell: Record, base: Decimal) -> Iterable[Step]:
        if "_rated" in cell:
            yield Step(
                f"{wording.text_of(component.rate)} × {wording.text_of(wording.base_of(component))}, row by row",
                cell["_rated"],
            )
        elif (rate := cell.get("_rate_used")) is not None and base is not None:
            yield Step(f"{wording.amount(base)} × {wording.percent(rate)}", base * rate)


def _source_of(component: Component, cell: Record, value: Decimal) -> str:
    """What a value is from, when its steps cannot be shown."""
    match component.tag:
        case "amount":
            return wording.text_of(component.amount)
        case "curve":
            return f"the curve at {wording.plain_number(cell['_m'])}"
    return "the scale at this measure" if value else "nothing to pay on"


def why(component: Component, reason: str | None) -> str:
    """A failed gate in words."""
    if reason is None:
        return "nothing stands against it"
    if reason == "undefined":
        return "the measure has no value (its target or baseline is missing or not above zero)"
    if reason in component.when:
        return f"{reason}: {wording.text_of(component.when[reason])} does not hold"
    return reason


def _times(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else value * factor
