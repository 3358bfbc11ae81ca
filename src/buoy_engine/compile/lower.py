"""From the intermediate representation to a SQLGlot tree.

One function per operator, in a table; a stage becomes one SELECT (or a recursive one). Decimals are cast where an operator
needs a stated precision, literals are always quoted and cast, and `/` is never written (see `dialects`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import reduce

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlDialect

from buoy_engine.compile.dialects import (
    DIALECTS,
    Dialect,
    Part,
    SqlExpr,
    binary,
    cast,
    decimal,
    short_name,
    small,
    when,
    whole_literal,
)
from buoy_engine.kernel.ir import Agg, Col, Expr, Join, Kind, Lit, Op, Query, Recursive, Stage, Type, Win

_SQL_TYPES = {Kind.TEXT: "TEXT", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.BOOL: "BOOLEAN"}
_MOVED_AT_ONCE = 8
"""Scales up to this are turned into integers by one multiplication; finer ones in two pieces."""


def type_name(kind: Type) -> str:
    """The SQL type of a column."""
    return f"DECIMAL(38, {kind.scale})" if kind.kind is Kind.NUMBER else _SQL_TYPES[kind.kind]


def to_sql(stage: Stage, dialect: str, *, pretty: bool = False) -> str:
    """The text of a stage's query."""
    tree = lower(stage, dialect)
    if most := DIALECTS[dialect].name_bytes:
        for name in tree.find_all(exp.Identifier):
            name.set("this", short_name(name.name, most))
    return SqlDialect.get_or_raise(dialect).generate(tree, copy=False, pretty=pretty)


def lower(stage: Stage, dialect: str) -> SqlExpr:
    """The tree of a stage's query."""
    writer = _Writer(DIALECTS[dialect])
    if isinstance(stage.query, Recursive):
        return writer.recursive(stage.query)
    return writer.query(stage.query)


def _column(name: str, table: str = "") -> SqlExpr:
    column = exp.to_identifier(name, quoted=True)
    return exp.Column(this=column, table=exp.to_identifier(table, quoted=True) if table else None)


def _table(name: str, alias: str) -> SqlExpr:
    return exp.Table(
        this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
    )


def _named(value: SqlExpr, name: str) -> SqlExpr:
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def _literal(value: Decimal | str | bool | date | datetime | None, kind: Type) -> SqlExpr:
    if value is None:
        return cast(exp.Null(), type_name(kind))
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, Decimal):
        digits = max(kind.scale, len(value.as_tuple().digits) + kind.scale)
        return cast(exp.Literal.string(f"{value:f}"), f"DECIMAL({min(38, digits)}, {kind.scale})")
    if isinstance(value, datetime):
        return cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(value, date):
        return cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.Literal.string(value)


def _power(exponent: int) -> SqlExpr:
    """10^exponent as an exact literal."""
    return cast(exp.Literal.string(f"{Decimal(10) ** exponent:f}"), f"DECIMAL(38, {max(0, -exponent)})")


def _any(tests: list[SqlExpr]) -> SqlExpr:
    return reduce(lambda left, right: exp.Or(this=left, expression=right), tests)


def _every(tests: list[SqlExpr]) -> SqlExpr:
    return reduce(lambda left, right: exp.And(this=left, expression=right), tests)


