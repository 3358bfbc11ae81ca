"""What differs between SQL dialects where money is concerned: integer division, and nothing else we know of.

Every other operator lowers to the same tree for all dialects and is spelled by SQLGlot. A dialect is *supported* when
the conformance suite passes on it; the others are printed for reading and marked unverified.

Trees are built from their classes: SQLGlot's operators and builders copy what they are given, which costs more than
everything else a compilation does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

SqlExpr = exp.Expression


@cache
def _data_type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb" if name == "INT128" else None)


def cast(value: SqlExpr, name: str) -> SqlExpr:
    """CAST(value AS name)."""
    # A copy: a generator may change the type that it prints (BigQuery's does), and the next dialect must not see that.
    return exp.Cast(this=value, to=_data_type(name).copy())


def decimal(value: SqlExpr, scale: int) -> SqlExpr:
    """CAST(value AS DECIMAL(38, scale))."""
    return cast(value, f"DECIMAL(38, {scale})")


def binary(kind: type[exp.Binary], left: SqlExpr, right: SqlExpr) -> SqlExpr:
    """(left op right), in brackets."""
    return exp.Paren(this=kind(this=left, expression=right))


def when(*branches: tuple[SqlExpr, SqlExpr], otherwise: SqlExpr | None = None) -> SqlExpr:
    """CASE WHEN … THEN … ELSE … END."""
    return exp.Case(ifs=[exp.If(this=test, true=value) for test, value in branches], default=otherwise)


def whole_literal(value: int) -> SqlExpr:
    """An integer as an exact decimal."""
    return cast(exp.Literal.string(str(value)), "DECIMAL(38, 0)")


def small(value: int) -> SqlExpr:
    """An integer literal."""
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


Part = Callable[[], SqlExpr]
"""Makes the same tree again: a part that stands in several places."""


def _duckdb_quotient(top: Part, bottom: Part) -> SqlExpr:
    return binary(exp.IntDiv, top(), bottom())


def _called_quotient(name: str) -> Callable[[Part, Part], SqlExpr]:
    return lambda top, bottom: exp.Anonymous(this=name, expressions=[top(), bottom()])


def _floor_quotient(top: Part, bottom: Part) -> SqlExpr:
    return exp.Floor(this=binary(exp.Div, top(), bottom()))


def _spark_quotient(top: Part, bottom: Part) -> SqlExpr:
    """Spark's `div` answers a BIGINT, and its `/` on decimals keeps the fewer digits before the point the more the
    divisor's type has: 20 for 38, 29 for 18, 34 for 9. So the remainder goes first, which makes the division exact, and
    a small divisor is divided by as one.
    """

    def by(divisor: SqlExpr) -> SqlExpr:
        multiple = binary(exp.Sub, top(), binary(exp.Mod, top(), bottom()))
        return decimal(binary(exp.Div, decimal(multiple, 0), divisor), 0)

    return when(
        (binary(exp.LT, bottom(), whole_literal(10**9)), by(cast(bottom(), "DECIMAL(9, 0)"))),
        (binary(exp.LT, bottom(), whole_literal(10**18)), by(cast(bottom(), "DECIMAL(18, 0)"))),
        otherwise=by(bottom()),
    )


def _spark_name(values: list[SqlExpr], table: str, body: SqlExpr) -> SqlExpr:
    """The only way of Spark's SQL to calculate a value once and use it often: a lambda over an array of one."""
    row = exp.Anonymous(this="STRUCT", expressions=values)
    each = exp.Lambda(this=body, expressions=[exp.to_identifier(table, quoted=True)])
    made = exp.Anonymous(this="TRANSFORM", expressions=[exp.Anonymous(this="ARRAY", expressions=[row]), each])
    return exp.Anonymous(this="ELEMENT_AT", expressions=[made, small(1)])


def short_name(name: str, most: int | None) -> str:
    """The name, or where an engine would cut it off after `most` bytes, its beginning and a digest of all of it."""
    if most is None or len(name.encode()) <= most:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return name.encode()[: most - 13].decode(errors="ignore") + "_" + digest


@dataclass(frozen=True)
class Dialect:
    """`whole` is the type of an integer of 38 digits; `quotient` divides two non-negative ones and cuts the rest off.

    `name_once` gives values names in an expression, where the engine would calculate each mention of them anew: a
    division mentions its operands a dozen times, a division of a division 144 times. `name_bytes` is the length after
    which the engine cuts names off without a word, two long ones becoming the same.
    """

    name: str
    whole: str
    quotient: Callable[[Part, Part], SqlExpr]
    verified: bool = False
    name_bytes: int | None = None
    name_once: Callable[[list[SqlExpr], str, SqlExpr], SqlExpr] | None = None


DIALECTS = {
    "duckdb": Dialect("duckdb", "INT128", _duckdb_quotient, verified=True),
    "postgres": Dialect("postgres", "DECIMAL(38, 0)", _called_quotient("DIV"), verified=True, name_bytes=63),
    "spark": Dialect("spark", "DECIMAL(38, 0)", _spark_quotient, verified=True, name_once=_spark_name),
    "databricks": Dialect("databricks", "DECIMAL(38, 0)", _spark_quotient, name_once=_spark_name),
    "snowflake": Dialect("snowflake", "DECIMAL(38, 0)", _floor_quotient),
    "bigquery": Dialect("bigquery", "DECIMAL(38, 0)", _called_quotient("DIV")),
}
