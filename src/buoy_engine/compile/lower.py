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

from buoy_engine.compile.dialects import DIALECTS, Dialect, SqlExpr, decimal
from buoy_engine.kernel.ir import Agg, Col, Expr, Kind, Lit, Op, Query, Recursive, Stage, Type, Win

_SQL_TYPES = {Kind.TEXT: "TEXT", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.BOOL: "BOOLEAN"}


def sql_type(kind: Type) -> exp.DataType:
    """The SQL type of a column."""
    name = f"DECIMAL(38, {kind.scale})" if kind.kind is Kind.NUMBER else _SQL_TYPES[kind.kind]
    return exp.DataType.build(name)


def to_sql(stage: Stage, dialect: str, *, pretty: bool = False) -> str:
    """The text of a stage's query."""
    return lower(stage, dialect).sql(dialect=dialect, pretty=pretty)


def lower(stage: Stage, dialect: str) -> exp.Query:
    """The tree of a stage's query."""
    writer = _Writer(DIALECTS[dialect])
    if isinstance(stage.query, Recursive):
        return writer.recursive(stage.query)
    return writer.query(stage.query)


def _column(name: str, table: str = "") -> exp.Column:
    return exp.column(name, table=table or None, quoted=True)


def _literal(value: Decimal | str | bool | date | datetime | None, kind: Type) -> SqlExpr:
    if value is None:
        return exp.cast(exp.Null(), sql_type(kind))
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, Decimal):
        digits = max(kind.scale, len(value.as_tuple().digits) + kind.scale)
        text = f"{value:f}"
        return exp.cast(exp.Literal.string(text), exp.DataType.build(f"DECIMAL({min(38, digits)}, {kind.scale})"))
    if isinstance(value, datetime | date):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()), sql_type(kind))
    return exp.Literal.string(value)


