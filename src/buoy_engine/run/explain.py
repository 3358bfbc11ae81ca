"""Why this amount: one component of one partner in one period, from its rows to its rounded earning.

Everything is read from the relations of the run itself, so an explanation cannot differ from what was calculated. Every
step says its arithmetic and its value; where the steps do not lead to the value that was calculated (a scale that
changes within the period, say), the step is the calculated value alone and not a story about it.

What this module does not do: lines (see `lines`), and printing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Generic, TypeVar

from buoy_engine.compile.component import ALIASES
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.run import wording
from buoy_engine.run.arithmetic import Arithmetic
from buoy_engine.run.reading import Counts, Earned, Record, Share, by_period
from buoy_engine.run.scales import KnownBand, Step
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Plan

ZERO = Decimal(0)
EarnedT = TypeVar("EarnedT", bound=Earned)


class NothingThere(LookupError):
    """A partner, period, component or line that the run does not know."""


# ---------------------------------------------------------------- what an explanation says


@dataclass(frozen=True)
class NextBand:
    """What is missing to the next band of a scale, in units of `of`."""

    band: int
    missing: Decimal
    of: str
    pays: str


@dataclass(frozen=True)
class Gate:
    """A condition of the period: its name, its text, whether it held, and what is missing where that can be said."""

    name: str
    condition: str
    held: bool
    missing: str | None = None


@dataclass(frozen=True)
class Cell:
    """One calculation: a partner's period, or one group in it. `tier` counts bands from 1."""

    group: Mapping[str, Any]
    measure: Decimal | None
    base: Decimal | None
    tier: int | None
    band: str | None
    rate: Decimal | None
    next_band: NextBand | None
    gates: tuple[Gate, ...]
    reason: str | None
    factor: Decimal
    steps: tuple[Step, ...]
    value: Decimal


@dataclass(frozen=True)
class Explained:
    """One component of one partner in one period."""

    partner: str
    component: str
    title: str
    period: str
    rule: str
    rows: int
    uncredited: Mapping[str, int]
    measure_of: str
    base_of: str
    cells: tuple[Cell, ...]
    limits: tuple[Step, ...]
    exact: Decimal
    amount: Decimal
    rounding: str
    shares: tuple[Share, ...] = field(default=())


# ---------------------------------------------------------------- explaining


