"""Lists as files: CSV, and XLSX for Excel.

A spreadsheet takes a text that begins with =, +, - or @ for a formula and runs it, whoever typed it. In CSV such a text
gets an apostrophe in front, which spreadsheets hide; numbers stay numbers (-5 is one). In XLSX a text is written as a
text, which is never run.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula may begin with; a full-width sign counts where the keyboard writes one."""
BYTE_ORDER_MARK = "\ufeff"
MOST_TEXT = 32_767
"""The most characters that a cell of Excel holds."""


def harmless(value: Any) -> Any:
    """A value for CSV that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, bool | int | Decimal):
        return value
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, without which Excel reads another character set."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    for row in itertools.chain([head], rows):
        writer.writerow([harmless(value) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet: a head that stays in sight, and filters. Times are given in UTC."""
    made = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold, days, moments = (
            book.add_format(look)
            for look in ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm"})
        )
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(last, place, value, moments)
                elif isinstance(value, date):
                    sheet.write_datetime(last, place, datetime.combine(value, time()), days)
                elif isinstance(value, int | Decimal) and not isinstance(value, bool):
                    sheet.write_number(last, place, value)
                elif value is not None:
                    sheet.write_string(last, place, str(value)[:MOST_TEXT])
        sheet.autofilter(0, 0, last, len(head) - 1)
    return made.getvalue()


def _sheet_name(title: str) -> str:
    """Excel refuses some characters, and names of more than 31."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\")[:31] or "1"