class _Writer:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    # ------------------------------------------------------------ expressions

    def expr(self, node: Expr) -> SqlExpr:
        match node:
            case Col(_, name, table):
                return _column(name, table)
            case Lit(kind, value):
                return _literal(value, kind)
            case Agg():
                return self.aggregate(node)
            case Win():
                return self.window(node)
            case Op():
                return _OPS[node.name](self, node)

    def aggregate(self, node: Agg) -> SqlExpr:
        if node.arg is None:
            counted = exp.Star() if node.where is None else when((self.expr(node.where), small(1)))
            return decimal(exp.Count(this=counted), 0)
        arg = self.expr(node.arg)
        if node.where is not None:
            arg = when((self.expr(node.where), arg))
        match node.name:
            case "distinct":
                return decimal(exp.Count(this=exp.Distinct(expressions=[arg])), 0)
            case "count":
                return decimal(exp.Count(this=arg), 0)
            case "min":
                return exp.Min(this=arg)
            case "max":
                return exp.Max(this=arg)
        return decimal(exp.Sum(this=arg), node.type.scale)

    def window(self, node: Win) -> SqlExpr:
        order = [exp.Ordered(this=self.expr(e), desc=desc, nulls_first=False) for e, desc in node.order]
        made: SqlExpr = exp.Window(
            this=self._windowed(node),
            partition_by=[self.expr(e) for e in node.partition],
            order=exp.Order(expressions=order) if order else None,
            spec=_frame(node.frame)
            if order and node.frame != "peers" and node.name in ("sum", "max", "min", "count")
            else None,
        )
        return decimal(made, node.type.scale) if node.type.kind is Kind.NUMBER else made

    def _windowed(self, node: Win) -> SqlExpr:
        if node.name == "row_number":
            return exp.RowNumber()
        if node.arg is None:
            return exp.Count(this=exp.Star())
        kinds: dict[str, Callable[..., SqlExpr]] = {
            "lag": exp.Lag,
            "first": exp.FirstValue,
            "count": exp.Count,
            "sum": exp.Sum,
            "max": exp.Max,
            "min": exp.Min,
        }
        return kinds[node.name](this=self.expr(node.arg))

    def number(self, node: Expr, scale: int | None = None) -> SqlExpr:
        """The expression at full precision, what a multiplication needs on both sides; a constant is written in it."""
        at = node.type.scale if scale is None else scale
        if isinstance(node, Lit) and isinstance(node.value, Decimal) and node.type.scale <= at:
            return decimal(exp.Literal.string(f"{node.value:f}"), at)
        return decimal(self.expr(node), at)

    # ------------------------------------------------------------ money

    def whole(self, node: Expr, shift: int) -> SqlExpr:
        """node × 10^(its scale + shift) as an integer.

        A fine scale is moved in two pieces, before and after the point: the product of the whole number and 10^scale would
        need twice the scale in digits.
        """
        scale = node.type.scale
        whole = self.dialect.whole
        if scale <= _MOVED_AT_ONCE:
            value = self.number(node)
            # Two multiplications: the first is one of decimals, whose result keeps the scale and has fewer digits left.
            moved = cast(binary(exp.Mul, value, whole_literal(10**scale)) if scale else value, whole)
            return binary(exp.Mul, moved, cast(whole_literal(10**shift), whole)) if shift else moved
        front: Part = lambda: self.whole_number(lambda: self.number(node), "down")
        rest = binary(exp.Sub, self.number(node), decimal(front(), scale))
        back = cast(binary(exp.Mul, rest, whole_literal(10**scale)), whole)
        high = binary(exp.Mul, cast(front(), whole), cast(whole_literal(10 ** (scale + shift)), whole))
        low = back if shift == 0 else binary(exp.Mul, back, cast(whole_literal(10**shift), whole))
        return binary(exp.Add, high, low)

    def once(self, node: Op) -> SqlExpr | None:
        """The operator over names of its arguments, where the dialect asks for it and they are more than columns."""
        name_once = self.dialect.name_once
        if name_once is None or all(isinstance(arg, Col | Lit) for arg in node.args):
            return None
        names = [Col(arg.type, f"_{at}", "_let") for at, arg in enumerate(node.args)]
        values = [_named(self.expr(arg), name.name) for arg, name in zip(node.args, names, strict=True)]
        return name_once(values, "_let", self.expr(Op(node.type, node.name, tuple(names), node.params)))

    def div(self, node: Op) -> SqlExpr:
        if named := self.once(node):
            return named
        dividend, divisor = node.args
        scale, mode = int(node.params[0]), str(node.params[1])
        shift = scale + divisor.type.scale - dividend.type.scale
        top: Part = lambda: self.whole(dividend, max(0, shift))
        bottom: Part = lambda: self.whole(divisor, max(0, -shift))
        negative: Part = lambda: binary(
            exp.NEQ, binary(exp.LT, self.expr(dividend), small(0)), binary(exp.LT, self.expr(divisor), small(0))
        )
        sizes: tuple[Part, Part] = (lambda: exp.Abs(this=top()), lambda: exp.Abs(this=bottom()))
        size: Part = lambda: self.nearest(*sizes, mode, negative)
        if name_once := self.dialect.name_once:
            named_sizes: tuple[Part, Part] = (lambda: _column("_top", "_size"), lambda: _column("_bottom", "_size"))
            values = [_named(part(), name) for part, name in zip(sizes, ("_top", "_bottom"), strict=True)]
            size = lambda: name_once(values, "_size", self.nearest(*named_sizes, mode, negative))
        sign = when((negative(), small(-1)), otherwise=small(1))
        signed = decimal(binary(exp.Mul, size(), sign), 0)
        value = decimal(binary(exp.Mul, signed, _power(-scale)), scale)
        return when((binary(exp.NEQ, self.expr(divisor), small(0)), value))

    def nearest(self, top: Part, bottom: Part, mode: str, negative: Part) -> SqlExpr:
        """top ÷ bottom, both non-negative integers, rounded to an integer as `mode` says for the signed result."""
        quotient = self.dialect.quotient
        if mode == "half_up":
            double = lambda: binary(exp.Add, binary(exp.Mul, top(), small(2)), bottom())
            return quotient(double, lambda: binary(exp.Mul, bottom(), small(2)))
        cut: Part = lambda: quotient(top, bottom)
        rest: Part = lambda: binary(exp.Mod, top(), bottom())
        double_rest: Part = lambda: binary(exp.Mul, rest(), small(2))
        over: Part = lambda: binary(exp.GT, double_rest(), bottom())
        half: Part = lambda: binary(exp.EQ, double_rest(), bottom())
        two: Part = lambda: cast(small(2), self.dialect.whole)
        odd: Part = lambda: binary(exp.EQ, binary(exp.Mod, cut(), two()), small(1))
        positive: Part = lambda: exp.Not(this=negative())
        some: Part = lambda: binary(exp.GT, rest(), small(0))
        up: dict[str, Part] = {
            "half_down": over,
            "half_even": lambda: binary(exp.Or, over(), binary(exp.And, half(), odd())),
            "half_ceiling": lambda: binary(exp.Or, over(), binary(exp.And, half(), positive())),
            "up": some,
            "down": lambda: exp.Boolean(this=False),
            "ceiling": lambda: binary(exp.And, some(), positive()),
            "floor": lambda: binary(exp.And, some(), negative()),
        }
        return binary(exp.Add, cut(), when((up[mode](), small(1)), otherwise=small(0)))

    def round(self, node: Op) -> SqlExpr:
        (value,) = node.args
        digits, mode = int(node.params[0]), str(node.params[1])
        if mode == "half_up":
            return decimal(exp.Round(this=self.number(value), decimals=small(digits)), max(0, digits))
        if named := self.once(node):
            return named
        scaled: Part = lambda: binary(exp.Mul, self.number(value), _power(digits)) if digits else self.number(value)
        rounded = self.whole_number(scaled, mode)
        return decimal(binary(exp.Mul, rounded, _power(-digits)) if digits else rounded, max(0, digits))

    def whole_number(self, value: Part, mode: str) -> SqlExpr:
        """A decimal rounded to a whole one, by FLOOR alone."""
        half: Part = lambda: cast(exp.Literal.string("0.5"), "DECIMAL(2, 1)")
        down: Part = lambda: decimal(exp.Floor(this=value()), 0)
        up: Part = lambda: exp.Neg(
            this=exp.Paren(this=decimal(exp.Floor(this=exp.Neg(this=exp.Paren(this=value()))), 0))
        )
        negative: Part = lambda: binary(exp.LT, value(), small(0))
        match mode:
            case "floor":
                return down()
            case "ceiling":
                return up()
            case "down":
                return when((negative(), up()), otherwise=down())
            case "up":
                return when((negative(), down()), otherwise=up())
            case "half_ceiling":
                return decimal(exp.Floor(this=binary(exp.Add, value(), half())), 0)
            case "half_down":
                toward = exp.Neg(this=exp.Paren(this=decimal(exp.Floor(this=binary(exp.Sub, half(), value())), 0)))
                away = decimal(exp.Floor(this=binary(exp.Add, value(), half())), 0)
                return when((negative(), away), otherwise=toward)
        rest: Part = lambda: binary(exp.Sub, value(), down())
        even = binary(
            exp.Sub, down(), binary(exp.Mul, decimal(exp.Floor(this=binary(exp.Mul, down(), half())), 0), small(2))
        )
        step = when(
            (binary(exp.GT, rest(), half()), small(1)), (binary(exp.EQ, rest(), half()), even), otherwise=small(0)
        )
        return binary(exp.Add, down(), step)

    # ------------------------------------------------------------ relations

    def query(self, query: Query) -> SqlExpr:
        types = query.types
        return reduce(
            lambda left, right: exp.Union(this=left, expression=self.select(right, types), distinct=False),
            query.union,
            self.select(query, types),
        )

    def select(self, query: Query, types: dict[str, Type]) -> SqlExpr:
        made = exp.Select(expressions=[_named(self.cast_to(e, types[n]), n) for n, e in query.columns.items()])
        made.set("from_", exp.From(this=_table(query.relation, query.alias)))
        made.set("joins", [self.join(j) for j in query.joins])
        if query.where is not None:
            made.set("where", exp.Where(this=self.expr(query.where)))
        if query.group_by:
            made.set("group", exp.Group(expressions=[self.expr(e) for e in query.group_by]))
        if query.distinct:
            made.set("distinct", exp.Distinct())
        return made

    def join(self, join: Join) -> SqlExpr:
        return exp.Join(
            this=_table(join.relation, join.alias),
            on=self.expr(join.on),
            kind="INNER" if join.how == "inner" else None,
            side=join.how.upper() if join.how != "inner" else None,
        )

    def cast_to(self, node: Expr, kind: Type) -> SqlExpr:
        """A stage's numbers leave it at the scale the compiler believes in."""
        made = self.expr(node)
        plain = isinstance(node, Agg | Win | Col) and node.type == kind
        return made if kind.kind is not Kind.NUMBER or plain else self.number(node, kind.scale)

    def recursive(self, query: Recursive) -> SqlExpr:
        names = list(query.types)
        scale = query.types[query.amount].scale
        zero: Part = lambda: decimal(exp.Literal.string("0"), scale)
        used: Part = lambda: _column("used", "w")
        amount: Part = lambda: _column(query.amount, "r")
        limit: Part = lambda: _column(query.limit, "r")

        def walk(fits: Part, so_far: Part) -> list[SqlExpr]:
            spent = decimal(binary(exp.Add, so_far(), when((fits(), amount()), otherwise=zero())), scale)
            return [*(_column(n, "r") for n in names), _named(fits(), "kept"), _named(spent, "used")]

        first = exp.Select(expressions=walk(lambda: binary(exp.LTE, amount(), limit()), zero))
        first.set("from_", exp.From(this=_table(query.relation, "r")))
        first.set("where", exp.Where(this=binary(exp.EQ, _column(query.position, "r"), small(1))))
        next_row = binary(exp.EQ, _column(query.position, "r"), binary(exp.Add, _column(query.position, "w"), small(1)))
        match = _every(
            [next_row, *(exp.NullSafeEQ(this=_column(k, "r"), expression=_column(k, "w")) for k in query.partition)]
        )
        step = exp.Select(expressions=walk(lambda: binary(exp.LTE, binary(exp.Add, used(), amount()), limit()), used))
        step.set("from_", exp.From(this=_table("walk", "w")))
        step.set("joins", [exp.Join(this=_table(query.relation, "r"), on=match, kind="INNER")])
        body = exp.Union(this=first, expression=step, distinct=False)
        outer = exp.Select(expressions=[*(_column(n) for n in names), _column("kept")])
        outer.set("from_", exp.From(this=_table("walk", "walk")))
        cte = exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier("walk", quoted=True)))
        outer.set("with_", exp.With(expressions=[cte], recursive=True))
        return outer