@dataclass
class Explainer(Generic[EarnedT]):
    """Explains the earnings of one run."""

    relations: EarnedT

    @property
    def plan(self) -> Plan:
        """Its plan."""
        return self.relations.plan

    @property
    def arithmetic(self) -> Arithmetic:
        """The arithmetic of the plan's scales and rates."""
        return Arithmetic(self.plan)

    def component(self, name: str) -> Component:
        """The component of a name. Raises `NothingThere`."""
        for component in self.plan.components:
            if component.id == name:
                return component
        names = ", ".join(c.id for c in self.plan.components)
        raise NothingThere(f"found no component {name}; expected one of {names}")

    def kind(self, component: Component) -> str:
        """The kind of period that a component is calculated for."""
        return component.every or self.plan.period

    def periods(self, component: Component, period: str | None) -> set[str]:
        """The periods of the component that are, or are posted in, the period. Raises `NothingThere`."""
        world = self.relations.world
        if period is None:
            return {p.id for p in world.periods[self.kind(component)]}
        asked = next((p for periods in world.periods.values() for p in periods if p.id == period), None)
        if asked is None:
            some = ", ".join(p.id for p in world.periods[self.plan.period][-4:])
            raise NothingThere(f"found no period {period}; expected one such as {some}")
        return {p.id for p in world.periods[self.kind(component)] if asked.start < p.end and p.last_day < asked.end}

    def explain(
        self, partner: str, period: str | None = None, component: str | None = None, *, lines: bool = True
    ) -> list[Explained]:
        """Every component and period of a partner in which it had a row or an amount. Raises `NothingThere`."""
        chosen = [self.component(component)] if component else list(self.plan.components)
        found = [e for each in chosen for e in self._of_component(each, partner, period, lines)]
        if not found and not self.relations.knows(partner):
            raise NothingThere(f"found no partner {partner} in the facts; expected the partner_id of a partner")
        return sorted(found, key=lambda e: e.period)

    def _of_component(self, component: Component, partner: str, period: str | None, lines: bool) -> list[Explained]:
        wanted = self.periods(component, period)
        counts = self.relations.counts(component, partner)
        cells = by_period([r for r in self.relations.cells(component, partner) if r.get("_live", True)], "_period")
        earned = {r["_period"]: r for r in self.relations.earned(component, partner)}
        shares = self.relations.shares(component, partner)
        live = [
            p for p in cells if p in wanted and (counts.get(p) or p in earned or any(c["_value"] for c in cells[p]))
        ]
        live += [p for p in earned if p in wanted and p not in cells]
        live += [p for p in counts if p in wanted and p not in cells and p not in earned and self.is_live(component, p)]
        return [
            self._one(
                component, partner, p, counts.get(p, {}), cells.get(p, []), earned.get(p), shares.get(p, ()), lines
            )
            for p in sorted(set(live))
        ]

    def is_live(self, component: Component, period: str) -> bool:
        """Whether a period is one of the plan's own."""
        world = self.relations.world
        found = next((p for p in world.periods[self.kind(component)] if p.id == period), None)
        return found is not None and found.start < world.valid_to and found.end > world.valid_from

    def _one(
        self,
        component: Component,
        partner: str,
        period: str,
        counts: Counts,
        cells: Sequence[Record],
        earned: Record | None,
        shares: Sequence[Share],
        lines: bool,
    ) -> Explained:
        exact = earned["exact"] if earned else ZERO
        amount = earned["amount"] if earned else ZERO
        made = tuple(self.cell(component, cell, partner) for cell in cells) if component.per != "row" else ()
        gross = sum((cell["_value"] for cell in cells), ZERO)
        return Explained(
            partner=partner,
            component=component.id,
            title=component.title or component.id,
            period=period,
            rule=wording.rule_of(self.plan, component),
            rows=counts.get(None, 0),
            uncredited=dict(sorted((reason, n) for reason, n in counts.items() if reason is not None)),
            measure_of=wording.text_of(wording.measure_of(component)),
            base_of=wording.text_of(wording.base_of(component)),
            cells=made,
            limits=self._limits(component, cells, shares, gross, exact),
            exact=exact,
            amount=wording.money(amount, self.plan.currency),
            rounding=self.rounding(component, exact, amount),
            shares=tuple(shares) if lines else (),
        )

    def _limits(
        self, component: Component, cells: Sequence[Record], shares: Sequence[Share], gross: Decimal, exact: Decimal
    ) -> tuple[Step, ...]:
        """Factors of single lines, and the limits in force with their bounds: what they changed together."""
        factors = {share.factor for share in shares} - {None, *(cell["_factor"] for cell in cells)}
        if gross == exact or not (component.limits or factors):
            return ()
        if factors and component.multiply is not None:
            kept = ", then the limits" if component.limits else ""
            factor = wording.value_of(component.multiply, rate=False)
            return (Step(f"each line times its own factor ({factor}){kept}", exact),)
        bounds = []
        for i, limit in enumerate(component.limits):
            for word, node, side in (("at least", limit.min, "min"), ("at most", limit.max, "max")):
                if node is not None and cells:
                    bounds.append(
                        f"{word} {wording.amount(self.arithmetic.number(node, f'_{side}{i}', cells[0]))} per {limit.per}"
                    )
        change = "take away" if exact < gross else "add"
        return (Step(f"limits ({'; '.join(bounds)}) {change} {wording.amount(abs(gross - exact))}", exact),)

    def rounding(self, component: Component, exact: Decimal, amount: Decimal) -> str:
        """How the exact amount became the earned one."""
        if component.round.stage == "none":
            return "not rounded, as the plan says"
        digits = minor_digits(self.plan.currency) if component.round.digits is None else component.round.digits
        mode = component.round.mode or self.plan.setting("rounding", component)
        where = "row by row" if component.round.stage == "row" else "once"
        if exact == amount:
            return f"rounded {where} to {digits} decimals ({mode})"
        whole = " on the running total" if component.accumulate else ""
        return f"{wording.amount(exact, digits)} rounded {where}{whole} to {digits} decimals ({mode})"

    # ------------------------------------------------------------ one cell

    def cell(self, component: Component, cell: Record, partner: str) -> Cell:
        """A cell of the reward relation, explained."""
        scale = self.arithmetic.bands(component, component, cell, "f") if component.tiers else ()
        tier = int(cell["_tier"]) if cell.get("_tier") is not None else None
        reached = scale[tier - 1] if scale and tier and tier <= len(scale) else None
        return Cell(
            group={key: cell[key] for key in self.keys(component) if key in cell},
            measure=cell["_m"],
            base=cell["_b"],
            tier=tier,
            band=reached.says if reached else None,
            rate=cell.get("_rate_used"),
            next_band=self._next(component, cell, scale, tier),
            gates=tuple(self._gates(component, cell, partner)),
            reason=cell["_reason"],
            factor=cell["_factor"],
            steps=tuple(self.arithmetic.steps(component, cell, scale)),
            value=cell["_value"],
        )

    def keys(self, component: Component) -> tuple[str, ...]:
        """The columns of the component's groups within a period."""
        return () if component.per == "row" else tuple(ALIASES.get(key, key) for key in component.per)

    def _next(
        self, component: Component, cell: Record, scale: tuple[KnownBand, ...], tier: int | None
    ) -> NextBand | None:
        """What is missing to the next band, in units of what the measure counts."""
        if tier is None or tier >= len(scale) or cell["_m"] is None:
            return None
        band = scale[tier]
        name = "_measure" if "_measure" in cell else "_base"
        top, bottom = cell.get(name, cell["_m"]), cell.get(f"{name}_den", Decimal(1))
        if band.low is None or not bottom or bottom < 0:
            return None
        missing = _smallest_step(band.low * bottom - top, -_exponent(top), beyond=band.beyond)
        node = wording.resolved(self.plan, wording.measure_of(component))
        counted = node.left if isinstance(node, ast.Binary) and node.op == "/" else node
        return NextBand(tier + 1, missing, wording.text_of(counted), band.says)

    def _gates(self, component: Component, cell: Record, partner: str) -> Iterable[Gate]:
        failed = False
        for i, (name, node) in enumerate(component.when.items()):
            held = bool(cell.get(f"_gate{i}", cell["_reason"] != name))
            missing = None if held or failed else self._missing(node, cell, partner)
            yield Gate(name, wording.text_of(node), held, missing)
            failed = failed or not held

    def _missing(self, node: ast.Node, cell: Record, partner: str) -> str | None:
        """What a failed gate lacks, for the forms that can be answered mechanically."""
        match node:
            case ast.Call("certified", (name,)):
                return f"the certification {wording.text_of(name)} held on {cell['_last_day']}"
            case ast.Binary(">=" | ">" as op, left, right):
                found, wanted = self._period_value(left, cell, partner), self._period_value(right, cell, partner)
                if found is not None and wanted is not None:
                    more = "more than " if op == ">" else ""
                    lacking = wording.plain_number(wanted - found)
                    return f"{wording.text_of(left)} is {wording.plain_number(found)}; {more}{lacking} more is needed"
        return None

    def _period_value(self, node: ast.Node, cell: Record, partner: str) -> Decimal | None:
        node = wording.resolved(self.plan, node)
        match node:
            case ast.Number(value):
                return value
            case ast.Call("count", (), None):
                return cell.get("_rows")
            case ast.Name() if str(node) in self.plan.measures:
                rows = self.relations.measure(str(node), partner)
                return next((row["value"] for row in rows if row["_period"] == cell["_period"]), None)
        return None


def _smallest_step(gap: Decimal, scale: int, *, beyond: bool) -> Decimal:
    """The least that closes a gap, or passes it, on the grid of what is measured."""
    step = Decimal(1).scaleb(-max(0, scale))
    steps = (gap / step).to_integral_value(rounding=ROUND_FLOOR)
    if steps * step < gap or beyond:
        steps += 1
    return steps * step


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
