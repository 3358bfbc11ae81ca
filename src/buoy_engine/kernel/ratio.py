"""Numbers of an expression as exact fractions, until somebody has to store or round them.

`sum(amount) / target(revenue) >= 90%` divides by a column. Kept as numerator and denominator it is compared by
cross-multiplication and never rounded; only a result that is stored becomes a decimal, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Expr


@dataclass(frozen=True, slots=True)
class Ratio:
    """`num ÷ den`, or `num` alone."""

    num: Expr
    den: Expr | None = None

    def decimal(self, scale: int = ir.STORE_SCALE) -> Expr:
        """As one number; null where the denominator is zero."""
        return self.num if self.den is None else ir.div(self.num, self.den, scale)

    def rounded(self, digits: int, mode: str) -> Expr:
        """Rounded once, from the exact value."""
        if self.den is None:
            return ir.round_to(self.num, digits, mode)
        if digits < 0:
            return ir.round_to(self.decimal(), digits, mode)
        return ir.div(self.num, self.den, digits, mode)


def _times(left: Expr | None, right: Expr | None) -> Expr | None:
    if left is None or right is None:
        return left if right is None else right
    return ir.mul(left, right)


def _scaled(value: Expr, factor: Expr | None) -> Expr:
    return value if factor is None else ir.mul(value, factor)


def add(a: Ratio, b: Ratio, sign: int = 1) -> Ratio:
    """a + b, or a − b with sign −1."""
    join = ir.add if sign > 0 else ir.sub
    if a.den == b.den:
        return Ratio(join(a.num, b.num), a.den)
    return Ratio(join(_scaled(a.num, b.den), _scaled(b.num, a.den)), _times(a.den, b.den))


def mul(a: Ratio, b: Ratio) -> Ratio:
    """a × b."""
    return Ratio(ir.mul(a.num, b.num), _times(a.den, b.den))


def div(a: Ratio, b: Ratio) -> Ratio:
    """a ÷ b."""
    if isinstance(b.num, ir.Lit) and b.den is None and b.num.value == 1:
        return a
    if a.den is None and b.den is None and (constant := _exact_quotient(a.num, b.num)) is not None:
        return Ratio(constant)
    return Ratio(_scaled(a.num, b.den), _scaled(b.num, a.den))


def _exact_quotient(a: Expr, b: Expr) -> Expr | None:
    """The quotient of two constants where it is an exact decimal: `829 / 10000`."""
    if not (
        isinstance(a, ir.Lit)
        and isinstance(b, ir.Lit)
        and isinstance(a.value, Decimal)
        and isinstance(b.value, Decimal)
        and b.value
    ):
        return None
    quotient = a.value / b.value
    fits = -int(quotient.as_tuple().exponent) <= ir.PRODUCT_SCALE  # a constant of a plan is finite
    return ir.lit(quotient) if fits and quotient * b.value == a.value else None


def neg(a: Ratio) -> Ratio:
    """−a."""
    if isinstance(a.num, ir.Lit) and isinstance(a.num.value, Decimal):
        return Ratio(ir.lit(-a.num.value), a.den)
    return Ratio(ir.neg(a.num), a.den)


_TURNED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


def compare(op: str, a: Ratio, b: Ratio) -> Expr:
    """a op b by cross-multiplication; undefined (null) when a denominator is zero."""
    den = _times(a.den, b.den)
    left, right = _scaled(a.num, b.den), _scaled(b.num, a.den)
    if den is None:
        return ir.compare(op, left, right)
    return ir.case(
        [
            (ir.compare("gt", den, ir.ZERO), ir.compare(op, left, right)),
            (ir.compare("lt", den, ir.ZERO), ir.compare(_TURNED[op], left, right)),
        ]
    )


def choose(branches: list[tuple[Expr, Ratio]], otherwise: Ratio | None) -> Ratio:
    """A CASE over fractions."""
    options = [value for _, value in branches] + ([otherwise] if otherwise else [])
    num = ir.case([(c, v.num) for c, v in branches], otherwise.num if otherwise else None)
    if all(value.den is None for value in options):
        return Ratio(num)
    den = ir.case([(c, v.den or ir.ONE) for c, v in branches], (otherwise.den or ir.ONE) if otherwise else None)
    return Ratio(num, den)
