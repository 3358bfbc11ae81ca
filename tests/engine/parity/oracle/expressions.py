"""The expression language: text to tree (a Pratt parser), and tree to value.

A value is a Fraction, a text, a date, a timestamp, a boolean or None. None is *undefined*: it goes through arithmetic
and comparisons, satisfies no condition, and `and`, `or`, `not` treat it as unknown (three-valued logic).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any, Protocol

from .calendar import add_months, whole_months_between
from .exact import Refused, exact, number_of_text, round_to, text_of

AGGREGATES = {"sum", "count", "distinct"}  # and min, max with one argument
LOOKUPS = {"target", "score", "certified", "earned"}


# --- The tree ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Literal:
    value: Any


@dataclass(frozen=True)
class Name:
    """A word, possibly dotted: ("partner", "tier")."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Unary:
    operator: str
    operand: "Node"


@dataclass(frozen=True)
class Membership:
    item: "Node"
    choices: tuple["Node", ...] | str
    negated: bool


@dataclass(frozen=True)
class IsNull:
    item: "Node"
    negated: bool


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    where: "Node | None" = None

    @property
    def is_aggregate(self) -> bool:
        """Whether it speaks about many rows. `min` and `max` do with one argument."""
        return self.function in AGGREGATES or (self.function in {"min", "max"} and len(self.arguments) == 1)

    @property
    def is_lookup(self) -> bool:
        return self.function in LOOKUPS


@dataclass(frozen=True)
class Over:
    """An aggregate, a lookup or a partner word in another window."""

    inner: "Node"
    window: str
    count: int = 0


@dataclass(frozen=True)
class Table:
    """`{by: …, key: value, otherwise: value}`."""

    by: "Node"
    entries: tuple[tuple[str, "Node"], ...]
    otherwise: "Node | None"


Node = Literal | Name | Operation | Unary | Membership | IsNull | Call | Over | Table


# --- Text to tree -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}-\d{2}-\d{2}(?![\d]))
    | (?P<number>(?:\d[\d_]*(?:\.\d+)?|\.\d+)%?)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<word>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*)
    | (?P<mark>==|!=|<=|>=|[-+*/<>(),])
    )""",
    re.VERBOSE,
)

_BINDING = {"or": 1, "and": 2, "in": 4, "not": 4, "is": 4, "+": 5, "-": 5, "*": 6, "/": 6, "over": 8}
_BINDING |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 4)
_WINDOWS = {
    "year_to_date",
    "quarter_to_date",
    "plan_to_date",
    "year",
    "quarter",
    "half_year",
    "plan",
    "month",
}
_WINDOWS |= {"previous", "year_ago", "previous_year", "year_ago_to_date", "last"}


def tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text) pairs."""
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Refused("expression", f"cannot read {text[place:]!r} in {text!r}")
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.source = text
        self.tokens = [*tokens(text), ("end", "")]
        self.place = 0

    def parse(self) -> Node:
        node = self.expression(0)
        if self.kind != "end":
            raise self.error(f"did not expect {self.text!r}")
        return node

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    @property
    def text(self) -> str:
        return self.tokens[self.place][1]

    def error(self, message: str) -> Refused:
        return Refused("expression", f"{message} in {self.source!r}")

    def take(self) -> tuple[str, str]:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def at(self, *texts: str) -> bool:
        return self.kind in {"word", "mark"} and self.text in texts

    def expect(self, text: str) -> None:
        if not self.at(text):
            raise self.error(f"expected {text!r}, found {self.text!r}")
        self.take()

    def expression(self, strength: int) -> Node:
        """An expression whose operators bind more tightly than `strength`."""
        left = self.prefix()
        while self.kind in {"word", "mark"} and _BINDING.get(self.text, 0) > strength:
            left = self.infix(left)
        return left

    def prefix(self) -> Node:
        kind, text = self.take()
        if kind == "date":
            return Literal(date.fromisoformat(text))
        if kind == "number":
            return Literal(number_of_text(text))
        if kind == "text":
            return Literal(text[1:-1])
        if text == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if text == "-":
            return Unary("-", self.expression(7))
        if text == "+":
            return self.expression(7)
        if text == "not":
            return Unary("not", self.expression(3))
        if kind == "word":
            return self.word(text)
        raise self.error(f"did not expect {text!r}")

    def word(self, text: str) -> Node:
        if text in {"true", "false", "null"}:
            return Literal({"true": True, "false": False, "null": None}[text])
        if not self.at("("):
            return Name(tuple(text.split(".")))
        self.take()
        arguments: list[Node] = []
        where = None
        while not self.at(")"):
            if self.at("where"):
                self.take()
                where = self.expression(0)
                break
            arguments.append(self.expression(0))
            if self.at(","):
                self.take()
        self.expect(")")
        return _checked(Call(text, tuple(arguments), where))

    def infix(self, left: Node) -> Node:
        _, operator = self.take()
        if operator == "over":
            return self.window(left)
        if operator == "is":
            negated = self.at("not")
            if negated:
                self.take()
            self.expect("null")
            return IsNull(left, negated)
        if operator == "not":
            self.expect("in")
            return self.membership(left, negated=True)
        if operator == "in":
            return self.membership(left, negated=False)
        right = self.expression(_BINDING[operator])
        if _BINDING[operator] == 4 and self.at("==", "!=", "<", "<=", ">", ">="):
            raise self.error("comparisons cannot be chained")
        return Operation(operator, left, right)

    def window(self, inner: Node) -> Node:
        _, window = self.take()
        if window not in _WINDOWS:
            raise self.error(f"unknown window {window!r}")
        if window != "last":
            return Over(inner, window)
        kind, count = self.take()
        if kind != "number":
            raise self.error("expected a number after `last`")
        return Over(inner, "last", int(count))

    def membership(self, item: Node, negated: bool) -> Node:
        if not self.at("("):
            kind, name = self.take()
            if kind != "word":
                raise self.error(f"expected a list, found {name!r}")
            return Membership(item, name, negated)
        self.take()
        choices = [self.expression(0)]
        while self.at(","):
            self.take()
            choices.append(self.expression(0))
        self.expect(")")
        return Membership(item, tuple(choices), negated)


