"""Apache Spark: the stages of a run on many machines.

A run has a session of its own on the given one's cluster: its views and settings are seen by nobody else. Decimals keep
the scale that the compiler believes in, arithmetic that overflows is an error, moments are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from buoy_engine.backends.arrow import FloatingColumn, table_of
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Stage, Type, number

SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error and never a null
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",  # "name" is a column, as in every other dialect
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # a product of 38 digits keeps its scale
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "true",
    "spark.sql.cteRecursionLevelLimit": "-1",  # a running total with skipped rows takes one level per row
    "spark.sql.cteRecursionRowLimit": "-1",
}
_TYPES = {Kind.TEXT: "STRING", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP_NTZ", Kind.BOOL: "BOOLEAN"}


class Spark:
    """One run on a session's cluster, or on the one that a master's address names.

    `settings` are added to those of the run, such as spark.sql.shuffle.partitions. Where the context has a checkpoint
    directory, kept stages are written there and survive the loss of an executor; otherwise the executors hold them.
    """

    dialect = "spark"

    def __init__(self, session: SparkSession | str, *, settings: Mapping[str, str] | None = None) -> None:
        self.session = (_session_on(session) if isinstance(session, str) else session).newSession()
        for key, value in {**SETTINGS, **(settings or {})}.items():
            self.session.conf.set(key, value)
        self._names: list[str] = []

    def register(self, table: Table) -> None:
        """Rows are handed over as Arrow; a file is read by the cluster, which must be able to reach it."""
        self._publish(table.name, self._file(table) if table.path else self.session.createDataFrame(table_of(table)))

    def _file(self, table: Table) -> DataFrame:
        if table.path is None or not table.path.endswith(".csv"):
            read = self.session.read.parquet(str(table.path))
        else:
            read = self.session.read.csv(table.path, header=True)
        wanted = {name: _sql_type(kind) for name, kind in table.types.items()}
        return read.select(*(f.col(_quoted(n)).cast(t).alias(n) for n, t in wanted.items())) if wanted else read

    def _publish(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(_quoted(name))
        self._names.append(name)

    def describe(self, name: str) -> Mapping[str, Type]:
        """Types as Spark knows them. Raises `FloatingColumn` for a binary floating-point number."""
        return {column: _type_of(column, found) for column, found in self.session.table(_quoted(name)).dtypes}

    def run(self, stage: Stage, text: str) -> None:
        """A kept stage is calculated at once, so that later ones start from its rows; another one becomes a view."""
        frame = self.session.sql(text)
        if stage.keep:
            stored = self.session.sparkContext.getCheckpointDir() is not None
            frame = frame.checkpoint() if stored else frame.localCheckpoint()
        self._publish(stage.name, frame)

    def read(
        self, name: str, columns: Sequence[str] | None = None, where: str | None = None
    ) -> Iterable[dict[str, Any]]:
        """Rows as dictionaries, fetched at once."""
        frame = self.session.table(_quoted(name))
        if where:
            frame = frame.where(where)
        if columns:
            frame = frame.select(*map(_quoted, columns))
        rows: list[dict[str, Any]] = frame.toArrow().to_pylist()
        return iter(rows)

    def table(self, name: str, types: Mapping[str, Type]) -> pa.Table:
        """Columns of a relation as Arrow."""
        rows = [tuple(row.values()) for row in self.read(name, list(types))]
        return table_of(Table(name, types, rows))

    def close(self) -> None:
        """Forgets the views, and with them the rows that executors hold; the session of the cluster stays."""
        for name in self._names:
            self.session.catalog.dropTempView(_quoted(name))
        self._names.clear()


def _session_on(master: str) -> SparkSession:
    """The process's session, started for the first run and left for the next: a start takes seconds."""
    quiet = SparkSession.builder.config("spark.ui.showConsoleProgress", "false")
    return quiet.master(master).appName("buoy").getOrCreate()


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _sql_type(kind: Type) -> str:
    return f"DECIMAL(38, {kind.scale})" if kind.kind is Kind.NUMBER else _TYPES[kind.kind]


def _type_of(column: str, found: str) -> Type:
    if found in ("double", "float"):
        raise FloatingColumn(column, found)
    if found.startswith("decimal"):
        return number(int(found.rstrip(")").split(",")[1]))
    if found in ("tinyint", "smallint", "int", "bigint"):
        return number(0)
    return {"date": DATE, "boolean": BOOL}.get(found, TIMESTAMP if found.startswith("timestamp") else TEXT)
