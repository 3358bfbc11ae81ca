"""Damaged files are refused, or read with an exact list of what was not (I1): no error of another kind, no hang, and
accepted and refused rows add up to the rows of the file.

Each damage is drawn by a number, so that it can be repeated.
"""

import csv
import io
import random
import time
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.lines import Unmapped
from tests.buoy.sales.reading.reading import read

HEAD = ["Invoice", "Line", "SKU", "Description", "Qty", "Price", "Date", "CustomerID", "Country"]
ROWS = [
    [
        f"5{n:05}",
        str(n % 7),
        f"85{n % 40:03}A",
        f'LAMP, "BIG" {n}',
        str(n % 12 - 2),
        f"{n % 90}.{n % 100:02}",
        f"2026-0{n % 9 + 1}-1{n % 10}",
        f"{n}.0",
        "France",
    ]
    for n in range(200)
]


def as_csv(rows: list[list[str]]) -> bytes:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


def as_xlsx(rows: list[list[str]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return made.getvalue()


def as_parquet(rows: list[list[str]]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table({name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}), made)
    return made.getvalue()


X12 = "ST*867*0001~BPT*00*R*20260105*PS~" + "PTD*SS~SII*VP*P1*4*EA*5.00~QTY*39*4~" * 40 + "SE*123*0001~"
MAKERS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "parquet": as_parquet,
    "x12": lambda rows: X12.encode(),
}


def damage_bytes(content: bytes, draw: random.Random) -> bytes:
    """Flip, cut out, double, put in."""
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 1, 3, 20))):
        place = draw.randrange(len(damaged))
        match draw.randrange(5):
            case 0:
                damaged[place] ^= 1 << draw.randrange(8)
            case 1:
                del damaged[place : place + draw.randrange(1, 200)]
            case 2:
                damaged[place:place] = damaged[place : place + draw.randrange(1, 200)]
            case 3:
                damaged[place:place] = draw.choice(
                    (b"\x00", b'"', b"\xff\xfe", b"\r", b",,,,", b"\xe2\x82", b"~", b"*")
                )
            case 4:
                damaged = damaged[: place + 1]
        if not damaged:
            return b"x"
    return bytes(damaged)


def damage_rows(rows: list[list[str]], draw: random.Random) -> list[list[str]]:
    """Swap columns, change types."""
    damaged = [list(row) for row in rows]
    strange = (
        "",
        "-",
        "1e309",
        "NaN",
        "31/02/2026",
        "9" * 400,
        "=cmd|' /C calc'!A0",
        "\u202e",
        "٣",
        "0x1F",
        "\ud7ff",
        "12:00",
    )
    for _ in range(draw.choice((1, 5, 50))):
        row = draw.choice(damaged)
        first, second = draw.randrange(len(row)), draw.randrange(len(row))
        if draw.random() < 0.3:
            for each in damaged[1:]:
                each[first], each[second] = each[second], each[first]
        else:
            row[first] = draw.choice(strange)
    return damaged


def outcome_of(content: bytes) -> str:
    try:
        outcome = read(content, answers={"encoding": "utf-8"} if b"\x00" not in content else None)
    except Unreadable as error:
        return error.code
    except Unmapped:
        return "unmapped"
    assert len(outcome.lines) + outcome.refused == outcome.rows
    return "read"


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_file_is_read_row_by_row_or_refused(kind: str, seed: int) -> None:
    draw = random.Random(f"{kind}{seed}")
    rows = [HEAD, *ROWS]
    content = (
        damage_bytes(MAKERS[kind](rows), draw) if seed % 2 or kind == "x12" else MAKERS[kind](damage_rows(rows, draw))
    )
    began = time.process_time()
    outcome_of(content)
    assert time.process_time() - began < 5


def test_the_same_files_undamaged_are_read_whole() -> None:
    for kind, make in MAKERS.items():
        outcome = read(make([HEAD, *ROWS]))
        assert (outcome.refused, outcome.rows) == (0, 40 if kind == "x12" else 200), kind
