"""What the parts of the statement share: the plan under compilation, and the ways to its statement periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.cells import Cells, PlanRows, cell_base
from buoy_engine.compile.component import Made
from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.kernel.ir import Col, Expr, Join
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec.model import Plan


@dataclass(frozen=True)
class Settlement:
    """A statement under compilation. `made`: the components by id; `rows`: what the plan's measures see."""

    builder: Builder
    plan: Plan
    made: Mapping[str, Made]
    rows: PlanRows

    @property
    def digits(self) -> int:
        """Decimals of the plan's currency."""
        return minor_digits(self.plan.currency)

    def rounded(self, value: Expr) -> Expr:
        """In the plan's currency, by the plan's rounding."""
        return ir.round_to(value, self.digits, self.plan.setting("rounding"))

    def share(self, value: Expr, share: Fraction, digits: int) -> Expr:
        """An exact share of a value, rounded once."""
        part = ratio.div(Ratio(ir.lit(share.numerator)), Ratio(ir.lit(share.denominator)))
        return ratio.mul(Ratio(value), part).rounded(digits, self.plan.setting("rounding"))

    # ------------------------------------------------------------ statement periods

    def period(self, name: Expr, alias: str) -> Join:
        """The statement period of that id."""
        return self._period("period", name, alias)

    def numbered(self, seq: Expr, alias: str) -> Join:
        """The statement period of that number."""
        return self._period("seq", seq, alias)

    def holding(self, day: Expr, alias: str) -> tuple[Join, Join]:
        """The statement period that holds a day, by way of the calendar."""
        calendar = f"{alias}_day"
        on_day = ir.eq(self.builder.col("calendar", "d", calendar), day)
        name = self.builder.col("calendar", self.plan.period, calendar)
        return Join("calendar", calendar, on_day, "inner"), self.period(name, alias)

    def _period(self, column: str, value: Expr, alias: str) -> Join:
        p = self.builder.columns("periods", alias, "kind", column)
        same_kind = ir.eq(p["kind"], ir.lit(self.plan.period))
        return Join("periods", alias, ir.every(same_kind, ir.eq(p[column], value)), "inner")

    # ------------------------------------------------------------ words about the payee's period

    def cells(self, name: str, kind: str) -> Cells:
        """The scope of an expression about a payee's period, over every payee and period of that kind."""
        earned = {component: made.earned for component, made in self.made.items()}
        base, lines = cell_base(self.builder, kind), self.rows.get(kind, "lines")
        return Cells(self.plan, self.builder, name, base, kind, lines, self.rows, earned=earned)


@dataclass
class Known:
    """Joins to what is known of a payee, and of a payee in a statement period; each relation is joined once."""

    builder: Builder
    payee: Expr
    seq: Expr
    joins: dict[str, Join]

    def of_payee(self, relation: str, column: str) -> Col:
        """A column of a relation with one row per payee."""
        return self._joined(relation, column, self._same_payee(relation))

    def of_period(self, relation: str, column: str) -> Col:
        """A column of a relation with one row per payee and statement period."""
        same_period = ir.eq(self.builder.col(relation, "seq", relation), self.seq)
        return self._joined(relation, column, ir.every(self._same_payee(relation), same_period))

    def amount(self, relation: str, column: str) -> Expr:
        """As `of_period`; 0 where there is no row."""
        return ir.coalesce(self.of_period(relation, column), ir.ZERO)

    def _same_payee(self, relation: str) -> Expr:
        return ir.eq(self.builder.col(relation, "_payee", relation), self.payee)

    def _joined(self, relation: str, column: str, on: Expr) -> Col:
        self.joins.setdefault(relation, Join(relation, relation, on))
        return self.builder.col(relation, column, relation)
