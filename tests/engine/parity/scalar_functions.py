"""What is no arithmetic but differs between SQL dialects all the same: dates, moments, texts, nulls and their order.

Every function goes over a few awkward rows; what it should find is worked out in Python.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from buoy_engine.compile.lower import to_sql
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import (
    BOOL,
    DATE,
    TEXT,
    TIMESTAMP,
    Col,
    Expr,
    Op,
    Query,
    Stage,
    Type,
    Win,
    at_least,
    at_most,
    case,
    coalesce,
    compare,
    greatest,
    least,
    lit,
    number,
    running,
    same,
)
from buoy_engine.run.backend import Backend

TYPES = {"id": number(), "n": number(), "a": number(2), "t": TEXT, "u": TEXT, "d": DATE, "e": DATE, "m": TIMESTAMP}
Row = dict[str, Any]
ROWS: list[Row] = [
    dict(zip(TYPES, row, strict=True))
    for row in [
        (1, 1, "1.50", "Zorro", "Zo", date(2024, 1, 31), date(2024, 2, 29), "2025-03-09 06:59:59"),
        (2, -1, "-0.01", "ab", "b", date(2024, 2, 29), date(2023, 12, 31), "2024-12-31 23:59:30"),
        (3, 12, "100.00", "Ąb", "ąb", date(2023, 12, 31), date(2024, 12, 31), "1999-12-31 00:00:00"),
        (4, -300, "0.00", "żółw", "", date(2025, 3, 1), date(2025, 3, 1), "2025-11-02 05:30:00"),
        (5, 25, "7.25", "it's", "'", date(1999, 12, 31), date(2000, 1, 1), "2000-02-29 12:00:00"),
        (6, 0, "-7.25", "back\\slash", "\\", date(2000, 2, 29), date(1999, 2, 28), "2025-01-01 00:00:00"),
        (7, 48, "1.50", "50%_{x}", "%", date(2028, 8, 31), date(2028, 9, 1), "2028-02-29 23:59:59"),
        (8, 5, "2.00", "  two words ", "two", date(2025, 6, 30), date(2025, 5, 31), "2025-06-30 23:00:00"),
        (9, 7, "3.00", "a-b-c", "-", date(2025, 10, 26), date(2025, 3, 30), "2025-10-26 01:00:00"),
        (10, 2, "9.00", "яблоко", "ЯБ", date(2025, 1, 1), date(2024, 12, 31), "2025-07-01 12:00:00"),
        (11, None, None, None, None, None, None, None),
        (12, 3, "1.50", None, "Zo", date(2025, 4, 30), None, None),
        (13, 3, None, "one null beside a value", None, None, date(2025, 4, 30), None),
        (14, None, "1.50", None, None, None, None, None),
    ]
]
for _row in ROWS:
    _row["a"] = None if _row["a"] is None else Decimal(_row["a"])
    _row["m"] = None if _row["m"] is None else datetime.fromisoformat(_row["m"])


def col(name: str) -> Expr:
    return Col(TYPES[name], name, "r")


def op(kind: Type, name: str, *args: Expr) -> Expr:
    return Op(kind, name, args)


def strict(find: Callable[..., Any], *names: str) -> Callable[[Row], Any]:
    """The function of the named columns; null when one of them is."""

    def found(row: Row) -> Any:
        values = [row[name] for name in names]
        return None if None in values else find(*values)

    return found


def months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(last, date(year, month + 1, min(day.day, last.day)))


def ranked(name: str, *, downwards: bool) -> Callable[[Row], int]:
    """The row's place by code point, nulls after everything both upwards and downwards, ties by id."""
    given = sorted((row for row in ROWS if row[name] is not None), key=lambda row: row["id"])
    given.sort(key=lambda row: row[name], reverse=downwards)
    places = [row["id"] for row in given] + [row["id"] for row in ROWS if row[name] is None]
    return lambda row: places.index(row["id"]) + 1


def place(name: str, *, downwards: bool) -> Expr:
    return Win(number(), "row_number", None, (), ((col(name), downwards), (col("id"), False)))