def _whole_literal(value: int) -> SqlExpr:
    return exp.cast(exp.Literal.string(str(value)), exp.DataType.build("DECIMAL(38, 0)"))


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
            counted: SqlExpr = exp.Star() if node.where is None else exp.Case().when(self.expr(node.where), exp.Literal.number(1))
            return decimal(exp.Count(this=counted), 0)
        arg = self.expr(node.arg)
        if node.where is not None:
            arg = exp.Case().when(self.expr(node.where), arg)
        match node.name:
            case "distinct":
                return decimal(exp.Count(this=exp.Distinct(expressions=[arg])), 0)
            case "count":
                return decimal(exp.Count(this=arg), 0)
            case "min":
                return exp.Min(this=arg)
            case "max":
                return exp.Max(this=arg)
            case "any":
                return exp.Max(this=exp.Case().when(arg, exp.Literal.number(1)).else_(exp.Literal.number(0))).eq(1)
        return decimal(exp.Sum(this=arg), node.type.scale)

    def window(self, node: Win) -> SqlExpr:
        inner: SqlExpr
        match node.name:
            case "row_number":
                inner = exp.RowNumber()
            case "lag":
                assert node.arg is not None
                inner = exp.Lag(this=self.expr(node.arg))
            case "first":
                assert node.arg is not None
                inner = exp.FirstValue(this=self.expr(node.arg))
            case "count":
                inner = exp.Count(this=exp.Star() if node.arg is None else self.expr(node.arg))
            case _:
                assert node.arg is not None
                inner = {"sum": exp.Sum, "max": exp.Max, "min": exp.Min}[node.name](this=self.expr(node.arg))
        spec = None
        if node.order and node.name in ("sum", "max", "min", "count"):
            end = {"running": "CURRENT ROW", "before": "PRECEDING", "all": "FOLLOWING"}[node.frame]
            spec = exp.WindowSpec(
                kind="ROWS",
                start="UNBOUNDED",
                start_side="PRECEDING",
                end={"CURRENT ROW": "CURRENT ROW", "PRECEDING": exp.Literal.number(1), "FOLLOWING": "UNBOUNDED"}[end],
                end_side=None if end == "CURRENT ROW" else end,
            )
        order = exp.Order(expressions=[exp.Ordered(this=self.expr(e), desc=desc, nulls_first=False) for e, desc in node.order]) if node.order else None
        made = exp.Window(this=inner, partition_by=[self.expr(e) for e in node.partition], order=order, spec=spec)
        return decimal(made, node.type.scale) if node.type.kind is Kind.NUMBER else made

    def number(self, node: Expr) -> SqlExpr:
        """The expression at full precision: what a multiplication needs on both sides."""
        return decimal(self.expr(node), node.type.scale)

    # ------------------------------------------------------------ money

    def whole(self, node: Expr, shift: int) -> SqlExpr:
        """node × 10^(its scale + shift) as an integer."""
        value = self.number(node)
        power = node.type.scale + shift
        return self.dialect.whole(value if power == 0 else exp.paren(value * _whole_literal(10**power)))

    def div(self, node: Op) -> SqlExpr:
        dividend, divisor = node.args
        scale, mode = int(node.params[0]), str(node.params[1])
        shift = scale + divisor.type.scale - dividend.type.scale
        top = self.whole(dividend, max(0, shift))
        bottom = self.whole(divisor, max(0, -shift))
        negative = exp.paren(top.copy() < 0).neq(exp.paren(bottom.copy() < 0))
        size = self.nearest(exp.Abs(this=top.copy()), exp.Abs(this=bottom.copy()), mode, negative)
        signed = exp.Case().when(negative.copy(), exp.Neg(this=exp.paren(size.copy()))).else_(size)
        unit = exp.cast(exp.Literal.string(f"{Decimal(1).scaleb(-scale):f}"), exp.DataType.build(f"DECIMAL(38, {scale})"))
        value = exp.paren(decimal(signed, 0)) * unit
        return exp.Case().when(bottom.neq(0), decimal(value, scale))

    def nearest(self, top: SqlExpr, bottom: SqlExpr, mode: str, negative: SqlExpr) -> SqlExpr:
        """top ÷ bottom, both non-negative integers, rounded to an integer as `mode` says for the signed result."""
        quotient = self.dialect.quotient
        if mode == "half_up":
            return quotient(exp.paren(top * 2) + bottom, exp.paren(bottom.copy() * 2))
        cut = quotient(top, bottom)
        rest = exp.paren(top.copy() - exp.paren(cut.copy()) * bottom.copy())
        double = exp.paren(rest.copy() * 2)
        half, over, some = double.eq(bottom.copy()), double.copy() > bottom.copy(), rest.copy() > 0
        odd = exp.paren(cut.copy() - exp.paren(quotient(cut.copy(), self.dialect.whole(exp.Literal.number(2))) * 2)).eq(1)
        positive = exp.not_(exp.paren(negative.copy()))
        up = {
            "half_down": over,
            "half_even": exp.or_(over, exp.and_(half, odd)),
            "half_ceiling": exp.or_(over, exp.and_(half, positive)),
            "up": some,
            "down": exp.false(),
            "ceiling": exp.and_(some, positive),
            "floor": exp.and_(some, negative.copy()),
        }[mode]
        return exp.paren(cut.copy() + exp.Case().when(up, exp.Literal.number(1)).else_(exp.Literal.number(0)))

    def round(self, node: Op) -> SqlExpr:
        (value,) = node.args
        digits, mode = int(node.params[0]), str(node.params[1])
        if mode == "half_up":
            rounded = exp.Round(this=self.number(value), decimals=_signed(digits))
            return decimal(rounded, max(0, digits))
        unit = _power(-digits)
        scaled = exp.paren(self.number(value) * _power(digits))
        return decimal(exp.paren(self.whole_number(scaled, mode)) * unit, max(0, digits))

    def whole_number(self, value: SqlExpr, mode: str) -> SqlExpr:
        """A decimal rounded to a whole one, by FLOOR alone."""
        half = exp.cast(exp.Literal.string("0.5"), exp.DataType.build("DECIMAL(2, 1)"))
        down = decimal(exp.Floor(this=value.copy()), 0)
        up = exp.Neg(this=decimal(exp.Floor(this=exp.Neg(this=exp.paren(value.copy()))), 0))
        negative = value.copy() < 0
        match mode:
            case "floor":
                return down
            case "ceiling":
                return up
            case "down":
                return exp.Case().when(negative, up).else_(down)
            case "up":
                return exp.Case().when(negative, down).else_(up)
            case "half_ceiling":
                return decimal(exp.Floor(this=value + half), 0)
            case "half_down":
                toward = exp.Neg(this=decimal(exp.Floor(this=half.copy() - value.copy()), 0))
                away = decimal(exp.Floor(this=value.copy() + half.copy()), 0)
                return exp.Case().when(negative, away).else_(toward)
        rest = exp.paren(value - down.copy())
        even = exp.paren(down.copy() - exp.paren(decimal(exp.Floor(this=down.copy() * half.copy()), 0) * 2))
        return exp.paren(down + exp.Case().when(rest.copy() > half.copy(), exp.Literal.number(1)).when(rest.eq(half), even).else_(exp.Literal.number(0)))

    # ------------------------------------------------------------ relations

    def query(self, query: Query) -> exp.Query:
        select = self.select(query)
        return reduce(lambda left, right: exp.union(left, self.select(right), distinct=False, copy=False), query.union, select)  # type: ignore[return-value,arg-type]

    def select(self, query: Query) -> exp.Select:
        columns = [exp.alias_(self.cast_to(expr), name, quoted=True) for name, expr in query.columns.items()]
        made = exp.Select(expressions=columns).from_(exp.alias_(exp.to_table(query.relation), query.alias, table=True), copy=False)
        for join in query.joins:
            made = made.join(exp.alias_(exp.to_table(join.relation), join.alias, table=True), on=self.expr(join.on), join_type=join.how, copy=False)
        if query.where is not None:
            made = made.where(self.expr(query.where), copy=False)
        if query.group_by:
            made = made.group_by(*[self.expr(e) for e in query.group_by], copy=False)
        if query.distinct:
            made = made.distinct(copy=False)
        return made

    def cast_to(self, node: Expr) -> SqlExpr:
        """A stage's numbers leave it at the scale the compiler believes in."""
        made = self.expr(node)
        if node.type.kind is Kind.NUMBER and not isinstance(node, Agg | Win) and not (isinstance(node, Col)):
            return decimal(made, node.type.scale)
        return made

    def recursive(self, query: Recursive) -> exp.Query:
        keys = [_column(name) for name in query.partition]
        names = list(query.types)
        amount, limit = _column(query.amount), _column(query.limit)
        fits = exp.paren(amount.copy()) <= limit.copy()
        scale = query.types[query.amount].scale
        zero = decimal(exp.Literal.string("0"), scale)
        first = (
            exp.select(*[_column(n) for n in names])
            .select(exp.alias_(fits, "kept", quoted=True), exp.alias_(exp.Case().when(fits.copy(), decimal(amount.copy(), scale)).else_(zero), "used", quoted=True))
            .from_(exp.to_table(query.relation))
            .where(_column(query.position).eq(1))
        )
        used = _column("used", "w")
        row_amount = _column(query.amount, "r")
        still = exp.paren(used + row_amount.copy()) <= _column(query.limit, "r")
        match = reduce(exp.and_, [exp.NullSafeEQ(this=_column(k.name, "r"), expression=_column(k.name, "w")) for k in keys], _column(query.position, "r").eq(_column(query.position, "w") + 1))
        step = (
            exp.select(*[_column(n, "r") for n in names])
            .select(exp.alias_(still, "kept", quoted=True), exp.alias_(decimal(used.copy() + exp.Case().when(still.copy(), row_amount).else_(zero.copy()), scale), "used", quoted=True))
            .from_(exp.alias_(exp.to_table("walk"), "w", table=True))
            .join(exp.alias_(exp.to_table(query.relation), "r", table=True), on=match)
        )
        body = exp.union(first, step, distinct=False)
        outer = exp.select(*[_column(n) for n in names], _column("kept")).from_("walk")
        return outer.with_("walk", as_=body, recursive=True)