def _checked(call: Call) -> Call:
    """The call, if there is such a function."""
    if not (call.is_aggregate or call.is_lookup or call.function in FUNCTIONS or call.function in _LAZY):
        raise Refused("expression", f"unknown function {call.function}()")
    return call


def parse(value: Any) -> Node:
    """A value of a plan (number, text, expression, table of values) as a tree."""
    value = exact(value)
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, str):
        return _Parser(value).parse()
    return Literal(value)


def _table(value: dict[Any, Any]) -> Table:
    if "by" not in value:
        raise Refused("table-of-values", f"expected `by` in {value}")
    entries = tuple((text_of(key), parse(entry)) for key, entry in value.items() if key not in {"by", "otherwise"})
    otherwise = parse(value["otherwise"]) if "otherwise" in value else None
    return Table(parse(value["by"]), entries, otherwise)


# --- What a tree speaks about -----------------------------------------------------------------------------------


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below."""
    if isinstance(node, Operation):
        yield from (node.left, node.right)
    elif isinstance(node, Unary):
        yield node.operand
    elif isinstance(node, Membership):
        yield node.item
        if isinstance(node.choices, tuple):
            yield from node.choices
    elif isinstance(node, IsNull):
        yield node.item
    elif isinstance(node, Call):
        yield from node.arguments
        if node.where is not None:
            yield node.where
    elif isinstance(node, Over):
        yield node.inner
    elif isinstance(node, Table):
        yield node.by
        yield from (entry for _, entry in node.entries)
        if node.otherwise is not None:
            yield node.otherwise


def free_names(node: Node) -> Iterator[tuple[str, ...]]:
    """The names outside aggregates, lookups and windows: what may be a word about a row."""
    if isinstance(node, Name):
        yield node.path
    elif isinstance(node, Over) or (isinstance(node, Call) and (node.is_aggregate or node.is_lookup)):
        return
    else:
        for child in children(node):
            yield from free_names(child)


# --- Tree to value ----------------------------------------------------------------------------------------------


class Context(Protocol):
    """What an expression can be asked about."""

    def name(self, path: tuple[str, ...]) -> Any: ...

    def aggregate(self, call: Call, window: Over | None) -> Any: ...

    def lookup(self, function: str, name: str, window: Over | None) -> Any: ...

    def place(self, call: Call) -> Any: ...

    def word_over(self, path: tuple[str, ...], window: Over) -> Any: ...

    def in_list(self, name: str, value: Any) -> bool: ...

    def undefined(self, why: str) -> None: ...

    def local_date(self, timestamp: Any) -> date | None: ...


def value_of(node: Node, context: Context) -> Any:
    """The value of a tree in a context."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return context.name(node.path)
    if isinstance(node, Unary):
        return _unary(node, context)
    if isinstance(node, Operation):
        return _operation(node, context)
    if isinstance(node, Membership):
        return _membership(node, context)
    if isinstance(node, IsNull):
        return (value_of(node.item, context) is None) != node.negated
    if isinstance(node, Over):
        return _over(node, context)
    if isinstance(node, Table):
        return _from_table(node, context)
    return _call(node, context)


