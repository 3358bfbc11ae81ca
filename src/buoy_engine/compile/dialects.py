"""What differs between SQL dialects where money is concerned: integer division, and nothing else we know of.

Every other operator lowers to the same tree for all dialects and is spelled by SQLGlot. A dialect is *supported* when
the conformance suite passes on it; the others are printed for reading and marked unverified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

SqlExpr = exp.Expression


def decimal(value: SqlExpr, scale: int) -> SqlExpr:
    """CAST(value AS DECIMAL(38, scale))."""
    return exp.cast(value, exp.DataType.build(f"DECIMAL(38, {scale})"))


def _duckdb_whole(value: SqlExpr) -> SqlExpr:
    return exp.cast(value, exp.DataType.build("INT128", dialect="duckdb"))


def _duckdb_quotient(dividend: SqlExpr, divisor: SqlExpr) -> SqlExpr:
    return exp.IntDiv(this=exp.paren(dividend), expression=exp.paren(divisor))


def _numeric_whole(value: SqlExpr) -> SqlExpr:
    return decimal(value, 0)


def _postgres_quotient(dividend: SqlExpr, divisor: SqlExpr) -> SqlExpr:
    return exp.Anonymous(this="div", expressions=[dividend, divisor])


def _spark_quotient(dividend: SqlExpr, divisor: SqlExpr) -> SqlExpr:
    """Spark's `div` answers a BIGINT; a decimal quotient, cut down and mended by its remainder, keeps 38 digits."""
    rough = exp.Floor(this=exp.Div(this=exp.paren(dividend.copy()), expression=exp.paren(divisor.copy())))
    rest = exp.paren(dividend - exp.paren(decimal(rough.copy(), 0) * exp.paren(divisor.copy())))
    step = exp.Case().when(rest.copy() < 0, exp.Literal.number(-1)).when(
        rest.copy() >= exp.paren(divisor.copy()), exp.Literal.number(1)
    )
    return exp.paren(decimal(rough, 0) + exp.paren(step.else_(exp.Literal.number(0))))


@dataclass(frozen=True)
class Dialect:
    """`whole` turns an integral decimal into the type `quotient` divides; `quotient` truncates two non-negative ones."""

    name: str
    whole: Callable[[SqlExpr], SqlExpr]
    quotient: Callable[[SqlExpr, SqlExpr], SqlExpr]
    verified: bool = False


DIALECTS = {
    "duckdb": Dialect("duckdb", _duckdb_whole, _duckdb_quotient, verified=True),
    "postgres": Dialect("postgres", _numeric_whole, _postgres_quotient, verified=True),
    "spark": Dialect("spark", _numeric_whole, _spark_quotient, verified=True),
    "databricks": Dialect("databricks", _numeric_whole, _spark_quotient),
    "snowflake": Dialect("snowflake", _numeric_whole, lambda a, b: exp.Floor(this=exp.Div(this=exp.paren(a), expression=exp.paren(b)))),
    "bigquery": Dialect("bigquery", _numeric_whole, lambda a, b: exp.Anonymous(this="DIV", expressions=[a, b])),
}
