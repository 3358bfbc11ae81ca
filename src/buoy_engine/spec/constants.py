"""Numbers that are known before any fact is read."""

from __future__ import annotations

from fractions import Fraction

from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan


def constant(plan: Plan, node: ast.Node | None, seen: frozenset[str] = frozenset()) -> Fraction | None:
    """The node's exact value if it depends on no fact, else None (also for a division by zero).

    Parameters are followed; a parameter that names itself has no value.
    """
    match node:
        case ast.Number(value):
            return Fraction(value)
        case ast.Name() as name if str(name) in plan.parameters and str(name) not in seen:
            return constant(plan, plan.parameters[str(name)].value, seen | {str(name)})
        case ast.Unary("-", value):
            inner = constant(plan, value, seen)
            return None if inner is None else -inner
        case ast.Binary(op, left, right):
            a, b = constant(plan, left, seen), constant(plan, right, seen)
            return None if a is None or b is None else _calculated(op, a, b)
    return None


def _calculated(op: str, a: Fraction, b: Fraction) -> Fraction | None:
    match op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return a / b if b else None
    return None


def said(value: Fraction) -> str:
    """A number for people: 100,000 · 0.125 · about 0.3333 (four decimals, ties to even)."""
    for digits in range(13):
        if (value * 10**digits).denominator == 1:
            return _written(value, digits)
    return f"about {_written(round(value, 4), 4)}"


def _written(value: Fraction, digits: int) -> str:
    """A number that has no more than so many decimals, with all of them."""
    whole, rest = divmod(abs((value * 10**digits).numerator), 10**digits)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")


def said_share(value: Fraction) -> str:
    """A share as percent: 12.5 %."""
    return f"{said(value * 100)}%"
