"""The European Central Bank's file of reference rates: `eurofxref-hist.csv`, as such or in its zip.

A row is a day, a column a currency, a value the units of it for one euro. `N/A` stands where there was no rate, for
currencies that came later or have ended. Each row ends in a comma, which makes a last column without a name.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from buoy.domains.sales.reading.days import NotADay, parse_day
from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import LONGEST_ROW, MOST_RATIO

_LARGEST = 64 << 20


def rates_of(stream: BinaryIO) -> Iterator[tuple[date, str, Decimal]]:
    """Day, currency and units for one euro. Raises Unreadable."""
    lines = io.TextIOWrapper(io.BytesIO(_content(stream)), encoding="utf-8-sig", errors="strict", newline="")
    try:
        rows = csv.reader(lines)
        head = [name.strip() for name in next(rows, [])]
        if not head or head[0] != "Date":
            raise Unreadable("not-rates")
        for row in rows:
            if row and row[0].strip():
                yield from _row(head, row, rows.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable("not-rates") from error


def _row(head: list[str], row: list[str], line: int) -> Iterator[tuple[date, str, Decimal]]:
    try:
        day = parse_day(row[0], "")
    except NotADay:
        raise Unreadable("rate-row", line=line, found=row[0][:40]) from None
    for currency, text in zip(head[1:], row[1:], strict=False):
        bare = text.strip()
        if not currency or bare in ("", "N/A"):
            continue
        try:
            rate = Decimal(bare)
        except InvalidOperation:
            raise Unreadable("rate-row", line=line, found=bare[:40]) from None
        if not rate.is_finite() or rate <= 0 or len(currency) != 3:
            raise Unreadable("rate-row", line=line, found=bare[:40])
        yield day, currency, rate


def _content(stream: BinaryIO) -> bytes:
    head = stream.read(4)
    stream.seek(0)
    if not head.startswith(b"PK"):
        content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST or b"\n" not in content[:LONGEST_ROW]:
            raise Unreadable("not-rates")
        return content
    try:
        with zipfile.ZipFile(stream) as packed:
            (entry,) = packed.infolist()
            if entry.file_size > min(_LARGEST, MOST_RATIO * max(entry.compress_size, 1)):
                raise Unreadable("zip-ratio", most=MOST_RATIO)
            return packed.read(entry)
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, OSError) as error:
        raise Unreadable("not-rates") from error
