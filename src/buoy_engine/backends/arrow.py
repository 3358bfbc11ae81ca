"""Fact tables as Arrow: what an engine gets that does not read the files itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Type, number

_DIGITS = 38
_TYPES = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.BOOL: pa.bool_(), Kind.TIMESTAMP: pa.timestamp("us")}


class FloatingColumn(TypeError):
    """A column of binary floating-point numbers, which are never amounts."""

    def __init__(self, column: str, found: object) -> None:
        super().__init__(f"column {column} is {found}: expected an exact decimal. Write the file with DECIMAL columns.")


def table_of(table: Table) -> pa.Table:
    """The rows of a fact table, held in memory or in a Parquet or CSV file; numbers as DECIMAL(38, scale)."""
    if table.path is None:
        columns = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in table.types]
        arrays = [_array(kind, values) for kind, values in zip(table.types.values(), columns, strict=True)]
        return pa.table(arrays, names=list(table.types))
    found = _read_csv(table) if table.path.endswith(".csv") else pa.parquet.read_table(table.path)
    types = dict(table.types) or types_of(found.schema)
    return pa.table([found[name].cast(_arrow_type(kind)) for name, kind in types.items()], names=list(types))


def schema_of(types: Mapping[str, Type]) -> pa.Schema:
    """Columns of the engine's types as Arrow."""
    return pa.schema([(name, _arrow_type(kind)) for name, kind in types.items()])


def types_of(schema: pa.Schema) -> Mapping[str, Type]:
    """The column types that a schema means. Raises `FloatingColumn`."""
    return {field.name: _type_of(field) for field in schema}


def _read_csv(table: Table) -> pa.Table:
    declared = {name: _arrow_type(kind) for name, kind in table.types.items()}
    options = pa.csv.ConvertOptions(column_types=declared, strings_can_be_null=True)
    return pa.csv.read_csv(table.path, convert_options=options)


def _array(kind: Type, values: Sequence[Any]) -> pa.Array:
    if kind.kind is Kind.NUMBER:
        values = [value if value is None else Decimal(value) for value in values]
    return pa.array(values, type=_arrow_type(kind))


def _arrow_type(kind: Type) -> pa.DataType:
    return pa.decimal128(_DIGITS, kind.scale) if kind.kind is Kind.NUMBER else _TYPES[kind.kind]


def _type_of(field: pa.Field) -> Type:
    kind = field.type
    if pa.types.is_floating(kind):
        raise FloatingColumn(field.name, kind)
    if pa.types.is_decimal(kind):
        return number(max(0, kind.scale))
    if pa.types.is_integer(kind):
        return number(0)
    if pa.types.is_date(kind):
        return DATE
    if pa.types.is_timestamp(kind):
        return TIMESTAMP
    return BOOL if pa.types.is_boolean(kind) else TEXT
