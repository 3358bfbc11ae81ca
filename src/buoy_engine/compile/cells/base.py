"""Who and when: every payee, every period, and the cells of both that words are asked about."""

from __future__ import annotations

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.credit import SHARED_OWNER
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Expr, Join, Query


def cell_base(builder: Builder, kind: str) -> str:
    """`cells_<kind>`: every payee × every period of a kind (× every variant), with the period's columns."""
    name = f"cells_{kind}"
    if builder.has(name):
        return name
    payee = builder.col("payees", "partner_id", "p")
    columns: dict[str, Expr] = {"_payee": payee}
    used = ir.both(ir.eq(builder.col("periods", "kind", "q"), ir.lit(kind)), builder.col("periods", "used", "q"))
    joins = [Join("periods", "q", used or ir.TRUE, "inner")]
    if builder.late:
        variant = builder.col("variants", "variant", "x")
        columns = {"_payee": ir.Op(TEXT, "concat", (variant, payee)), "_partner": payee}
        columns |= {f"_parameter:{p}": builder.col("variants", p, "x") for p in sorted(builder.late)}
        joins.append(Join("variants", "x", ir.TRUE, "inner"))
    columns |= period_columns(builder, "q")
    grain = "one row per payee and period"
    return builder.stage(name, grain, Query(columns, "payees", "p", tuple(joins)), keep=False)


def period_columns(builder: Builder, alias: str) -> dict[str, Expr]:
    """The columns of `periods` as system columns of a cell."""
    return {f"_{c}": builder.col("periods", c, alias) for c in builder.catalog.relations["periods"] if c != "kind"}


def payees_stage(builder: Builder) -> None:
    """`payees`: every partner that a table names, also in the columns that components credit, and the owner of what is shared."""
    columns = {
        (relation, c)
        for relation, found in builder.catalog.relations.items()
        for c in found
        if c in ("partner_id", "parent_id")
    }
    for component in builder.plan.components:
        table = component.from_
        while table in builder.plan.sources:
            table = builder.plan.sources[table].from_
        column = {"partner": "partner_id"}.get(component.credit.column or "", component.credit.column or "")
        if builder.has(table, column):
            columns.add((table, column))
    queries = []
    for relation, column in sorted(columns):
        col = builder.col(relation, column, "t")
        queries.append(Query({"partner_id": col}, relation, "t", where=ir.not_null(col), distinct=True))
    if builder.has("splits") and any(c.credit.kind == "split_reward" for c in builder.plan.components):
        queries.append(Query({"partner_id": ir.lit(SHARED_OWNER)}, "splits", "t", distinct=True))
    first, *rest = queries
    builder.stage(
        "payees_all",
        "one row per mention",
        Query(first.columns, first.relation, "t", where=first.where, distinct=True, union=tuple(rest)),
        keep=False,
    )
    builder.stage(
        "payees",
        "one row per partner",
        Query({"partner_id": builder.col("payees_all", "partner_id", "p")}, "payees_all", "p", distinct=True),
    )