def _frame(frame: str) -> SqlExpr:
    ends: dict[str, tuple[object, str | None]] = {
        "running": ("CURRENT ROW", None),
        "before": (exp.Literal.number(1), "PRECEDING"),
        "all": ("UNBOUNDED", "FOLLOWING"),
    }
    end, side = ends[frame]
    return exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end=end, end_side=side)


_Make = Callable[[_Writer, Op], SqlExpr]


def _binary(kind: type[exp.Binary]) -> _Make:
    return lambda w, n: binary(kind, w.expr(n.args[0]), w.expr(n.args[1]))


def _case(w: _Writer, n: Op) -> SqlExpr:
    pairs, odd = divmod(len(n.args), 2)
    branches = [(w.expr(n.args[2 * i]), _fit(w, n.args[2 * i + 1], n.type)) for i in range(pairs)]
    return when(*branches, otherwise=_fit(w, n.args[-1], n.type) if odd else None)


def _fit(w: _Writer, node: Expr, kind: Type) -> SqlExpr:
    """The branch of a case, least, greatest or coalesce, at the common scale."""
    if kind.kind is Kind.NUMBER and (node.type != kind or isinstance(node, Lit)):
        return w.number(node, kind.scale)
    return w.expr(node)


def _coalesce(w: _Writer, n: Op) -> SqlExpr:
    first, *rest = [_fit(w, a, n.type) for a in n.args]
    return exp.Coalesce(this=first, expressions=rest)


