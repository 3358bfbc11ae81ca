"""The expression language of plans: text → tree.

`sum(amount where product.family == "Bikes") over year_to_date / target(revenue) >= 90%`

A hand-written precedence parser, because the language has percent and date literals and two clauses (`where`, `over`) that a
borrowed grammar would not, and because its messages are read by people who do not program. The tree knows nothing of
types or grain: `compile.scope` gives it meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; percents are already divided by 100."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text."""

    value: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date."""

    value: date


@dataclass(frozen=True, slots=True)
class Constant:
    """true, false or null."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A word, dotted or not: `amount`, `partner.tier`."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function or aggregate; `where` restricts an aggregate's rows."""

    name: str
    args: tuple[Node, ...]
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """A value seen in another window: `over year_to_date`, `over last 3` (count = 3)."""

    value: Node
    window: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `not x`."""

    op: str
    value: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison or logic."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among:
    """`x in (a, b)` or `x in list_name`."""

    value: Node
    choices: tuple[Node, ...] | str


@dataclass(frozen=True, slots=True)
class IsNull:
    """`x is null`."""

    value: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """A table of values: the value whose key equals `by`."""

    by: Node
    keys: tuple[tuple[Node, Node], ...]
    otherwise: Node | None = None


Node = Number | Text | Day | Constant | Name | Call | Over | Unary | Binary | Among | IsNull | Choice

AGGREGATES = frozenset({"sum", "count", "distinct"})
WINDOWS = frozenset(
    "period year_to_date quarter_to_date half_year_to_date plan_to_date year quarter half_year plan previous"
    " year_ago previous_year year_ago_to_date".split()
)


class ExpressionError(ValueError):
    """The text is not an expression; `column` is 0-based within it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}-\d{2}-\d{2})
    | (?P<number>\d[\d_]*(?:\.\d+)?%?|\.\d+%?)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<op>==|!=|<=|>=|[-+*/<>(),=])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(source: str) -> Iterator[_Token]:
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if not match or match.lastgroup is None:
            found = source[at:].strip()[:1]
            raise ExpressionError(f"the character {found!r} has no meaning here", at)
        kind = match.lastgroup
        yield _Token(kind, match.group(kind), match.start(kind))
        at = match.end()
    yield _Token("end", "", len(source))


_LEVELS = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "in": 4,
    "is": 4,
    "not": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = list(_tokens(source))
        self.at = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def take(self, text: str | None = None) -> _Token:
        token = self.here
        if text is not None and token.text != text:
            found = repr(token.text) if token.text else "the end"
            raise ExpressionError(f"found {found} where {text!r} was expected", token.column)
        self.at += 1
        return token

    def whole(self) -> Node:
        node = self.expression(0)
        if self.here.kind != "end":
            raise ExpressionError(f"{self.here.text!r} was not expected after a complete expression", self.here.column)
        return node

    def expression(self, level: int) -> Node:
        left = self.prefix()
        while (power := self.infix_level()) > level:
            left = self.infix(left, power)
        return left

    def infix_level(self) -> int:
        token = self.here
        if token.kind not in ("op", "name"):
            return 0
        if token.text == "over":
            return 9
        if token.text == "not" and self.tokens[self.at + 1].text != "in":
            return 0
        return _LEVELS.get(token.text, 0)

    def infix(self, left: Node, level: int) -> Node:
        op = self.take()
        if op.text == "over":
            return self.window(left)
        if op.text == "is":
            return self.null_test(left)
        if op.text == "not":
            self.take("in")
            return Unary("not", self.membership(left))
        if op.text == "in":
            return self.membership(left)
        return Binary(op.text, left, self.expression(level))

    def window(self, value: Node) -> Node:
        word = self.take()
        if word.text == "last":
            count = self.take()
            if count.kind != "number" or not count.text.isdigit() or int(count.text) < 1:
                raise ExpressionError("'over last' needs a whole number of periods, as in 'over last 3'", count.column)
            return Over(value, "last", int(count.text))
        if word.text not in WINDOWS:
            raise ExpressionError(
                f"{word.text!r} is not a window; the windows are {', '.join(sorted(WINDOWS))} and 'last N'", word.column
            )
        return Over(value, word.text)

    def null_test(self, value: Node) -> Node:
        negated = self.here.text == "not"
        if negated:
            self.take()
        self.take("null")
        return Unary("not", IsNull(value)) if negated else IsNull(value)

    def membership(self, value: Node) -> Node:
        if self.here.text == "(":
            return Among(value, self.arguments())
        name = self.take()
        if name.kind != "name":
            raise ExpressionError("after 'in' comes a list in brackets or the name of a list", name.column)
        return Among(value, name.text)

    def arguments(self) -> tuple[Node, ...]:
        self.take("(")
        found: list[Node] = []
        while self.here.text != ")":
            found.append(self.expression(0))
            if self.here.text != ")":
                self.take(",")
        self.take(")")
        return tuple(found)

    def prefix(self) -> Node:
        token = self.take()
        match token.kind, token.text:
            case "number", text:
                percent = text.endswith("%")
                value = Decimal(text.rstrip("%").replace("_", ""))
                return Number(value / 100 if percent else value)
            case "date", text:
                try:
                    return Day(date.fromisoformat(text))
                except ValueError:
                    raise ExpressionError(f"{text} is not a date in the calendar", token.column) from None
            case "text", text:
                return Text(text[1:-1])
            case "op", "(":
                node = self.expression(0)
                self.take(")")
                return node
            case "op", "-":
                return Unary("-", self.expression(6))
            case "name", "not":
                return Unary("not", self.expression(3))
            case "name", "true":
                return Constant(True)
            case "name", "false":
                return Constant(False)
            case "name", "null":
                return Constant(None)
            case "name", text if self.here.text == "(":
                return self.call(text)
            case "name", text:
                return Name(tuple(text.split(".")))
            case "end", _:
                raise ExpressionError("the expression ends where a value was expected", token.column)
            case _:
                raise ExpressionError(f"{token.text!r} is not a value", token.column)

    def call(self, name: str) -> Node:
        self.take("(")
        args: list[Node] = []
        where = None
        while self.here.text != ")":
            if self.here.text == "where":
                self.take()
                where = self.expression(0)
                break
            args.append(self.expression(0))
            if self.here.text not in (")", "where"):
                self.take(",")
        self.take(")")
        return Call(name, tuple(args), where)


@lru_cache(maxsize=4096)
def parse(source: str) -> Node:
    """The tree of an expression. Raises `ExpressionError` with what was found and expected."""
    return _Parser(source).whole()


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node."""
    match node:
        case Call(_, args, where):
            return args if where is None else (*args, where)
        case Over(value, _, _) | Unary(_, value) | IsNull(value):
            return (value,)
        case Binary(_, left, right):
            return (left, right)
        case Among(value, choices):
            return (value,) if isinstance(choices, str) else (value, *choices)
        case Choice(by, keys, otherwise):
            parts = (by, *(part for pair in keys for part in pair))
            return parts if otherwise is None else (*parts, otherwise)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def is_aggregate(node: Node) -> bool:
    """sum, count, distinct, or min/max of one value."""
    return isinstance(node, Call) and (node.name in AGGREGATES or (node.name in ("min", "max") and len(node.args) == 1))
