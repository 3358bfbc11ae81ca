"""PostgreSQL: the stages of a run on a user's own server.

A run has a schema of its own inside one transaction that is never committed: nothing of it is seen by anybody else,
and a run that dies leaves nothing behind. Text is compared by code point, as everywhere in the engine, whatever the
locale of the database.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from buoy_engine.backends.arrow import table_of, types_of
from buoy_engine.compile.dialects import DIALECTS, short_name
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import Kind, Stage, Type

_TYPES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.BOOL: "BOOLEAN"}
_WORTH_COUNTING = 1_000
"""Rows from which a relation is analysed: below, the planner's guess costs less than looking."""
_KNOWS_CASE = 17_00_00
_SETTINGS = {
    "timezone": "UTC",
    "jit": "off",  # compiling a long expression costs more than running it on a partner's rows
    "client_min_messages": "warning",
}


class CaseUnknown(NotImplementedError):
    """A plan that changes the case of texts, on a server that would leave letters such as Ż as they are."""

    def __init__(self, stage: str, version: int) -> None:
        super().__init__(
            f"stage {stage} uses upper or lower, and PostgreSQL {version} changes the case of ASCII letters only in "
            "texts ordered by code point: expected PostgreSQL 17 or newer. Take such a server, or write the plan without."
        )


class Postgres:
    """One run on the server that `dsn` names (a libpq connection string or address)."""

    dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        self.schema = f"buoy_run_{secrets.token_hex(8)}"
        self.connection = psycopg.connect(dsn, options=" ".join(f"-c {k}={v}" for k, v in _SETTINGS.items()))
        self._types: dict[str, dict[str, Type]] = {}
        self._kinds: dict[str, str] = {}
        self._execute("CREATE SCHEMA {}", self.schema)
        self._execute("SET LOCAL search_path TO {}", self.schema)
        # Both order by code point; the older one knows upper and lower case of ASCII letters only.
        self._knows_case = self.connection.info.server_version >= _KNOWS_CASE
        collation = "pg_c_utf8" if self._knows_case else "C"
        self._text = sql.SQL("TEXT COLLATE {}").format(sql.Identifier(collation))

    def _execute(self, text: str, *names: str) -> None:
        self.connection.execute(sql.SQL(text).format(*map(_name, names)))

    def register(self, table: Table) -> None:
        """Rows, or those of a Parquet or CSV file, are copied into a table."""
        types = dict(table.types)
        rows: Iterable[Sequence[Any]] = table.rows
        if table.path is not None:
            read = table_of(table)
            types = dict(types_of(read.schema))
            rows = (
                row for batch in read.to_batches() for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)
            )
        columns = sql.SQL(", ").join(sql.SQL("{} {}").format(_name(n), self._column_type(t)) for n, t in types.items())
        self._make_room(table.name, "TABLE")
        self.connection.execute(sql.SQL("CREATE TABLE {} ({})").format(_name(table.name), columns))
        with self.connection.cursor() as cursor:
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(_name(table.name))) as copy:
                for row in rows:
                    copy.write_row(row)
            self._look_at(table.name, cursor.rowcount)
        self._types[table.name] = types

    def _make_room(self, name: str, kind: str) -> None:
        """A relation made again replaces the first one, unless a view reads that."""
        if name in self._kinds:
            self._execute(f"DROP {self._kinds[name]} {{}}", name)
        self._kinds[name] = kind

    def _column_type(self, kind: Type) -> sql.Composable:
        if kind.kind is Kind.TEXT:
            return self._text
        return sql.SQL(f"NUMERIC(38, {kind.scale})" if kind.kind is Kind.NUMBER else _TYPES[kind.kind])

    def _look_at(self, name: str, rows: int) -> None:
        if rows >= _WORTH_COUNTING:
            self._execute("ANALYZE {}", name)

    def describe(self, name: str) -> Mapping[str, Type]:
        """The columns of a registered table."""
        return self._types[name]

    def run(self, stage: Stage, text: str) -> None:
        """A kept stage becomes a table, another one a view."""
        if not self._knows_case and ("UPPER(" in text or "LOWER(" in text):
            raise CaseUnknown(stage.name, self.connection.info.server_version // 10_000)
        kind = "TABLE" if stage.keep else "VIEW"
        self._make_room(stage.name, kind)
        made = self.connection.execute(sql.SQL(f"CREATE {kind} {{}} AS ").format(_name(stage.name)) + sql.SQL(text))
        self._types[stage.name] = stage.types
        if stage.keep:
            self._look_at(stage.name, made.rowcount)

    def read(
        self, name: str, columns: Sequence[str] | None = None, where: str | None = None
    ) -> Iterable[dict[str, Any]]:
        """Rows as dictionaries, fetched at once."""
        names = list(columns or self._types[name])
        wanted = sql.SQL(", ").join(map(_name, names))
        query = sql.SQL("SELECT {} FROM {}").format(wanted, _name(name)) + sql.SQL(f" WHERE {where}" if where else "")
        return _records(names, self.connection.execute(query))

    def table(self, name: str, types: Mapping[str, Type]) -> pa.Table:
        """Columns of a relation as Arrow."""
        rows = [tuple(row.values()) for row in self.read(name, list(types))]
        return table_of(Table(name, types, rows))

    def close(self) -> None:
        """Takes everything back."""
        if not self.connection.closed:
            self.connection.rollback()
            self.connection.close()


def _name(text: str) -> sql.Identifier:
    return sql.Identifier(short_name(text, DIALECTS["postgres"].name_bytes))


def _records(names: list[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield dict(zip(names, row, strict=True))
