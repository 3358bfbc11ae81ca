"""A few stages, written by hand, that hold every operator once: what is printed of them shows what a dialect does."""

from __future__ import annotations

import sys
from datetime import date, datetime
from decimal import Decimal

from buoy_engine.compile.lower import to_sql
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Agg, Col, Expr, Join, Op, Query, Recursive, Stage, Win
from buoy_engine.kernel.ir import number as n

MODES = ("half_up", "half_even", "half_down", "half_ceiling", "up", "down", "ceiling", "floor")

amount, rate, quantity = Col(n(2), "amount", "l"), Col(n(4), "rate", "l"), Col(n(), "quantity", "l")
text, day, moment = Col(TEXT, "text", "l"), Col(DATE, "date", "l"), Col(TIMESTAMP, "posted_at", "l")
owner, row_id = Col(TEXT, "partner_id", "l"), Col(TEXT, "id", "l")


def op(kind: ir.Type, name: str, *args: Expr) -> Expr:
    return Op(kind, name, args)


def lines(**columns: Expr) -> Query:
    return Query(columns, "lines", "l")


MONEY = Stage(
    "money",
    "one row per line",
    lines(
        sum=ir.add(amount, rate),
        difference=ir.sub(amount, ir.lit(Decimal("0.0125"))),
        product=ir.mul(amount, rate),
        quotient=ir.div(amount, rate),
        cents=ir.round_to(ir.mul(amount, rate), 2),
        thousands=ir.round_to(amount, -3),
        opposite=ir.neg(amount),
        size=op(n(2), "abs", amount),
        between=ir.clamp(amount, ir.lit(0), ir.lit(Decimal("1000.50"))),
        first=ir.coalesce(amount, rate),
        null=ir.lit(None, n(2)),
    ),
)
ROUNDED = Stage("rounded", "one row per line", lines(**{mode: ir.round_to(rate, 2, mode) for mode in MODES}))
DIVIDED = Stage("divided", "one row per line", lines(half_even=ir.div(amount, rate, 2, "half_even")))
CONDITIONS = Stage(
    "conditions",
    "one row per line",
    Query(
        {
            "band": ir.case([(ir.compare("ge", amount, ir.lit(1000)), ir.lit(2))], ir.lit(1)),
            "among": op(BOOL, "in", text, ir.lit("a"), ir.lit("it's")),
            "same": ir.same(text, owner),
            "held": ir.holds(ir.compare("gt", amount, ir.ZERO)),
            "empty": ir.is_null(text),
        },
        "lines",
        "l",
        where=ir.both(ir.is_not(ir.eq(text, ir.lit("x"))), ir.either(ir.compare("le", amount, rate), ir.TRUE)),
    ),
)
TEXTS = Stage(
    "texts",
    "one row per line",
    lines(
        upper=op(TEXT, "upper", text),
        lower=op(TEXT, "lower", text),
        trim=op(TEXT, "trim", text),
        replace=op(TEXT, "replace", text, ir.lit("-"), ir.lit("")),
        concat=op(TEXT, "concat", text, ir.lit("/"), owner),
        starts=op(BOOL, "starts_with", text, ir.lit("A")),
        contains=op(BOOL, "contains", text, ir.lit("%")),
        written=op(TEXT, "text", amount),
    ),
)
DATES = Stage(
    "dates",
    "one row per line",
    lines(
        later=op(DATE, "add_days", day, quantity),
        months_later=op(DATE, "add_months", day, ir.lit(-1)),
        local=op(DATE, "date_of", op(TIMESTAMP, "add_minutes", moment, ir.lit(-300))),
        days=op(n(), "days_between", ir.lit(date(2025, 1, 31)), day),
        months=op(n(), "month_steps", ir.lit(date(2025, 1, 31)), day),
        year=op(n(), "year", day),
        month=op(n(), "month", day),
        day=op(n(), "day", day),
        noon=ir.lit(datetime(2025, 1, 31, 12)),  # noqa: DTZ001
    ),
)
SUMMED = Stage(
    "summed",
    "one row per partner",
    Query(
        {
            "partner_id": owner,
            "total": ir.total(ir.mul(amount, Col(n(6), "share", "s"))),
            "large": ir.total(amount, ir.compare("gt", amount, ir.lit(1000))),
            "rows": Agg(n(), "count", None),
            "returns": Agg(n(), "count", None, ir.compare("lt", amount, ir.ZERO)),
            "customers": Agg(n(), "distinct", Col(TEXT, "customer_id", "l")),
            "first": Agg(DATE, "min", day),
            "last": Agg(DATE, "max", day),
        },
        "lines",
        "l",
        (
            Join("splits", "s", ir.eq(Col(TEXT, "sale_id", "s"), row_id)),
            Join("periods", "p", ir.compare("le", Col(DATE, "start", "p"), day), "inner"),
        ),
        group_by=(owner,),
    ),
)
RUNNING = Stage(
    "running",
    "one row per line",
    lines(
        so_far=ir.running(amount, (owner,), ((day, False), (row_id, False))),
        before=ir.running(amount, (owner,), ((day, False),), "before"),
        of_the_day=ir.running(amount, (owner,), ((day, False),), "peers"),
        whole=Win(n(2), "sum", amount, (owner,)),
        place=Win(n(), "row_number", None, (owner,), ((amount, True), (row_id, False))),
        previous=Win(n(2), "lag", amount, (owner,), ((day, False),)),
    ),
)
TOGETHER = Stage(
    "together",
    "one row per amount",
    Query(
        {"id": row_id, "amount": amount},
        "lines",
        "l",
        distinct=True,
        union=(Query({"id": Col(TEXT, "id", "c"), "amount": Col(n(4), "value", "c")}, "claims", "c"),),
    ),
)
TAKEN = Stage(
    "taken",
    "one row per claim",
    Recursive("claims_in_order", {"id": TEXT, "no": n(), "cost": n(2), "most": n(2)}, ("id",), "no", "cost", "most"),
)
STAGES = (MONEY, ROUNDED, DIVIDED, CONDITIONS, TEXTS, DATES, SUMMED, RUNNING, TOGETHER, TAKEN)


def printed(dialect: str) -> str:
    """All of them in a dialect, in the order above."""
    parts = [f"-- {stage.name}: {stage.grain}\n{to_sql(stage, dialect, pretty=True)}\n" for stage in STAGES]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(printed(sys.argv[1]))
