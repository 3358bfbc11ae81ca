"""Conditions on one row, read in Python: whether one holds, and the smallest change that would make it hold.

The problem
    A line earned nothing, and the statement names the condition that failed. The next question is always: what would
    it have taken? `amount >= 1000` on a line of 980 needs 20 more; `product.family == "Bikes"` needs another product.

A worked example: `amount - cost >= 300 and region in ("EU", "UK")` on amount 1000.00, cost 750.00, region US
    amount - cost >= 300   holds when one of its columns moves: amount to 1050.00 (the first column that can)
    region in (…)          holds when region is EU (of numbers the nearest, of texts the first)
    → amount 1000.00 → 1050.00 and region US → EU

Steps
    1. `holds` evaluates the condition over the row with exact decimals; null satisfies nothing.
    2. `nearest` walks the condition: both sides of `and`, the cheaper side of `or`, `not` pushed inwards.
    3. A comparison is solved for one of its columns along a straight line, rounded to the column's decimals on the side
       that satisfies it; a date moves by days; a text takes the constant it is compared with.
    4. Every candidate is tried on the row. What does not make the condition hold is no suggestion.

What this module does not do: conditions about a partner's period (aggregates, targets), which need a calculation; and
anything a straight line through two points does not solve. Then there is no suggestion, which is said, and no guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Plan

Row = Mapping[str, Any]
ONE_DAY = timedelta(days=1)
_DIGITS = 60


class Unknowable(Exception):
    """The expression needs more than the row: an aggregate, a target, a function not known here."""


@dataclass(frozen=True)
class Judge:
    """Evaluates expressions of a plan over one row. `row`: word → value, as the plan writes the words."""

    plan: Plan
    row: Row

    def holds(self, node: ast.Node) -> bool:
        """Whether the condition is satisfied: null and undefined are not. Raises `Unknowable`."""
        return self.value(node) is True

    def value(self, node: ast.Node) -> Any:
        """The value, None for null. Raises `Unknowable`."""
        match node:
            case ast.Number(value) | ast.Text(value) | ast.Day(value) | ast.Constant(value):
                return value
            case ast.Name():
                return self._word(node)
            case ast.Unary("not", inner):
                found = self.value(inner)
                return None if found is None else not found
            case ast.Unary(_, inner):
                found = self.value(inner)
                return None if found is None else -found
            case ast.Binary("and" | "or" as op, left, right):
                return self._logic(op, self.value(left), self.value(right))
            case ast.Binary(op, left, right):
                return _combined(op, self.value(left), self.value(right))
            case ast.Among(inner, choices):
                return self._among(self.value(inner), choices)
            case ast.IsNull(inner):
                return self.value(inner) is None
            case ast.Choice():
                return self._chosen(node)
            case ast.Call(name, args, None) if name in _FUNCTIONS:
                return self._called(name, args)
        raise Unknowable(type(node).__name__)

    def _word(self, node: ast.Name) -> Any:
        word = str(node)
        if word in self.row:
            return self.row[word]
        if word in self.plan.parameters:
            return self.value(self.plan.parameters[word].value)
        raise Unknowable(word)

    @staticmethod
    def _logic(op: str, left: Any, right: Any) -> bool | None:
        decisive = op == "or"
        if left is decisive or right is decisive:
            return op == "or"
        return None if None in (left, right) else not decisive

    def _among(self, value: Any, choices: tuple[ast.Node, ...] | str) -> bool | None:
        if value is None:
            return None
        return any(_compared("==", value, member) for member in self.members(choices))

    def members(self, choices: tuple[ast.Node, ...] | str) -> list[Any]:
        """The values of a list in brackets, or of a named list on the row's date."""
        if not isinstance(choices, str):
            return [self.value(choice) for choice in choices]
        if choices not in self.plan.lists:
            raise Unknowable(choices)
        day = self.row.get("date")
        entries = self.plan.lists[choices]
        return [e.value for e in entries if day is None or _inside(_day(day), e.from_, e.to)]

    def _chosen(self, node: ast.Choice) -> Any:
        by = self.value(node.by)
        for key, value in node.keys:
            if by is not None and _compared("==", by, self.value(key)):
                return self.value(value)
        return None if node.otherwise is None else self.value(node.otherwise)

    def _called(self, name: str, args: tuple[ast.Node, ...]) -> Any:
        if name == "if":
            test, then, *other = args
            return self.value(then if self.holds(test) else other[0]) if other or self.holds(test) else None
        found = [self.value(arg) for arg in args]
        if name == "coalesce":
            return next((value for value in found if value is not None), None)
        return None if None in found else _FUNCTIONS[name](*found)


def _inside(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or day >= first) and (last is None or day <= last)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "if": lambda *_: None,
    "coalesce": lambda *_: None,
    "abs": abs,
    "min": min,
    "max": max,
    "upper": lambda t: t.upper(),
    "lower": lambda t: t.lower(),
    "trim": lambda t: t.strip(),
    "replace": lambda t, old, new: t.replace(old, new),
    "concat": lambda *parts: "".join(parts),
    "starts_with": lambda t, beginning: t.startswith(beginning),
    "contains": lambda t, part: part in t,
    "year": lambda d: Decimal(d.year),
    "month": lambda d: Decimal(d.month),
    "day": lambda d: Decimal(d.day),
    "add_days": lambda d, n: _day(d) + int(n) * ONE_DAY,
    "days_between": lambda a, b: Decimal((_day(b) - _day(a)).days),
}


