"""What people typed leaves as text, whatever it looks like; numbers stay numbers."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from buoy.ui.exports import csv_lines, harmless, xlsx

EVIL = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "-2+3+cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_looks_like_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, Decimal("-5.20"), 0, "5 - 3", "a=b", "mail@x.example", ""])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value


def test_csv_is_read_back_as_it_was_written() -> None:
    rows = [
        ['Wisła, "sp. z o.o."', date(2026, 6, 1), None, Decimal("-1.10")],
        ["شريك\nثان", datetime(2026, 6, 1, tzinfo=UTC), 7, 0],
    ]
    text = b"".join(csv_lines(["a", "b", "c", "d"], rows)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["a", "b", "c", "d"],
        ['Wisła, "sp. z o.o."', "2026-06-01", "", "-1.10"],
        ["شريك\nثان", "2026-06-01T00:00:00+00:00", "7", "0"],
    ]


def test_a_workbook_holds_texts_and_no_formula() -> None:
    made = xlsx("Partners: [all]", ["Name", "Sum"], [[text, Decimal("-5.5")] for text in EVIL])
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<v>-5.5</v>") == len(EVIL)
    assert 'name="Partners all"' in names
