"""Rows of a text file whose values are set apart by a character: CSV and its relatives.

Python's `csv` does the splitting, in its strict mode: what stands wrong within quotation marks is said instead of being
put right by guess. Around it stand the limits, since a file decides how long a line is and whether a quotation mark is
ever closed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import LONGEST_RECORD, LONGEST_ROW, MOST_COLUMNS

SEPARATORS = (",", ";", "\t", "|")
DAMAGED = "\x00damaged"
"""The only value of a row whose quotation marks do not fit together."""
_DECLARED = "sep="


def rows_of(stream: BinaryIO, *, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line in which each row begins, counted from 1, and its values. Rows without values are left out.

    Raises Unreadable for a line or row that is too long, too many columns, and bytes that are not of this encoding.
    """
    lines = _lines(stream, encoding)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        began = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise Unreadable("open-quote", line=began) from None
            row = [DAMAGED]
        except UnicodeDecodeError as error:
            raise Unreadable("wrong-encoding", line=began, encoding=encoding, found=error.object[error.start]) from None
        if reader.line_num - began > LONGEST_RECORD:
            raise Unreadable("open-quote", line=began)
        if len(row) > MOST_COLUMNS:
            raise Unreadable("too-many-columns", line=began, found=len(row), most=MOST_COLUMNS)
        if any(row) and not (began == 1 and _declares(row, separator)):
            yield began, row


def separator_of(text: str) -> str:
    """The separator that gives the most rows of `text` the same number of columns; a comma when none does."""
    if text[:4].lower() == _DECLARED and text[4:5] in SEPARATORS:
        return text[4]
    return max(SEPARATORS, key=lambda each: _agreement(text, each))


def _agreement(text: str, separator: str) -> tuple[int, int]:
    """How many rows have the commonest number of columns, if that is more than one; and that number."""
    lines = text.splitlines(keepends=True)[:100]
    widths: dict[int, int] = {}
    try:
        for row in csv.reader(lines[:-1] or lines, delimiter=separator):
            if any(row):
                widths[len(row)] = widths.get(len(row), 0) + 1
    except csv.Error:
        return (0, 0)
    widths.pop(1, None)
    if not widths:
        return (0, 0)
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (rows, width)


def _declares(row: list[str], separator: str) -> bool:
    """Excel writes the separator into a line of its own: `sep=;`."""
    return separator.join(row).lower() == f"{_DECLARED}{separator}"


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        for number, line in enumerate(iter(lambda: text.readline(LONGEST_ROW + 1), ""), start=1):
            if len(line) > LONGEST_ROW:
                raise Unreadable("line-too-long", line=number, most=LONGEST_ROW)
            yield line
    finally:
        text.detach()
