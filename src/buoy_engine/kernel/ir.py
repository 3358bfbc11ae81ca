"""The intermediate representation: typed column expressions and one query per stage.

A plan is compiled to a list of stages. A stage is one relation with a name, a grain and a query; a query selects typed
expressions from relations that earlier stages (or the facts) provide. Nothing here executes anything or knows a SQL
dialect: `compile.lower` turns a stage into a SQLGlot tree, a backend runs the text.

Numbers are exact decimals of a known scale, at most 38 digits in all. The rules, each of which once cost somebody a cent:

* a product has the sum of the scales; where that would pass `PRODUCT_SCALE`, the operands are rounded first, visibly;
* a division never becomes the SQL `/`: it is the operator `div`, whose lowering divides integers and rounds once;
* literals carry their own scale, so that 0.0125 cannot quietly become 0.013.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce

STORE_SCALE = 12
"""Scale at which the result of a division is kept when it has to be a number."""
PRODUCT_SCALE = 18
"""Largest scale of a product: leaves 20 digits before the point."""


class Kind(StrEnum):
    """What sort of value a column holds."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOL = "bool"


@dataclass(frozen=True, slots=True)
class Type:
    """A column type; `scale` is the number of decimals of a number."""

    kind: Kind
    scale: int = 0

    def __str__(self) -> str:
        return f"{self.kind}({self.scale})" if self.kind is Kind.NUMBER else str(self.kind)


TEXT, DATE, BOOL, TIMESTAMP = Type(Kind.TEXT), Type(Kind.DATE), Type(Kind.BOOL), Type(Kind.TIMESTAMP)


def number(scale: int = 0) -> Type:
    """The type of an exact number with `scale` decimals."""
    return Type(Kind.NUMBER, scale)


@dataclass(frozen=True, slots=True)
class Col:
    """A column of a relation in scope; `table` is the alias it is read from."""

    type: Type
    name: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Lit:
    """A constant, or null when `value` is None."""

    type: Type
    value: Decimal | str | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Op:
    """A scalar operator applied to arguments; `params` are compile-time integers or words."""

    type: Type
    name: str
    args: tuple[Expr, ...]
    params: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agg:
    """An aggregate: sum, count, distinct, min, max. `where` keeps only some rows."""

    type: Type
    name: str
    arg: Expr | None
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """A window function; `frame` is 'all', 'running' (to this row), 'before' (to the row before) or 'peers' (to its ties)."""

    type: Type
    name: str
    arg: Expr | None
    partition: tuple[Expr, ...]
    order: tuple[tuple[Expr, bool], ...] = ()
    frame: str = "all"


Expr = Col | Lit | Op | Agg | Win


@dataclass(frozen=True, slots=True)
class Join:
    """`how` is inner, left or full."""

    relation: str
    alias: str
    on: Expr
    how: str = "left"


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT columns FROM relation AS alias, joins, WHERE, GROUP BY; `union` queries have the same columns."""

    columns: Mapping[str, Expr]
    relation: str
    alias: str
    joins: tuple[Join, ...] = ()
    where: Expr | None = None
    group_by: tuple[Expr, ...] = ()
    distinct: bool = False
    union: tuple[Query, ...] = ()

    @property
    def types(self) -> dict[str, Type]:
        """Column name → type; a union's numbers take the widest scale."""
        found = {name: expr.type for name, expr in self.columns.items()}
        for other in self.union:
            for name, kind in other.types.items():
                if kind.scale > found[name].scale:
                    found[name] = kind
        return found