def _signed(value: int) -> SqlExpr:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def _power(exponent: int) -> SqlExpr:
    """10^exponent as an exact literal."""
    scale = max(0, -exponent)
    return exp.cast(exp.Literal.string(f"{Decimal(10) ** exponent:f}"), exp.DataType.build(f"DECIMAL(38, {scale})"))


def _binary(make: type[exp.Binary]) -> Callable[[_Writer, Op], SqlExpr]:
    def build(w: _Writer, n: Op) -> SqlExpr:
        return exp.paren(make(this=w.expr(n.args[0]), expression=w.expr(n.args[1])))

    return build


def _case(w: _Writer, n: Op) -> SqlExpr:
    made = exp.Case()
    pairs, odd = divmod(len(n.args), 2)
    for i in range(pairs):
        made = made.when(w.expr(n.args[2 * i]), _fit(w, n.args[2 * i + 1], n.type), copy=False)
    return made.else_(_fit(w, n.args[-1], n.type), copy=False) if odd else made


def _fit(w: _Writer, node: Expr, kind: Type) -> SqlExpr:
    """The branch of a case, least, greatest or coalesce, at the common scale."""
    if kind.kind is Kind.NUMBER and (node.type != kind or isinstance(node, Lit)):
        return decimal(w.expr(node), kind.scale)
    return w.expr(node)


