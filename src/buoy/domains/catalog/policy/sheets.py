"""A table in a text file: its encoding, its separator, its head and its rows.

UTF-8 with and without a mark and UTF-16 with one say what they are; everything else is taken for Windows-1252, and the
sheet says so, since a wrong letter would show. The separator is the one that cuts the head into the most columns.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t", "|")
MOST_ROWS = 20_000
MOST_COLUMNS = 200
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotASheet(ValueError):
    """The bytes are no table of text; `reason` is empty, binary, too_long, too_wide or broken, `line` where."""

    def __init__(self, reason: str, *, line: int = 0) -> None:
        self.reason, self.line = reason, line
        super().__init__(f"{reason} in line {line}")


@dataclass(frozen=True)
class Sheet:
    """`rows` are pairs of the line in the file and the cells by column; a missing cell is not there."""

    encoding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheet(content: bytes) -> Sheet:
    """Raises NotASheet."""
    text, encoding = _decoded(content)
    if not text.strip():
        raise NotASheet("empty")
    if "\x00" in text:
        raise NotASheet("binary")
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    columns: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = tuple(cell.strip() for cell in cells)
                if len(columns) > MOST_COLUMNS:
                    raise NotASheet("too_wide", line=reader.line_num)
                continue
            if len(rows) == MOST_ROWS:
                raise NotASheet("too_long", line=reader.line_num)
            rows.append((reader.line_num, dict(zip(columns, (cell.strip() for cell in cells), strict=False))))
    except csv.Error:
        raise NotASheet("broken", line=reader.line_num) from None
    return Sheet(encoding, columns, tuple(rows))


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                raise NotASheet("binary") from None
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "cp1252"


def _separator(text: str) -> str:
    """The one that cuts the first line with words into the most columns; a comma for a sheet of one column."""
    head = next(line for line in text.splitlines() if line.strip())
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([head[:10_000]], delimiter=separator))))
