"""DuckDB, embedded: the default engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from buoy_engine.backends.arrow import FloatingColumn, schema_of
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Stage, Type, number

_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.BOOL: pa.bool_(), Kind.TIMESTAMP: pa.timestamp("us")}


class DuckDb:
    """One in-memory database. `threads` None: as many as there are cores."""

    dialect = "duckdb"

    def __init__(
        self, *, threads: int | None = None, memory_limit: str | None = None, database: str = ":memory:"
    ) -> None:
        self.connection = duckdb.connect(database)
        self._views: set[str] = set()
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET TimeZone = 'UTC'")  # A moment with a zone is UTC in the engine, on any machine.
        if threads:
            self.connection.execute(f"SET threads = {int(threads)}")
        if memory_limit:
            self.connection.execute("SET memory_limit = ?", [memory_limit])

    def register(self, table: Table) -> None:
        """Rows become a table; a file becomes a view over it."""
        if table.path is not None:
            self._register_file(table)
            return
        columns = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in table.types]
        arrays = [_array(kind, values) for kind, values in zip(table.types.values(), columns, strict=True)]
        if table.name in self._views:  # A table cannot replace a view of its name.
            self.connection.execute(f"DROP VIEW {_name(table.name)}")
            self._views.remove(table.name)
        with self.connection.cursor() as given:  # The connection itself may be in the middle of a result.
            given.register("given", pa.table(arrays, names=list(table.types)))
            given.execute(f"CREATE OR REPLACE TABLE {_name(table.name)} AS SELECT * FROM given").fetchall()

    def _register_file(self, table: Table) -> None:
        assert table.path is not None
        read = "read_parquet" if not table.path.endswith(".csv") else "read_csv"
        relation = f"{read}({_quoted(table.path)})"
        columns = ", ".join(f"CAST({_name(c)} AS {_sql_type(t)}) AS {_name(c)}" for c, t in table.types.items()) or "*"
        self.connection.execute(f"CREATE OR REPLACE VIEW {_name(table.name)} AS SELECT {columns} FROM {relation}")
        self._views.add(table.name)

    def describe(self, name: str) -> Mapping[str, Type]:
        """Types as the engine knows them. Raises `FloatingColumn` for a binary floating-point number."""
        rows = self.connection.execute(f"DESCRIBE {_name(name)}").fetchall()
        return {row[0]: _type_of(row[0], row[1]) for row in rows}

    def run(self, stage: Stage, text: str) -> None:
        """A kept stage becomes a table, another one a view."""
        kind = "TABLE" if stage.keep else "VIEW"
        self.connection.execute(f"CREATE OR REPLACE {kind} {_name(stage.name)} AS {text}")
        if not stage.keep:
            self._views.add(stage.name)

    def append(self, target: str, source: str) -> None:
        """Columns are matched by their names."""
        self.connection.execute(f"INSERT INTO {_name(target)} BY NAME SELECT * FROM {_name(source)}")

    def correct(self, target: str, source: str, key: str) -> None:
        """Deletes the rows with a key of the source's, then appends the source."""
        keys = f"SELECT {_name(key)} FROM {_name(source)}"
        self.connection.execute(f"DELETE FROM {_name(target)} WHERE {_name(key)} IN ({keys})")
        self.append(target, source)

    def read(
        self, name: str, columns: Sequence[str] | None = None, where: str | None = None
    ) -> Iterable[dict[str, Any]]:
        """Rows as dictionaries."""
        wanted = ", ".join(_name(c) for c in columns) if columns else "*"
        cursor = self.connection.execute(f"SELECT {wanted} FROM {_name(name)}" + (f" WHERE {where}" if where else ""))
        return _records(cursor)

    def table(self, name: str, types: Mapping[str, Type]) -> pa.Table:
        """Columns of a relation as Arrow."""
        wanted = ", ".join(map(_name, types))
        found: pa.Table = self.connection.sql(f"SELECT {wanted} FROM {_name(name)}").to_arrow_table()
        return found.cast(schema_of(types)).combine_chunks()

    def close(self) -> None:
        """Frees the database."""
        self.connection.close()


def _records(cursor: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _array(kind: Type, values: Sequence[Any]) -> pa.Array:
    if kind.kind is not Kind.NUMBER:
        return pa.array(values, type=_ARROW[kind.kind])
    digits = max((len(v.as_tuple().digits) + kind.scale for v in values if isinstance(v, Decimal)), default=1)
    precision = 18 if digits + 1 <= 18 else 38
    return pa.array(values, type=pa.decimal128(precision, kind.scale))


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql_type(kind: Type) -> str:
    names = {Kind.TEXT: "VARCHAR", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.BOOL: "BOOLEAN"}
    return f"DECIMAL(18, {kind.scale})" if kind.kind is Kind.NUMBER else names[kind.kind]


def _type_of(column: str, text: str) -> Type:
    if text.startswith("DECIMAL"):
        return number(int(text.rstrip(")").split(",")[1]))
    if text in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT"):
        return number(0)
    if text in ("DOUBLE", "FLOAT"):
        raise FloatingColumn(column, text)
    return {"DATE": DATE, "BOOLEAN": BOOL}.get(text, TIMESTAMP if text.startswith("TIMESTAMP") else TEXT)