def _extreme(kind: type[exp.Least | exp.Greatest]) -> _Make:
    """Engines disagree on the least of a value and null: for some it is the value. Here it is null, and so it is written."""

    def build(w: _Writer, n: Op) -> SqlExpr:
        first, *rest = [_fit(w, a, n.type) for a in n.args]
        known = kind(this=first, expressions=rest, ignore_nulls=True)
        nulls: list[SqlExpr] = [
            exp.Is(this=_fit(w, a, n.type), expression=exp.Null()) for a in n.args if not isinstance(a, Lit)
        ]
        return when((_any(nulls), exp.Null()), otherwise=known) if nulls else known

    return build


def _called(name: str) -> _Make:
    return lambda w, n: exp.Anonymous(this=name, expressions=[w.expr(a) for a in n.args])


def _concat(w: _Writer, n: Op) -> SqlExpr:
    """Null counts as no text: CONCAT passes it over in DuckDB and PostgreSQL, and is null itself in Spark and Snowflake."""
    empty: Part = lambda: exp.Literal.string("")
    parts = [exp.Coalesce(this=w.expr(a), expressions=[empty()]) for a in n.args]
    return exp.Anonymous(this="CONCAT", expressions=parts)


def _shift(unit: str, kind: str) -> _Make:
    def build(w: _Writer, n: Op) -> SqlExpr:
        count = exp.Paren(this=cast(w.expr(n.args[1]), "INT"))
        # Spark's DATE_ADD of a date knows no unit and adds days, whatever the unit was.
        shifted = exp.TimestampAdd if kind == "TIMESTAMP" else exp.DateAdd
        return cast(shifted(this=w.expr(n.args[0]), expression=count, unit=exp.Var(this=unit)), kind)

    return build