def _combined(op: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if op in _COMPARISONS:
        return _compared(op, left, right)
    with localcontext() as exact:
        exact.prec = _DIGITS
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right if right else None
    raise Unknowable(op)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _compared(op: str, left: Any, right: Any) -> bool:
    """Numbers written as text beside numbers, and moments beside days, are read as what they are compared with."""
    if isinstance(left, date) and isinstance(right, date):
        left, right = _day(left), _day(right)
    elif isinstance(left, str) is not isinstance(right, str):
        left, right = str(left), str(right)
    try:
        return _COMPARISONS[op](left, right)
    except TypeError:
        raise Unknowable(op) from None


# ---------------------------------------------------------------- the smallest change


@dataclass(frozen=True)
class Move:
    """One column of the row, and the value that it would need."""

    word: str
    found: Any
    needed: Any


@dataclass(frozen=True)
class Nearest:
    """Finds moves. `scales`: word → decimals of a number; `fixed`: words that no suggestion may touch."""

    judge: Judge
    scales: Mapping[str, int]
    fixed: frozenset[str] = frozenset({"is_return", "level", "role", "share"})

    def change(self, conditions: Iterable[ast.Node]) -> tuple[Move, ...] | None:
        """Moves after which all conditions hold; None when there is no such suggestion."""
        judge = self.judge
        found: dict[str, Move] = {}
        nodes = list(conditions)
        try:
            for node in nodes:
                for move in Nearest(judge, self.scales, self.fixed)._moves(node) or ():
                    before = found[move.word].found if move.word in found else move.found
                    found[move.word] = Move(move.word, before, move.needed)
                    judge = Judge(judge.plan, {**judge.row, move.word: move.needed})
            return tuple(found.values()) if all(judge.holds(node) for node in nodes) else None
        except Unknowable:
            return None

    def _moves(self, node: ast.Node) -> tuple[Move, ...] | None:
        if self.judge.holds(node):
            return ()
        match node:
            case ast.Binary("and", left, right):
                return self.change((left, right))
            case ast.Binary("or", left, right):
                options = [moves for side in (left, right) if (moves := self._moves(side)) is not None]
                return min(options, key=len, default=None)
            case ast.Unary("not", inner):
                return self._moves(negated) if (negated := _negation(inner)) is not None else None
        return self._single(node)

    def _single(self, node: ast.Node) -> tuple[Move, ...] | None:
        """The first column of a plain condition that can make it hold, moved as little as possible."""
        words = dict.fromkeys(str(part) for part in ast.walk(node) if isinstance(part, ast.Name))
        for word in words:
            if word not in self.judge.row or word in self.fixed:
                continue
            for needed in self._candidates(node, word):
                if Judge(self.judge.plan, {**self.judge.row, word: needed}).holds(node):
                    return (Move(word, self.judge.row[word], needed),)
        return None

    def _candidates(self, node: ast.Node, word: str) -> Iterator[Any]:
        match node:
            case ast.Name():
                yield True
            case ast.Among(_, choices):
                yield from self._by_nearness(word, self.judge.members(choices))
            case ast.IsNull():
                yield None
            case ast.Binary(op, left, right) if op in _COMPARISONS:
                yield from self._compared(word, left, right)

    def _by_nearness(self, word: str, members: list[Any]) -> list[Any]:
        found = self.judge.row[word]
        if isinstance(found, Decimal) and all(isinstance(member, Decimal) for member in members):
            return sorted(members, key=lambda member: abs(member - found))
        return members

    def _compared(self, word: str, left: ast.Node, right: ast.Node) -> Iterator[Any]:
        found = self.judge.row[word]
        sides = [self.judge.value(side) for side in (left, right)]
        if isinstance(found, date):
            others = [_day(side) for side in sides if isinstance(side, date) and side != found]
            steps = (day + n * ONE_DAY for day in others for n in (0, 1, -1))
            yield from sorted(steps, key=lambda day: abs(day - _day(found)))
        elif isinstance(found, Decimal) or (found is None and any(isinstance(side, Decimal) for side in sides)):
            yield from self._solved(word, found, left, right, sides)
        else:
            yield from (side for side in sides if side is not None and side != found)

    def _solved(
        self, word: str, found: Decimal | None, left: ast.Node, right: ast.Node, sides: list[Any]
    ) -> Iterator[Decimal]:
        """Where left − right is zero along a straight line, on the column's grid, and the two points beside it."""
        step = Decimal(1).scaleb(-self.scales.get(word, 2))
        start = found if found is not None else Decimal(0)
        gaps = [self._gap(word, start + n, left, right) for n in (0, 1)]
        if gaps[0] is None or gaps[1] is None or gaps[0] == gaps[1]:
            return
        with localcontext() as exact:
            exact.prec = _DIGITS
            root = start - gaps[0] / (gaps[1] - gaps[0])
        grid = (root / step).to_integral_value() * step
        yield from sorted((grid + n * step for n in (0, 1, -1, 2, -2)), key=lambda value: abs(value - start))

    def _gap(self, word: str, value: Decimal, left: ast.Node, right: ast.Node) -> Decimal | None:
        judge = Judge(self.judge.plan, {**self.judge.row, word: value})
        gap = _combined("-", judge.value(left), judge.value(right))
        return gap if isinstance(gap, Decimal) else None


def _negation(node: ast.Node) -> ast.Node | None:
    """What must hold so that the node does not; None where no single value follows from it (`not in`)."""
    match node:
        case ast.Unary("not", inner):
            return inner
        case ast.Binary("and" | "or" as op, left, right):
            return ast.Binary("or" if op == "and" else "and", ast.Unary("not", left), ast.Unary("not", right))
        case ast.Binary(op, left, right) if op in _OPPOSITE and op != "==":
            return ast.Binary(_OPPOSITE[op], left, right)
        case ast.Name():
            return ast.Binary("==", node, ast.Constant(False))
    return None
