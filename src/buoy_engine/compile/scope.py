"""Expressions of a plan → typed expressions, in a scope that knows what the words mean.

`Scope` has the scalar language (arithmetic, comparison, functions). What a name, an aggregate or a lookup means depends on
the grain: `rows.RowScope` and `cells.CellScope` answer that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from buoy_engine.kernel import ir, ratio
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, Expr, Kind, number
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import ListEntry, Plan
from buoy_engine.spec.words import LOOKUPS

Term = Expr | Ratio


class Misuse(ValueError):
    """An expression that cannot mean anything here: found, expected, what to do. Becomes a problem of the plan."""

    def __init__(self, found: str, expected: str, fix: str, code: str = "expression-meaning") -> None:
        super().__init__(f"{found}; expected {expected}; {fix}")
        self.found, self.expected, self.fix, self.code = found, expected, fix, code


_COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_TEXT_FUNCTIONS = {"upper": 1, "lower": 1, "trim": 1, "replace": 3, "starts_with": 2, "contains": 2}


@dataclass
class Scope:
    """The scalar language; subclasses say what names, aggregates and lookups are."""

    plan: Plan
    late: frozenset[str] = field(default=frozenset(), kw_only=True)
    zone_offsets: Callable[[Expr], Expr] | None = field(default=None, kw_only=True)

    # ------------------------------------------------------------ what subclasses answer

    def name(self, parts: tuple[str, ...]) -> Term:
        """A word."""
        raise NotImplementedError

    def aggregate(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        """sum, count, distinct, min, max, possibly over a window."""
        raise NotImplementedError

    def lookup(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        """target, score, certified, earned."""
        raise NotImplementedError

    def row_date(self) -> Expr:
        """The date that decides what is in a dated list."""
        raise NotImplementedError

    def ranked(self, node: ast.Call) -> Term:
        """rank(value), rank(value, group)."""
        raise Misuse(
            f"{node.name}(…)", "a value of one row", "ask for places in when, amount, rate or a measure", "grain-mixed"
        )

    # ------------------------------------------------------------ the language

    def number(self, node: ast.Node) -> Ratio:
        """The node as a number. Raises `Misuse` when it is none."""
        term = self.term(node)
        if isinstance(term, Ratio):
            return term
        if isinstance(term, ir.Lit) and term.value is None:
            return Ratio(ir.lit(None, number()))
        if term.type.kind is not Kind.NUMBER:
            raise Misuse(f"{show(node)} is a {term.type.kind}", "a number", "compare it or choose a numeric column")
        return Ratio(term)

    def expr(self, node: ast.Node) -> Expr:
        """The node as one value."""
        term = self.term(node)
        return term.decimal() if isinstance(term, Ratio) else term

    def condition(self, node: ast.Node) -> Expr:
        """The node as a yes or no. Raises `Misuse` when it is neither."""
        term = self.expr(node)
        if term.type != BOOL:
            raise Misuse(
                f"{show(node)} is a {term.type.kind}", "a condition", "compare it with something, as in 'amount > 100'"
            )
        return term

    def term(self, node: ast.Node) -> Term:
        match node:
            case ast.Number(value):
                return Ratio(ir.lit(value))
            case ast.Text(value):
                return ir.lit(value)
            case ast.Day(value):
                return ir.lit(value)
            case ast.Constant(None):
                return ir.lit(None)
            case ast.Constant(value):
                return ir.lit(value)
            case ast.Name(parts):
                return self.word(parts)
            case ast.Unary("-", value):
                return ratio.neg(self.number(value))
            case ast.Unary(_, value):
                return ir.is_not(self.condition(value))
            case ast.Binary():
                return self.binary(node)
            case ast.Among(value, choices):
                return self.among(value, choices)
            case ast.IsNull(value):
                return ir.is_null(self.expr(value))
            case ast.Choice():
                return self.choice(node)
            case ast.Over(ast.Call() as call, window, count) if ast.is_aggregate(call):
                return self.aggregate(call, window, count)
            case ast.Over(ast.Call() as call, window, count) if call.name in ("target", "earned", "score"):
                return self.lookup(call, window, count)
            case ast.Over(value, window, _):
                raise Misuse(
                    f"'over {window}' after {show(value)}",
                    "an aggregate, target(…) or earned(…)",
                    "write for example sum(amount) over year",
                )
            case ast.Call() if ast.is_aggregate(node):
                return self.aggregate(node, None, None)
            case ast.Call(name) if name in LOOKUPS:
                return self.lookup(node, None, None)
            case ast.Call():
                return self.call(node)
        raise AssertionError(node)

    def late_parameter(self, name: str) -> Term:
        """A parameter that differs between the variants of a what-if: known only where a period is calculated."""
        raise Misuse(
            f"the parameter {name!r} where rows are read",
            "a parameter used above the sums only",
            "calculate every variant as a whole",
            "not-late",
        )

    def word(self, parts: tuple[str, ...]) -> Term:
        if len(parts) == 1 and parts[0] in self.late:
            return self.late_parameter(parts[0])
        if len(parts) == 1 and parts[0] in self.plan.parameters:
            return self.term(self.plan.parameters[parts[0]].value)
        return self.name(parts)

    def binary(self, node: ast.Binary) -> Term:
        match node.op:
            case "and" | "or":
                left, right = self.condition(node.left), self.condition(node.right)
                return ir.Op(BOOL, node.op, (left, right))
            case "+":
                return ratio.add(self.number(node.left), self.number(node.right))
            case "-":
                return ratio.add(self.number(node.left), self.number(node.right), -1)
            case "*":
                return ratio.mul(self.number(node.left), self.number(node.right))
            case "/":
                return ratio.div(self.number(node.left), self.number(node.right))
        return self.compared(_COMPARISONS[node.op], node.left, node.right)

    def compared(self, op: str, left: ast.Node, right: ast.Node) -> Expr:
        a, b = self.term(left), self.term(right)
        if isinstance(a, Ratio) and isinstance(b, Ratio):
            return ratio.compare(op, a, b)
        x = a.decimal() if isinstance(a, Ratio) else a
        y = b.decimal() if isinstance(b, Ratio) else b
        x, y = _alike(x, y)
        if x.type.kind is not y.type.kind:
            raise Misuse(
                f"{show(left)} ({x.type.kind}) compared with {show(right)} ({y.type.kind})",
                "two values of one kind",
                "quote text, write dates as 2025-03-31",
            )
        if x.type.kind is Kind.NUMBER:
            return ratio.compare(op, Ratio(x), Ratio(y))
        return ir.compare(op, x, y)

    def among(self, value: ast.Node, choices: tuple[ast.Node, ...] | str) -> Expr:
        if isinstance(choices, str):
            return self.listed(value, choices)
        if not choices:
            return ir.FALSE
        return ir.either(*(self.compared("eq", value, choice) for choice in choices))

    def listed(self, value: ast.Node, name: str) -> Expr:
        if name not in self.plan.lists:
            raise Misuse(
                f"the list {name!r}",
                f"one of the plan's lists ({', '.join(self.plan.lists) or 'there are none'})",
                "add it under lists",
            )
        tests = [self.entry(value, entry) for entry in self.plan.lists[name]]
        return ir.either(*tests) if tests else ir.FALSE

    def entry(self, value: ast.Node, entry: ListEntry) -> Expr:
        member = self.compared("eq", value, _constant(entry.value))
        start = ir.compare("ge", self.row_date(), ir.lit(entry.from_)) if entry.from_ else None
        end = ir.compare("le", self.row_date(), ir.lit(entry.to)) if entry.to else None
        made = ir.both(member, start, end)
        assert made is not None
        return made

    def choice(self, node: ast.Choice) -> Term:
        branches = [(self.compared("eq", node.by, key), value) for key, value in node.keys]
        return self.pick(branches, node.otherwise)

    def pick(self, branches: list[tuple[Expr, ast.Node]], otherwise: ast.Node | None) -> Term:
        """A CASE whose branches are numbers, or all of one other kind."""
        terms = [(condition, self.term(value)) for condition, value in branches]
        last = None if otherwise is None else self.term(otherwise)
        every = [term for _, term in terms] + ([last] if last is not None else [])
        if any(isinstance(term, Ratio) or term.type.kind is Kind.NUMBER for term in every):
            return ratio.choose([(c, _as_ratio(t)) for c, t in terms], None if last is None else _as_ratio(last))
        exprs = [(c, t) for c, t in terms if not isinstance(t, Ratio)]
        return ir.case(exprs, last if not isinstance(last, Ratio) else None)

    def call(self, node: ast.Call) -> Term:
        args = node.args
        match node.name, len(args):
            case "if", 2 | 3:
                return self.pick([(self.condition(args[0]), args[1])], args[2] if len(args) == 3 else None)
            case "rank", 1 | 2:
                return self.ranked(node)
            case "coalesce", n if n >= 1:
                return self.coalesced(args)
            case "min", _:
                return Ratio(ir.least(*(self.number(a).decimal() for a in args)))
            case "max", _:
                return Ratio(ir.greatest(*(self.number(a).decimal() for a in args)))
            case "abs", 1:
                value = self.number(args[0]).decimal()
                return Ratio(ir.Op(value.type, "abs", (value,)))
            case "round", 1 | 2:
                return Ratio(
                    self.number(args[0]).rounded(
                        _whole(args[1]) if len(args) == 2 else 0, self.plan.setting("rounding")
                    )
                )
            case "floor" | "ceil", 1:
                return Ratio(self.number(args[0]).rounded(0, "floor" if node.name == "floor" else "ceiling"))
            case (("year" | "month" | "day"), 1):
                return Ratio(ir.Op(number(), node.name, (self.day(args[0]),)))
            case "add_days" | "add_months", 2:
                return ir.Op(DATE, node.name, (self.day(args[0]), self.number(args[1]).decimal()))
            case "days_between", 2:
                return Ratio(ir.Op(number(), "days_between", (self.day(args[0]), self.day(args[1]))))
            case "months_between", 2:
                return Ratio(_months_between(self.day(args[0]), self.day(args[1])))
            case "local_date", 1:
                return self.local_date(args[0])
            case "concat", n if n >= 1:
                return ir.Op(TEXT, "concat", tuple(self.text(a) for a in args))
            case name, n if _TEXT_FUNCTIONS.get(name) == n:
                kind = BOOL if name in ("starts_with", "contains") else TEXT
                return ir.Op(kind, name, tuple(self.text(a) for a in args))
        raise Misuse(
            f"{node.name}(…) with {len(args)} values",
            "a function of the plan language",
            "see the list in docs/plan-language.md, section 2",
        )

    def coalesced(self, args: tuple[ast.Node, ...]) -> Term:
        terms = [self.term(a) for a in args]
        if any(isinstance(t, Ratio) for t in terms):
            return Ratio(ir.coalesce(*(_as_ratio(t).decimal() for t in terms)))
        return ir.coalesce(*(t for t in terms if not isinstance(t, Ratio)))

    def day(self, node: ast.Node) -> Expr:
        value = self.expr(node)
        if value.type.kind is Kind.TIMESTAMP:
            return ir.Op(DATE, "date_of", (value,))
        if value.type != DATE:
            raise Misuse(
                f"{show(node)} is a {value.type.kind}", "a date", "write dates as 2025-03-31 or name a date column"
            )
        return value

    def text(self, node: ast.Node) -> Expr:
        value = self.expr(node)
        return value if value.type == TEXT else ir.Op(TEXT, "text", (value,))

    def local_date(self, node: ast.Node) -> Expr:
        value = self.expr(node)
        if value.type.kind is not Kind.TIMESTAMP:
            raise Misuse(
                f"local_date({show(node)}) of a {value.type.kind}",
                "a timestamp in UTC",
                "give the column as an ISO timestamp",
            )
        return self.zone_offsets(value) if self.zone_offsets else ir.Op(DATE, "date_of", (value,))


def show(node: ast.Node) -> str:
    """A short form of a node for messages."""
    match node:
        case ast.Name():
            return str(node)
        case ast.Call(name):
            return f"{name}(…)"
        case ast.Text(value):
            return f'"{value}"'
        case ast.Number(value) | ast.Day(value):
            return str(value)
    return "the expression"


def _as_ratio(term: Term) -> Ratio:
    if isinstance(term, Ratio):
        return term
    if isinstance(term, ir.Lit) and term.value is None:
        return Ratio(ir.lit(None, number()))
    return Ratio(term)


def _alike(x: Expr, y: Expr) -> tuple[Expr, Expr]:
    """A number written as text next to a number, or a date next to a timestamp, is read as what it is compared with."""
    if x.type.kind is Kind.TIMESTAMP and y.type == DATE:
        return ir.Op(DATE, "date_of", (x,)), y
    if y.type.kind is Kind.TIMESTAMP and x.type == DATE:
        return x, ir.Op(DATE, "date_of", (y,))
    for one, other, turned in ((x, y, False), (y, x, True)):
        if isinstance(one, ir.Lit) and isinstance(one.value, str) and other.type.kind is not Kind.TEXT:
            read = _read_as(one.value, other.type.kind)
            return (other, read) if turned else (read, other)
        if isinstance(one, ir.Lit) and isinstance(one.value, Decimal) and other.type.kind is Kind.TEXT:
            read = ir.lit(f"{one.value:f}")
            return (other, read) if turned else (read, other)
    return x, y


def _read_as(text: str, kind: Kind) -> Expr:
    try:
        if kind is Kind.NUMBER:
            return ir.lit(Decimal(text))
        if kind is Kind.BOOL and text.lower() in ("true", "false"):
            return ir.lit(text.lower() == "true")
        if kind is Kind.DATE:
            return ir.lit(date.fromisoformat(text))
    except (ArithmeticError, ValueError):
        pass
    return ir.lit(text)


def _constant(value: Any) -> ast.Node:
    match value:
        case bool():
            return ast.Constant(value)
        case int() | Decimal():
            return ast.Number(Decimal(value))
        case date():
            return ast.Day(value)
    return ast.Text(str(value))


def _whole(node: ast.Node) -> int:
    value = (
        node.value
        if isinstance(node, ast.Number)
        else -node.value.value
        if isinstance(node, ast.Unary) and isinstance(node.value, ast.Number)
        else None
    )
    if value is None or value != int(value):
        raise Misuse("the second value of round(…)", "a whole number of decimals", "write for example round(x, 2)")
    return int(value)


def _months_between(start: Expr, end: Expr) -> Expr:
    """Whole months elapsed: the calendar steps, less one while the clamped anniversary is still ahead."""
    steps = ir.Op(number(), "month_steps", (start, end))
    reached = ir.Op(DATE, "add_months", (start, steps))
    return ir.sub(steps, ir.case([(ir.compare("gt", reached, end), ir.ONE)], ir.ZERO))