n, t, u, d, e, m, a = (col(name) for name in ("n", "t", "u", "d", "e", "m", "a"))
CHECKS: dict[str, tuple[Expr, Callable[[Row], Any]]] = {
    "add_days": (op(DATE, "add_days", d, n), strict(lambda x, k: x + timedelta(days=k), "d", "n")),
    "add_months": (op(DATE, "add_months", d, n), strict(months_later, "d", "n")),
    "add_minutes": (op(TIMESTAMP, "add_minutes", m, n), strict(lambda x, k: x + timedelta(minutes=k), "m", "n")),
    "date_of": (op(DATE, "date_of", m), strict(lambda x: x.date(), "m")),
    "local": (
        op(DATE, "date_of", op(TIMESTAMP, "add_minutes", m, lit(-300))),
        strict(lambda x: (x - timedelta(minutes=300)).date(), "m"),
    ),
    "days_between": (op(number(), "days_between", d, e), strict(lambda x, y: (y - x).days, "d", "e")),
    "month_steps": (
        op(number(), "month_steps", d, e),
        strict(lambda x, y: (y.year - x.year) * 12 + y.month - x.month, "d", "e"),
    ),
    "year": (op(number(), "year", d), strict(lambda x: x.year, "d")),
    "month": (op(number(), "month", d), strict(lambda x: x.month, "d")),
    "day": (op(number(), "day", d), strict(lambda x: x.day, "d")),
    "upper": (op(TEXT, "upper", t), strict(str.upper, "t")),
    "lower": (op(TEXT, "lower", t), strict(str.lower, "t")),
    "trim": (op(TEXT, "trim", t), strict(lambda x: x.strip(" "), "t")),
    "replace": (op(TEXT, "replace", t, lit("-"), lit("\\'")), strict(lambda x: x.replace("-", "\\'"), "t")),
    "concat": (op(TEXT, "concat", t, lit(":"), u), lambda row: f"{row['t'] or ''}:{row['u'] or ''}"),
    "starts_with": (op(BOOL, "starts_with", t, u), strict(str.startswith, "t", "u")),
    "contains": (op(BOOL, "contains", t, u), strict(lambda x, y: y in x, "t", "u")),
    "contains_percent": (op(BOOL, "contains", t, lit("%_")), strict(lambda x: "%_" in x, "t")),
    "is_back_slash": (compare("eq", t, lit("back\\slash")), strict(lambda x: x == "back\\slash", "t")),
    "below": (compare("lt", t, u), strict(lambda x, y: x < y, "t", "u")),
    "same": (same(t, u), lambda row: row["t"] == row["u"]),
    "among": (op(BOOL, "in", t, lit("ab"), lit("it's")), strict(lambda x: x in ("ab", "it's"), "t")),
    "text_of_number": (op(TEXT, "text", n), strict(str, "n")),
    "text_of_day": (op(TEXT, "text", d), strict(lambda x: x.isoformat(), "d")),
    "text_of_truth": (op(TEXT, "text", compare("gt", n, lit(2))), strict(lambda x: str(x > 2).lower(), "n")),
    "least": (least(n, a, lit(5)), strict(lambda x, y: min(x, y, 5), "n", "a")),
    "greatest": (greatest(n, a), strict(max, "n", "a")),
    "later": (op(DATE, "greatest", d, e), strict(max, "d", "e")),
    "at_most": (at_most(n, a), lambda row: row["n"] if row["a"] is None else strict(min, "n", "a")(row)),
    "at_least": (at_least(n, a), lambda row: row["n"] if row["a"] is None else strict(max, "n", "a")(row)),
    "coalesce": (coalesce(t, u, lit("none")), lambda row: _first(row["t"], row["u"], "none")),
    "case": (
        case([(compare("gt", n, lit(2)), a), (compare("le", n, lit(2)), lit(Decimal("0.125")))]),
        strict(lambda k, x: x if k > 2 else Decimal("0.125"), "n", "a"),
    ),
    "not_unknown": (op(BOOL, "not", compare("gt", n, lit(2))), strict(lambda x: not x > 2, "n")),
    "up": (place("t", downwards=False), ranked("t", downwards=False)),
    "down": (place("t", downwards=True), ranked("t", downwards=True)),
    "latest": (place("d", downwards=True), ranked("d", downwards=True)),
    "so_far": (
        running(coalesce(a, lit(0)), (), ((col("id"), False),)),
        lambda row: sum((r["a"] or Decimal(0) for r in ROWS if r["id"] <= row["id"]), Decimal(0)),
    ),
    "before": (
        coalesce(running(coalesce(a, lit(0)), (), ((col("id"), False),), "before"), lit(0)),
        lambda row: sum((r["a"] or Decimal(0) for r in ROWS if r["id"] < row["id"]), Decimal(0)),
    ),
}


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def differences(backend: Backend) -> list[str]:
    """What the engine finds otherwise than Python."""
    backend.register(Table("rows", TYPES, [_as_row(row) for row in ROWS]))
    columns: dict[str, Expr] = {"id": col("id")} | {name: check[0] for name, check in CHECKS.items()}
    stage = Stage("functions", "row", Query(columns, "rows", "r"))
    backend.run(stage, to_sql(stage, backend.dialect))
    found = {int(row["id"]): row for row in backend.read(stage.name)}
    misses = []
    for row in ROWS:
        for name, (_, expected) in CHECKS.items():
            wanted, got = expected(row), found[row["id"]][name]
            if wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
                misses.append(f"{name} of row {row['id']}: expected {wanted!r}, found {got!r}")
    return misses


def _as_row(row: Row) -> tuple[Any, ...]:
    return tuple(Decimal(v) if isinstance(v, int) else v for v in row.values())
