"""What kind of file it is, told by its content and never by its name; and its rows, whatever its kind."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import BinaryIO

from buoy.domains.sales.reading import columnar, delimited, edi, workbook
from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.workbook import Cell


class FileKind(enum.Enum):
    """The kinds of files that are read."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    X12 = "x12"


_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "old-excel",
    b"%PDF": "pdf",
    b"\x1f\x8b": "packed",
    b"7z\xbc\xaf": "packed",
    b"Rar!": "packed",
    b"BZh": "packed",
    b"\xfd7zXZ": "packed",
    b"(\xb5/\xfd": "packed",
}
"""What people send by mistake, by how it begins, and the code that says so."""


def kind_of(head: bytes) -> FileKind:
    """The kind of a file that begins with `head`. Raises Unreadable for what is certainly something else."""
    if not head.strip(b" \r\n\t\x00"):
        raise Unreadable("empty")
    for begin, code in _FOREIGN.items():
        if head.startswith(begin):
            raise Unreadable(code)
    if head.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    bare = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if bare.startswith((b"ISA*", b"ST*867", b"ISA|", b"ISA^")):
        return FileKind.X12
    if bare[:1] == b"<":
        raise Unreadable("markup")
    return FileKind.CSV


def rows_of(
    stream: BinaryIO, kind: FileKind, *, encoding: str = "", separator: str = ",", sheet: str = ""
) -> Iterator[tuple[int, list[Cell]]]:
    """The rows of a file with their numbers, from its beginning. Raises Unreadable, at once or on the way."""
    stream.seek(0)
    match kind:
        case FileKind.CSV:
            for number, row in delimited.rows_of(stream, encoding=encoding, separator=separator):
                yield number, list[Cell](row)
        case FileKind.XLSX:
            yield from workbook.rows_of(stream, sheet=sheet)
        case FileKind.PARQUET:
            yield from columnar.rows_of(stream)
        case FileKind.X12:
            yield from edi.rows_of(stream)
