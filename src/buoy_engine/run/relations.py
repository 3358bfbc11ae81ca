"""Tables of facts as relations of the engine, and what a run asks of those that it does not hold in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from buoy_engine.compile.lower import to_sql
from buoy_engine.facts.files import FileTable
from buoy_engine.facts.tables import Table
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Agg, Col, Expr, Query, Stage, Type
from buoy_engine.run.backend import Backend


def register(backend: Backend, table: Table) -> None:
    """Makes a table readable under its name.

    Files become a view with every column of the schema in its exact type, null where the files lack it. A table whose
    identical rows are to be read once is stored.
    """
    if not isinstance(table, FileTable):
        backend.register(table)
        return
    stored = {table.columns[name]: kind for name, kind in table.types.items() if name in table.columns}
    names = [f"{table.name}_file" + (f"_{at}" if at else "") for at in range(len(table.parts))]
    for name, part in zip(names, table.parts, strict=True):
        backend.register(Table(name, stored, path=part))
    first, *others = [_seen(table, name) for name in names]
    source, grain = replace(first, union=tuple(others)), f"one row per row of {table.name}"
    if table.once:
        run(backend, Stage(f"{table.name}_files", "one row per row of the files", source, keep=False))
        once = replace(_whole(f"{table.name}_files", table.types), distinct=True)
        run(backend, Stage(f"{table.name}_once", grain, once))
        source = _whole(f"{table.name}_once", table.types)
    run(backend, Stage(table.name, grain, source, keep=False))


def _seen(table: FileTable, name: str) -> Query:
    columns: dict[str, Expr] = {
        column: Col(kind, table.columns[column], "t") if column in table.columns else ir.lit(None, kind)
        for column, kind in table.types.items()
    }
    return Query(columns, name, "t")


def _whole(relation: str, types: Mapping[str, Type]) -> Query:
    return Query({name: Col(kind, name, "t") for name, kind in types.items()}, relation, "t")


def run(backend: Backend, stage: Stage) -> None:
    """Has the engine build one relation."""
    backend.run(stage, to_sql(stage, backend.dialect))


# ---------------------------------------------------------------- what a run asks of tables it does not hold


def columns_of(backend: Backend, table: Table) -> Mapping[str, Type]:
    """The columns of a registered table; those of the file for a table that does not say."""
    return table.types or backend.describe(table.name)


def extent(backend: Backend, table: Table, column: str = "date") -> tuple[date, date] | None:
    """First and last day in a column of a registered table; None when there is none."""
    types = columns_of(backend, table)
    if column not in types:
        return None
    day = Col(types[column], column, "t")
    ends: dict[str, Expr] = {"low": Agg(day.type, "min", day), "high": Agg(day.type, "max", day)}
    row = one(backend, f"_extent_{table.name}_{column}", Query(ends, table.name, "t"))
    return None if row["low"] is None else (_day(row["low"]), _day(row["high"]))


def partners_of(backend: Backend, tables: Iterable[Table]) -> set[str]:
    """Every partner that the registered tables name, as owner or as parent."""
    return {
        partner
        for table in tables
        for column in ("partner_id", "parent_id")
        for partner in distinct(backend, table, column)
    }


def distinct(backend: Backend, table: Table, column: str) -> list[str]:
    """The distinct texts in a column of a registered table, in order; none when it has no such column."""
    types = columns_of(backend, table)
    if column not in types:
        return []
    col = Col(types[column], column, "t")
    name = f"_distinct_{table.name}_{column}"
    query = Query({column: col}, table.name, "t", where=ir.not_null(col), distinct=True)
    run(backend, Stage(name, f"one row per {column}", query, keep=False))
    return sorted(row[column] for row in backend.read(name))


def one(backend: Backend, name: str, query: Query) -> dict[str, Any]:
    """The row of a query that has exactly one."""
    run(backend, Stage(name, "one row", query, keep=False))
    return next(iter(backend.read(name)))


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