def _several(make: type[exp.Func]) -> Callable[[_Writer, Op], SqlExpr]:
    def build(w: _Writer, n: Op) -> SqlExpr:
        first, *rest = [_fit(w, a, n.type) for a in n.args]
        return make(this=first, expressions=rest)

    return build


def _called(name: str) -> Callable[[_Writer, Op], SqlExpr]:
    return lambda w, n: exp.Anonymous(this=name, expressions=[w.expr(a) for a in n.args])


def _shift(unit: str) -> Callable[[_Writer, Op], SqlExpr]:
    def build(w: _Writer, n: Op) -> SqlExpr:
        count = exp.cast(w.expr(n.args[1]), exp.DataType.build("INT"))
        return exp.cast(exp.DateAdd(this=w.expr(n.args[0]), expression=exp.paren(count), unit=exp.var(unit)), exp.DataType.build("DATE"))

    return build


def _days(w: _Writer, n: Op) -> SqlExpr:
    return decimal(exp.DateDiff(this=w.expr(n.args[1]), expression=w.expr(n.args[0]), unit=exp.var("DAY")), 0)


def _part(unit: str) -> Callable[[_Writer, Op], SqlExpr]:
    return lambda w, n: decimal(exp.Extract(this=exp.var(unit), expression=w.expr(n.args[0])), 0)


def _month_steps(w: _Writer, n: Op) -> SqlExpr:
    """Calendar months from the first date's month to the second's."""
    part = {u: [exp.Extract(this=exp.var(u), expression=w.expr(a)) for a in n.args] for u in ("YEAR", "MONTH")}
    years, months = part["YEAR"], part["MONTH"]
    return decimal(exp.paren(exp.paren(years[1] - years[0]) * 12 + exp.paren(months[1] - months[0])), 0)


_OPS: dict[str, Callable[[_Writer, Op], SqlExpr]] = {
    "add": _binary(exp.Add),
    "sub": _binary(exp.Sub),
    "mul": lambda w, n: decimal(w.number(n.args[0]) * w.number(n.args[1]), n.type.scale),
    "neg": lambda w, n: exp.Neg(this=exp.paren(w.expr(n.args[0]))),
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
    "not": lambda w, n: exp.Not(this=exp.paren(w.expr(n.args[0]))),
    "same": lambda w, n: exp.NullSafeEQ(this=w.expr(n.args[0]), expression=w.expr(n.args[1])),
    "is_null": lambda w, n: exp.paren(exp.Is(this=w.expr(n.args[0]), expression=exp.Null())),
    "in": lambda w, n: exp.In(this=w.expr(n.args[0]), expressions=[w.expr(a) for a in n.args[1:]]),
    "case": _case,
    "least": _several(exp.Least),
    "greatest": _several(exp.Greatest),
    "coalesce": _several(exp.Coalesce),
    "upper": _called("UPPER"),
    "lower": _called("LOWER"),
    "trim": _called("TRIM"),
    "replace": _called("REPLACE"),
    "concat": _called("CONCAT"),
    "starts_with": lambda w, n: exp.StartsWith(this=w.expr(n.args[0]), expression=w.expr(n.args[1])),
    "contains": lambda w, n: exp.paren(exp.StrPosition(this=w.expr(n.args[0]), substr=w.expr(n.args[1])) > 0),
    "add_days": _shift("DAY"),
    "add_months": _shift("MONTH"),
    "days_between": _days,
    "month_steps": _month_steps,
    "year": _part("YEAR"),
    "month": _part("MONTH"),
    "day": _part("DAY"),
    "date_of": lambda w, n: exp.cast(w.expr(n.args[0]), exp.DataType.build("DATE")),
    "add_minutes": lambda w, n: exp.cast(
        exp.DateAdd(this=w.expr(n.args[0]), expression=exp.paren(exp.cast(w.expr(n.args[1]), exp.DataType.build("INT"))), unit=exp.var("MINUTE")),
        exp.DataType.build("TIMESTAMP"),
    ),
    "text": lambda w, n: exp.cast(w.expr(n.args[0]), exp.DataType.build("TEXT")),
}