def holds(node: Node, context: Context) -> bool:
    """Whether a condition is satisfied; undefined is not."""
    return value_of(node, context) is True


def number(value: Any) -> Fraction | None:
    """A value where a number is due; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if isinstance(value, str):
        read = number_of_text(value)
        if read is not None:
            return read
    raise Refused("not-a-number", repr(value))


def _unary(node: Unary, context: Context) -> Any:
    operand = value_of(node.operand, context)
    if operand is None:
        return None
    return not operand if node.operator == "not" else -_number(operand)


def _number(value: Any) -> Fraction:
    read = number(value)
    if read is None:
        raise Refused("not-a-number", "null")
    return read


def _operation(node: Operation, context: Context) -> Any:
    if node.operator in {"and", "or"}:
        return _logic(node, context)
    left, right = value_of(node.left, context), value_of(node.right, context)
    if left is None or right is None:
        return None
    if node.operator in {"+", "-", "*", "/"}:
        return _arithmetic(node.operator, left, right, context)
    return compare(node.operator, left, right, context)


def _logic(node: Operation, context: Context) -> bool | None:
    decisive = node.operator == "or"
    sides = [value_of(node.left, context)]
    if sides[0] is decisive:
        return decisive
    sides.append(value_of(node.right, context))
    if sides[1] is decisive:
        return decisive
    return None if None in sides else not decisive


def _arithmetic(operator: str, left: Any, right: Any, context: Context) -> Any:
    if isinstance(left, date) or isinstance(right, date):
        return _date_arithmetic(operator, left, right)
    a, b = _number(left), _number(right)
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if b == 0:
        context.undefined("zero")
        return None
    return a / b


def _date_arithmetic(operator: str, left: Any, right: Any) -> Any:
    raise Refused("date-arithmetic", f"{left} {operator} {right}: use add_days or days_between")


def compare(operator: str, left: Any, right: Any, context: Context) -> bool:
    """A comparison of two values that are not null."""
    left, right = _alike(left, right, context)
    if type(left) is not type(right):
        if operator in {"==", "!="}:
            return operator == "!="
        raise Refused("comparison", f"{left!r} {operator} {right!r}")
    outcomes: dict[str, bool] = {"==": left == right, "!=": left != right}
    if operator in outcomes:
        return outcomes[operator]
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _alike(left: Any, right: Any, context: Context) -> tuple[Any, Any]:
    """Both values in one type where that is possible."""
    if isinstance(left, str) and not isinstance(right, str):
        return _read_like(left, right, context), _plain(right, context)
    if isinstance(right, str) and not isinstance(left, str):
        return _plain(left, context), _read_like(right, left, context)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left, right
    return _plain(left, context), _plain(right, context)


def _plain(value: Any, context: Context) -> Any:
    if isinstance(value, datetime):
        return context.local_date(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    return value


def _read_like(text: str, other: Any, context: Context) -> Any:
    if isinstance(other, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if isinstance(other, int | Fraction):
        read = number_of_text(text)
        return text if read is None else read
    if isinstance(other, date):
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            return text
    return text


def _membership(node: Membership, context: Context) -> bool | None:
    item = value_of(node.item, context)
    if item is None:
        return None
    if isinstance(node.choices, str):
        return context.in_list(node.choices, item) != node.negated
    found = any(
        choice is not None and compare("==", item, choice, context)
        for choice in (value_of(choice, context) for choice in node.choices)
    )
    return found != node.negated


def _over(node: Over, context: Context) -> Any:
    inner = node.inner
    if isinstance(inner, Call) and inner.is_aggregate:
        return context.aggregate(inner, node)
    if isinstance(inner, Call) and inner.is_lookup:
        return context.lookup(inner.function, lookup_name(inner), node)
    if isinstance(inner, Name):
        return context.word_over(inner.path, node)
    raise Refused("window", "only an aggregate, a lookup or a partner word may look at another window")


def _from_table(node: Table, context: Context) -> Any:
    key = value_of(node.by, context)
    if key is not None:
        for entry, chosen in node.entries:
            if _is_key(entry, key):
                return value_of(chosen, context)
    return None if node.otherwise is None else value_of(node.otherwise, context)


def _is_key(entry: str, key: Any) -> bool:
    if isinstance(key, int | Fraction) and not isinstance(key, bool):
        return number_of_text(entry) == key
    return entry == text_of(key)


def lookup_name(call: Call) -> str:
    """The name a lookup is given: `target(revenue)` or `target("revenue")`."""
    if len(call.arguments) != 1:
        raise Refused("expression", f"{call.function}() takes one name")
    argument = call.arguments[0]
    if isinstance(argument, Name):
        return ".".join(argument.path)
    if isinstance(argument, Literal) and isinstance(argument.value, str):
        return argument.value
    raise Refused("expression", f"{call.function}() takes a name")


def _call(node: Call, context: Context) -> Any:
    if node.is_lookup:
        return context.lookup(node.function, lookup_name(node), None)
    if node.is_aggregate:
        return context.aggregate(node, None)
    if node.function == "rank":
        return context.place(node)
    if node.function == "if":
        return _if(node, context)
    if node.function == "coalesce":
        return next((found for found in (value_of(a, context) for a in node.arguments) if found is not None), None)
    values = [value_of(argument, context) for argument in node.arguments]
    if node.function == "concat":
        return "".join(text_of(value) for value in values)
    if node.function == "local_date":
        return None if values[0] is None else context.local_date(values[0])
    if any(value is None for value in values):
        return None
    return FUNCTIONS[node.function](*values)


def _if(node: Call, context: Context) -> Any:
    condition, *branches = node.arguments
    if holds(condition, context):
        return value_of(branches[0], context)
    return value_of(branches[1], context) if len(branches) > 1 else None


_LAZY = {"if", "rank", "coalesce", "concat", "local_date"}


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    raise Refused("not-a-date", repr(value))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "round": lambda x, digits=0: round_to(_number(x), int(_number(digits))),
    "floor": lambda x: Fraction(floor(_number(x))),
    "ceil": lambda x: Fraction(ceil(_number(x))),
    "abs": lambda x: abs(_number(x)),
    "min": lambda *xs: min(xs) if isinstance(xs[0], date) else min(_number(x) for x in xs),
    "max": lambda *xs: max(xs) if isinstance(xs[0], date) else max(_number(x) for x in xs),
    "upper": lambda t: text_of(t).upper(),
    "lower": lambda t: text_of(t).lower(),
    "trim": lambda t: text_of(t).strip(),
    "replace": lambda t, old, new: text_of(t).replace(text_of(old), text_of(new)),
    "starts_with": lambda t, x: text_of(t).startswith(text_of(x)),
    "contains": lambda t, x: text_of(x) in text_of(t),
    "add_days": lambda d, n: _day(d) + timedelta(days=int(_number(n))),
    "add_months": lambda d, n: add_months(_day(d), int(_number(n))),
    "days_between": lambda a, b: Fraction((_day(b) - _day(a)).days),
    "months_between": lambda a, b: Fraction(whole_months_between(_day(a), _day(b))),
    "year": lambda d: Fraction(_day(d).year),
    "month": lambda d: Fraction(_day(d).month),
    "day": lambda d: Fraction(_day(d).day),
}