@dataclass(frozen=True, slots=True)
class Recursive:
    """A running total in which a row may be skipped: the one thing a window cannot do (see `rules.take`).

    Rows of `relation` are taken in the order of `position` within `partition`; a row whose `amount` still fits under
    `limit` is kept. Columns: those of the relation and `kept`, a boolean.
    """

    relation: str
    types: Mapping[str, Type]
    partition: tuple[str, ...]
    position: str
    amount: str
    limit: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One relation of a run. `grain` says what a row is; `keep` asks the backend to store it rather than to inline it."""

    name: str
    grain: str
    query: Query | Recursive
    keep: bool = True
    notes: str = ""

    @property
    def types(self) -> dict[str, Type]:
        """Column name → type."""
        if isinstance(self.query, Recursive):
            return {**self.query.types, "kept": BOOL}
        return self.query.types


@dataclass
class Catalog:
    """The relations a compiler may read: facts and the stages built so far."""

    relations: dict[str, dict[str, Type]] = field(default_factory=dict)

    def column(self, relation: str, name: str, alias: str) -> Col:
        """The column `name` of `relation` read through `alias`."""
        return Col(self.relations[relation][name], name, alias)


# ---------------------------------------------------------------- constructors


def lit(value: Decimal | int | str | bool | date | datetime | None, type: Type | None = None) -> Lit:
    """A constant of the natural type; null needs its type."""
    if value is None:
        return Lit(type or TEXT, None)
    if isinstance(value, bool):
        return Lit(BOOL, value)
    if isinstance(value, int):
        value = Decimal(value)
    if isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        scale = max(0, -exponent) if isinstance(exponent, int) else 0
        return Lit(number(scale), value)
    if isinstance(value, datetime):
        return Lit(TIMESTAMP, value)
    if isinstance(value, date):
        return Lit(DATE, value)
    return Lit(TEXT, value)


ZERO, ONE, TRUE, FALSE = lit(0), lit(1), lit(True), lit(False)


def _is(expr: Expr, value: int) -> bool:
    return isinstance(expr, Lit) and not isinstance(expr.value, bool) and expr.value == value


def add(left: Expr, right: Expr) -> Expr:
    """left + right, at the larger scale."""
    if _is(left, 0):
        return right
    if _is(right, 0):
        return left
    return Op(number(max(left.type.scale, right.type.scale)), "add", (left, right))


def sub(left: Expr, right: Expr) -> Expr:
    """left − right, at the larger scale."""
    if _is(right, 0):
        return left
    return Op(number(max(left.type.scale, right.type.scale)), "sub", (left, right))


def neg(value: Expr) -> Expr:
    """−value."""
    return Op(value.type, "neg", (value,))


def mul(left: Expr, right: Expr) -> Expr:
    """left × right, exact up to `PRODUCT_SCALE` decimals; beyond, the finer operand is rounded first."""
    if _is(left, 1):
        return right
    if _is(right, 1):
        return left
    excess = left.type.scale + right.type.scale - PRODUCT_SCALE
    if excess > 0:
        if left.type.scale >= right.type.scale:
            left = round_to(left, left.type.scale - excess)
        else:
            right = round_to(right, right.type.scale - excess)
    return Op(number(left.type.scale + right.type.scale), "mul", (left, right))


def div(left: Expr, right: Expr, scale: int = STORE_SCALE, mode: str = "half_up") -> Expr:
    """left ÷ right rounded once to `scale`; null when the divisor is zero."""
    return Op(number(scale), "div", (left, right), (scale, mode))


def round_to(value: Expr, scale: int, mode: str = "half_up") -> Expr:
    """value rounded to `scale` decimals (negative: tens, hundreds …)."""
    if value.type.scale <= scale:
        return value
    return Op(number(max(0, scale)), "round", (value,), (scale, mode))


def floor(value: Expr) -> Expr:
    """Largest whole number not above."""
    return round_to(value, 0, "floor")


def ceiling(value: Expr) -> Expr:
    """Smallest whole number not below."""
    return round_to(value, 0, "ceiling")


def common(values: Iterable[Expr]) -> Type:
    """The type that holds all the values: same kind, largest scale."""
    types = [value.type for value in values if not (isinstance(value, Lit) and value.value is None)]
    if not types:
        return TEXT
    return Type(types[0].kind, max(kind.scale for kind in types))


def least(*values: Expr) -> Expr:
    """The smallest; null where one of them is."""
    return values[0] if len(values) == 1 else Op(common(values), "least", values)


def greatest(*values: Expr) -> Expr:
    """The largest; null where one of them is."""
    return values[0] if len(values) == 1 else Op(common(values), "greatest", values)


def coalesce(*values: Expr) -> Expr:
    """The first value that is not null."""
    return values[0] if len(values) == 1 else Op(common(values), "coalesce", values)


def case(branches: Sequence[tuple[Expr, Expr]], otherwise: Expr | None = None) -> Expr:
    """The value of the first branch whose condition holds, else `otherwise`, else null."""
    if not branches:
        return otherwise or lit(None)
    values = [value for _, value in branches] + ([otherwise] if otherwise is not None else [])
    flat = tuple(part for branch in branches for part in branch)
    return Op(common(values), "case", (*flat, otherwise) if otherwise is not None else flat)


def compare(name: str, left: Expr, right: Expr) -> Expr:
    """name is one of eq ne lt le gt ge."""
    return Op(BOOL, name, (left, right))


def eq(left: Expr, right: Expr) -> Expr:
    """left = right."""
    return compare("eq", left, right)


def every(first: Expr, *others: Expr) -> Expr:
    """All of the conditions."""
    return reduce(lambda left, right: Op(BOOL, "and", (left, right)), others, first)


def both(*conditions: Expr | None) -> Expr | None:
    """All of the conditions that are given; None when none is."""
    given = [c for c in conditions if c is not None]
    return every(*given) if given else None


def either(*conditions: Expr) -> Expr:
    """Any of the conditions."""
    result = conditions[0]
    for condition in conditions[1:]:
        result = Op(BOOL, "or", (result, condition))
    return result


def is_not(condition: Expr) -> Expr:
    """Logical not."""
    return Op(BOOL, "not", (condition,))


def holds(condition: Expr) -> Expr:
    """The condition with 'undefined' read as no: what a gate asks."""
    return Op(BOOL, "coalesce", (condition, FALSE))


def is_null(value: Expr) -> Expr:
    """value IS NULL."""
    return Op(BOOL, "is_null", (value,))


def not_null(value: Expr) -> Expr:
    """value IS NOT NULL."""
    return is_not(is_null(value))


def same(left: Expr, right: Expr) -> Expr:
    """left = right, two nulls being the same (join keys that may be null)."""
    return Op(BOOL, "same", (left, right))


def union(*queries: Query) -> Query:
    """The rows of all the queries, which have the same columns in the same order."""
    first, *others = queries
    return replace(first, union=(*first.union, *others))


def total(arg: Expr, where: Expr | None = None) -> Expr:
    """SUM(arg), 0 over no rows."""
    return coalesce(Agg(arg.type, "sum", arg, where), Lit(arg.type, Decimal(0)))


def running(arg: Expr, partition: Sequence[Expr], order: Sequence[tuple[Expr, bool]], frame: str = "running") -> Win:
    """Running sum in the given order."""
    return Win(arg.type, "sum", arg, tuple(partition), tuple(order), frame)


def at_most(value: Expr, most: Expr) -> Expr:
    """The value, but no more than a bound; a bound of null is none."""
    return least(value, most if isinstance(most, Lit) else coalesce(most, value))


def at_least(value: Expr, bound: Expr) -> Expr:
    """The value, but no less than a bound; a bound of null is none."""
    return greatest(value, bound if isinstance(bound, Lit) else coalesce(bound, value))


def clamp(value: Expr, low: Expr | None, high: Expr | None) -> Expr:
    """value kept between low and high."""
    if high is not None:
        value = least(value, high)
    return value if low is None else greatest(value, low)
