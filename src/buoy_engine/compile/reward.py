"""From a cell's measure and base to its reward: the rate function, the gate and the modifier of a component.

`Reward` compiles them against a scope and keeps every value it needs as a column of the cell stage, so that the next stage, and
the trace, compute with plain columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from buoy_engine.compile.cells import Cells, is_row_expression
from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.ir import TEXT, Col, Expr
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.rules.blocks import count_blocks
from buoy_engine.rules.curve import interpolate
from buoy_engine.rules.tiers import Scale, Step
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Band, Component, Plan, RateFunction, Tiers


@dataclass
class Columns:
    """Values of a cell stage that later stages read by name."""

    found: dict[str, Expr] = field(default_factory=dict)

    def keep(self, name: str, value: Expr | Ratio, alias: str) -> Ratio:
        """Stores a number (a fraction as two columns); constants are not stored."""
        if isinstance(value, Ratio):
            num = self.one(name, value.num, alias)
            den = None if value.den is None else self.one(f"{name}_den", value.den, alias)
            return Ratio(num, den)
        return Ratio(self.one(name, value, alias))

    def one(self, name: str, value: Expr, alias: str) -> Expr:
        """Stores one value of any type."""
        if isinstance(value, ir.Lit):
            return value
        self.found[name] = value
        return Col(value.type, name, alias)


@dataclass(frozen=True)
class Compiled:
    """A rate function over columns of the cell stage. `undefined`: when it has no answer; `settled`: when a setting gives it."""

    value: Ratio
    tier: Expr | None = None
    rate: Expr | None = None
    scale: Scale | None = None
    undefined: Expr | None = None
    settled: Expr | None = None
    versions: tuple[tuple[date, Scale], ...] = ()


@dataclass
class Reward:
    """Compiles one component's rate function into `columns`; `alias` is how the reward stage reads the cell stage."""

    plan: Plan
    component: Component
    scope: Cells
    columns: Columns
    alias: str = "v"

    def function(self, function: RateFunction, tag: str, measure: Ratio, base: Ratio) -> Compiled:
        """The reward of one rate function."""
        match function.tag:
            case "rate":
                rate = self.columns.keep(f"_{tag}_rate", self._value(function.rate), self.alias)
                return Compiled(ratio.mul(rate, base), rate=rate.decimal())
            case "amount":
                return Compiled(self.columns.keep(f"_{tag}_amount", self._value(function.amount), self.alias))
            case "curve":
                return self._curve(function, tag, measure, base)
            case "blocks":
                return self._blocks(function, tag, measure)
        assert function.tiers is not None
        return self._tiers(function.tiers, tag, measure, base)

    def _value(self, node: ast.Node) -> Ratio:
        term = self.scope.implicit(node)
        return term if isinstance(term, Ratio) else self.scope.number(node)

    def _number(self, name: str, node: ast.Node) -> Expr:
        """A scale's edge or rate as a column or a constant."""
        return self.columns.one(name, self.scope.number(node).decimal(), self.alias)

    def _curve(self, function: RateFunction, tag: str, measure: Ratio, base: Ratio) -> Compiled:
        assert function.curve is not None
        points = [
            (self._number(f"_{tag}_x{i}", x), self._number(f"_{tag}_y{i}", y))
            for i, (x, y) in enumerate(function.curve.points)
        ]
        value = interpolate(points, measure)
        if function.curve.pays == "rate":
            return Compiled(ratio.mul(value, base), rate=value.decimal(), undefined=_no_value(measure))
        return Compiled(value, undefined=_no_value(measure))

    def _blocks(self, function: RateFunction, tag: str, measure: Ratio) -> Compiled:
        blocks = function.blocks
        assert blocks is not None
        free = None if blocks.free is None else self._number(f"_{tag}_free", blocks.free)
        pays = self._number(f"_{tag}_pays", blocks.pays)
        count = count_blocks(measure.decimal(), self._number(f"_{tag}_size", blocks.size), free, started=blocks.started)
        return Compiled(Ratio(ir.mul(count, pays)), rate=pays, undefined=_no_value(measure))

    def _tiers(self, tiers: Tiers, tag: str, measure: Ratio, base: Ratio) -> Compiled:
        of = (
            None
            if tiers.of is None
            else self.columns.keep(f"_{tag}_of", self.scope.number(tiers.of), self.alias).decimal()
        )
        scale = self.scale(tiers, tiers.bands, tag, of)
        undefined = self._undefined(tiers, measure, of)
        if tiers.mode == "marginal":
            value = Ratio(scale.potential(measure.decimal()))
        elif tiers.mode == "filled":
            value = Ratio(scale.filled(measure.decimal()))
        else:
            value = ratio.add(ratio.mul(Ratio(scale.rate(measure)), base), Ratio(scale.amount(measure)))
        versions = tuple((v.from_, self.scale(tiers, v.bands, f"{tag}_v{i}", of)) for i, v in enumerate(tiers.versions))
        if versions and tiers.mode == "retroactive":
            value = self._by_version(scale, versions, measure)
        compiled = Compiled(value, scale.reached(measure), scale.rate(measure), scale, undefined, versions=versions)
        return self._settle_undefined(compiled, base if tiers.mode == "retroactive" else measure, of, measure)

    def _by_version(self, scale: Scale, versions: tuple[tuple[date, Scale], ...], measure: Ratio) -> Ratio:
        """Every table pays on its own rows, with the tier of the whole measure; an amount comes from the last."""
        base = self.component.base if self.component.base is not None else ast.Name(("amount",))
        starts = [start for start, _ in versions]
        total = Ratio(versions[-1][1].amount(measure))
        for i, table in enumerate([scale, *(v for _, v in versions)]):
            tests = []
            if i > 0:
                tests.append(ast.Binary(">=", ast.Name(("date",)), ast.Day(starts[i - 1])))
            if i < len(starts):
                tests.append(ast.Binary("<", ast.Name(("date",)), ast.Day(starts[i])))
            where = tests[0] if len(tests) == 1 else ast.Binary("and", tests[0], tests[1])
            part = self.scope.aggregate(ast.Call("sum", (base,), where), None, None)
            assert isinstance(part, Ratio)
            total = ratio.add(
                total, ratio.mul(Ratio(table.rate(measure)), self.columns.keep(f"_base_v{i}", part, self.alias))
            )
        return total

    def scale(self, tiers: Tiers, bands: tuple[Band, ...], tag: str, of: Expr | None) -> Scale:
        """The bands with their edges in units of the measure."""
        exceed = (tiers.edges or self.plan.setting("edges", self.component)) == "exceed"
        steps: list[Step] = []
        after: tuple[Expr, bool] = (ir.ZERO, False)
        for i, band in enumerate(bands):
            low, beyond = after
            if band.from_ is not None:
                low, beyond = self._edge(f"_{tag}_from{i}", band.from_, of), exceed
            elif band.above is not None:
                low, beyond = self._edge(f"_{tag}_above{i}", band.above, of), True
            high = self._upper(band, f"_{tag}_to{i}", of)
            after = (high, band.up_to is not None) if high is not None else after
            rate = None if band.rate is None else self._number(f"_{tag}_rate{i}", band.rate)
            amount = None if band.amount is None else self._number(f"_{tag}_amount{i}", band.amount)
            steps.append(Step(low, high, rate, amount, beyond))
        closed = [replace(step, high=step.high or following.low) for step, following in pairwise(steps)]
        mode = self.component.round.mode or self.plan.setting("rounding", self.component)
        return Scale((*closed, steps[-1]), tiers.round_bands, mode)

    def _edge(self, name: str, node: ast.Node, of: Expr | None) -> Expr:
        value = self._number(name, node)
        return value if of is None else ir.mul(value, of)

    def _upper(self, band: Band, name: str, of: Expr | None) -> Expr | None:
        node = next((n for n in (band.up_to, band.below, band.to) if n is not None), None)
        return None if node is None else self._edge(name, node, of)

    def _undefined(self, tiers: Tiers, measure: Ratio, of: Expr | None) -> Expr | None:
        tests = []
        if of is not None:
            tests.append(ir.is_not(ir.holds(ir.compare("gt", of, ir.ZERO))))
        if (missing := _no_value(measure)) is not None:
            tests.append(missing)
        return ir.either(*tests) if tests else None

    def _settle_undefined(self, compiled: Compiled, paid_on: Ratio, of: Expr | None, measure: Ratio) -> Compiled:
        """The setting `undefined`: base_rate and top_rate give an answer where the measure has none."""
        policy, undefined, scale = self.plan.setting("undefined", self.component), compiled.undefined, compiled.scale
        if undefined is None or scale is None or policy == "wait":
            return compiled
        if policy == "base_rate":
            return _settled(compiled, undefined, 1, paid_on, measure, None)
        divisor = of if of is not None else measure.den
        zero = ir.FALSE if divisor is None else ir.holds(ir.eq(divisor, ir.ZERO))
        still = ir.both(undefined, ir.is_not(zero))
        return _settled(compiled, zero, len(scale.steps), paid_on, measure, still)

    @property
    def rows_multiply(self) -> bool:
        """Whether each row has a factor of its own: `multiply` speaks about rows, the component about periods."""
        node, scope = self.component.multiply, self.scope
        return node is not None and self.component.per != "row" and is_row_expression(node, scope)

    def gate(self) -> Expr:
        """Name of the first gate that fails; null when all hold."""
        tests = []
        for i, (reason, node) in enumerate(self.component.when.items()):
            held = self.columns.one(f"_gate{i}", ir.holds(self.scope.condition(node)), self.alias)
            tests.append((ir.is_not(held), ir.lit(reason)))
        return ir.case(tests, ir.lit(None)) if tests else ir.lit(None, TEXT)

    def multiplier(self) -> Ratio | None:
        """The factor on the whole; None where there is none, or each row has its own."""
        if self.component.multiply is None or self.rows_multiply:
            return None
        return self.columns.keep("_multiplier", self.scope.number(self.component.multiply), self.alias)


def _settled(
    compiled: Compiled, when: Expr, band: int, paid_on: Ratio, measure: Ratio, undefined: Expr | None
) -> Compiled:
    """The same where the measure has a value; `when` it has none, everything at the rate of one band."""
    assert compiled.scale is not None
    rate = compiled.scale.steps[band - 1].rate or ir.ZERO
    whole = Ratio(measure.num) if paid_on.den is not None else paid_on
    return replace(
        compiled,
        value=ratio.choose([(when, ratio.mul(Ratio(rate), whole))], compiled.value),
        tier=ir.case([(when, ir.lit(band))], compiled.tier),
        rate=ir.case([(when, rate)], compiled.rate),
        undefined=undefined,
        settled=when,
    )


def _no_value(measure: Ratio) -> Expr | None:
    """When the measure is undefined: a quotient by zero or by nothing, or a number that is missing."""
    if measure.den is not None:
        return ir.is_not(ir.holds(ir.compare("ne", measure.den, ir.ZERO)))
    return None if isinstance(measure.num, ir.Lit) else ir.is_null(measure.num)
