"""Rows of a Parquet file, a batch at a time.

Exact types stay exact; a column of floating point is read as a spreadsheet's cells are. A file says itself how many rows
and columns it has, so that much is known before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import MOST_COLUMNS, MOST_UNPACKED
from buoy.domains.sales.reading.numbers import NotANumber, from_cell
from buoy.domains.sales.reading.workbook import Cell

_ROWS = 8_192


def columns_of(stream: BinaryIO) -> list[str]:
    """The names of the columns. Raises Unreadable."""
    return list(_opened(stream).schema_arrow.names)


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    """The number of each row, from 1, and its values."""
    number = 0
    try:
        for batch in _opened(stream).iter_batches(batch_size=_ROWS, use_threads=False):
            columns = [_values(column) for column in batch.columns]
            for row in zip(*columns, strict=True):
                number += 1
                yield number, list(row)
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise Unreadable("broken-parquet") from error


def _opened(stream: BinaryIO) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable("broken-parquet") from error
    if len(file.schema_arrow.names) > MOST_COLUMNS:
        raise Unreadable("too-many-columns", line=0, found=len(file.schema_arrow.names), most=MOST_COLUMNS)
    groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
    # A row group is unpacked at once, unless it is read in batches; a single value may still be as long as its group.
    if any(group.total_byte_size > MOST_UNPACKED // 4 for group in groups):
        raise Unreadable("parquet-group", most=MOST_UNPACKED // 4)
    return file


def _values(column: Any) -> list[Cell]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> Cell:
    match value:
        case None | str() | Decimal():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return Decimal(value)
        case float():
            return _float(value)
        case datetime():
            return value.date()
        case date():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)


def _float(value: float) -> Cell:
    if value != value:
        return None
    try:
        return from_cell(value)
    except NotANumber:
        return str(value)