def _days(w: _Writer, n: Op) -> SqlExpr:
    return decimal(exp.DateDiff(this=w.expr(n.args[1]), expression=w.expr(n.args[0]), unit=exp.Var(this="DAY")), 0)


def _extract(unit: str, value: SqlExpr) -> SqlExpr:
    return exp.Extract(this=exp.Var(this=unit), expression=value)


def _part(unit: str) -> _Make:
    return lambda w, n: decimal(_extract(unit, w.expr(n.args[0])), 0)


def _month_steps(w: _Writer, n: Op) -> SqlExpr:
    """Calendar months from the first date's month to the second's."""
    start, end = n.args
    years = binary(exp.Sub, _extract("YEAR", w.expr(end)), _extract("YEAR", w.expr(start)))
    months = binary(exp.Sub, _extract("MONTH", w.expr(end)), _extract("MONTH", w.expr(start)))
    return decimal(binary(exp.Add, binary(exp.Mul, years, small(12)), months), 0)


_OPS: dict[str, _Make] = {
    "add": _binary(exp.Add),
    "sub": _binary(exp.Sub),
    "mul": lambda w, n: decimal(binary(exp.Mul, w.number(n.args[0]), w.number(n.args[1])), n.type.scale),
    "neg": lambda w, n: exp.Neg(this=exp.Paren(this=w.expr(n.args[0]))),
    "abs": lambda w, n: exp.Abs(this=w.expr(n.args[0])),
    "div": _Writer.div,
    "round": _Writer.round,
    "eq": _binary(exp.EQ),
    "ne": _binary(exp.NEQ),
    "lt": _binary(exp.LT),
    "le": _binary(exp.LTE),
    "gt": _binary(exp.GT),
    "ge": _binary(exp.GTE),
    "and": _binary(exp.And),
    "or": _binary(exp.Or),
    "not": lambda w, n: exp.Not(this=exp.Paren(this=w.expr(n.args[0]))),
    "same": lambda w, n: exp.NullSafeEQ(this=w.expr(n.args[0]), expression=w.expr(n.args[1])),
    "is_null": lambda w, n: exp.Paren(this=exp.Is(this=w.expr(n.args[0]), expression=exp.Null())),
    "in": lambda w, n: exp.In(this=w.expr(n.args[0]), expressions=[w.expr(a) for a in n.args[1:]]),
    "case": _case,
    "least": _extreme(exp.Least),
    "greatest": _extreme(exp.Greatest),
    "coalesce": _coalesce,
    "upper": _called("UPPER"),
    "lower": _called("LOWER"),
    "trim": _called("TRIM"),
    "replace": _called("REPLACE"),
    "left": lambda w, n: exp.Left(this=w.expr(n.args[0]), expression=small(int(n.params[0]))),
    "concat": _concat,
    "starts_with": lambda w, n: exp.StartsWith(this=w.expr(n.args[0]), expression=w.expr(n.args[1])),
    "contains": lambda w, n: binary(
        exp.GT, exp.StrPosition(this=w.expr(n.args[0]), substr=w.expr(n.args[1])), small(0)
    ),
    "add_days": _shift("DAY", "DATE"),
    "add_months": _shift("MONTH", "DATE"),
    "add_minutes": _shift("MINUTE", "TIMESTAMP"),
    "days_between": _days,
    "month_steps": _month_steps,
    "year": _part("YEAR"),
    "month": _part("MONTH"),
    "day": _part("DAY"),
    "date_of": lambda w, n: cast(w.expr(n.args[0]), "DATE"),
    "text": lambda w, n: cast(w.expr(n.args[0]), "TEXT"),
}
