"""Workbooks are read as they show themselves, and hostile ones are refused before they cost anything (I3)."""

import io
import resource
import time
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
import xlsxwriter

from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import MOST_ZIP_ENTRIES
from tests.buoy.sales.reading.reading import codes, read

WORKBOOK = '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
RELATIONS = '<Relationships><Relationship Id="rId1" Type="a/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
HEAD = ["Invoice", "SKU", "Qty", "Price", "Date", "Customer"]


def book(write: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, **options}) as workbook:
        write(workbook)
    return made.getvalue()


def by_hand(sheet: str, **parts: str) -> bytes:
    """A workbook as somebody hostile writes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", parts.pop("workbook", WORKBOOK))
        packed.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            packed.writestr(f"xl/{name}.xml", content)
    return made.getvalue()


def test_days_numbers_and_texts_are_read_as_they_are_shown() -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet, day = workbook.add_worksheet("Sales"), workbook.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ["A1", "007", 2, 10.1])
        sheet.write_datetime(1, 4, datetime(2026, 1, 25), day)  # noqa: DTZ001
        sheet.write_string(1, 5, "Łucja & Søn")
        sheet.write_row(3, 0, [17850, 1.5, 3, 0.1 + 0.2])
        sheet.write_datetime(3, 4, datetime(2026, 2, 1, 13), day)  # noqa: DTZ001

    outcome = read(book(write))
    assert (outcome.asks, outcome.flaws) == (set(), {})
    assert outcome.all("document_no") == ["A1", "17850"]
    assert outcome.all("product_code") == ["007", "1.5"]
    assert outcome.all("amount") == ["20.2", "0.9"]
    assert outcome.all("sale_date") == ["2026-01-25", "2026-02-01"]
    assert outcome.all("customer_name") == ["Łucja & Søn", ""]


def test_a_day_where_a_code_belongs_is_flagged() -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "mmm-yy"})
        sheet.write_row(0, 0, HEAD[:5])
        sheet.write_row(1, 0, ["A1", "", 2, 10, "2026-01-25"])
        sheet.write_datetime(1, 1, datetime(2026, 5, 20), day)  # noqa: DTZ001

    assert codes(read(book(write))) == ["code-damaged"]


def test_a_workbook_of_an_old_macintosh_counts_from_another_day() -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [*HEAD[:4], "Date"])
        sheet.write_row(1, 0, ["A1", "P", 2, 10])
        sheet.write_datetime(1, 4, datetime(2026, 5, 20), day)  # noqa: DTZ001

    assert read(book(write, date_1904=True)).all("sale_date") == ["2026-05-20"]


def row(*cells: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def sheet(*rows: str, before: str = "") -> str:
    return f"<worksheet>{before}<sheetData>{''.join(rows)}</sheetData></worksheet>"


GOOD = (row("Invoice", "Qty", "Price", "Date"), row("A1", "2", "1.50", "2026-01-25"))


def test_a_sheet_that_claims_to_be_endless_costs_what_it_holds() -> None:
    content = by_hand(
        sheet(*GOOD, '<row r="1048576"><c r="A1048576"/></row>', before='<dimension ref="A1:XFD1048576"/>')
    )
    began = time.process_time()
    assert read(content).all("amount") == ["3"]
    assert time.process_time() - began < 1


def test_a_cell_beyond_all_columns_is_refused() -> None:
    with pytest.raises(Unreadable, match="too-many-columns"):
        read(by_hand(sheet(*GOOD, '<row r="9"><c r="XFD9"><v>1</v></c></row>')))


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        by_hand(LAUGHS + sheet(*GOOD)),
        by_hand('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + sheet(*GOOD)),
        by_hand(sheet(*GOOD), workbook=LAUGHS + WORKBOOK),
        by_hand(sheet(*GOOD), styles=LAUGHS + "<styleSheet/>"),
        by_hand(sheet(*GOOD), sharedStrings=LAUGHS + "<sst/>"),
    ],
    ids=["laughs", "external", "workbook", "styles", "texts"],
)
def test_entities_are_refused_wherever_they_stand(content: bytes) -> None:
    with pytest.raises(Unreadable, match="xml-entities"):
        read(content)


def packed(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return made.getvalue()


BOMBS = {
    "zeros": (lambda archive: archive.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20)), "zip-ratio"),
    "entries": (
        lambda archive: [archive.writestr(f"a{place}", b"") for place in range(MOST_ZIP_ENTRIES + 1)],
        "zip-entries",
    ),
    "nested": (
        lambda archive: archive.writestr("inner.zip", packed(lambda inner: inner.writestr("a", b"b"))),
        "not-a-workbook",
    ),
    "way out": (lambda archive: archive.writestr("../../etc/passwd", b"x"), "not-a-workbook"),
    "absolute": (lambda archive: archive.writestr("/etc/passwd", b"x"), "not-a-workbook"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_two_seconds_and_little_memory(name: str) -> None:
    write, code = BOMBS[name]
    content = packed(write)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert caught.value.code == code
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_an_entry_that_is_larger_than_it_says_is_refused() -> None:
    content = bytearray(by_hand(sheet(*GOOD, *([GOOD[1]] * 5000))))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lied = bytes(content).replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lied != bytes(content)
    with pytest.raises(Unreadable, match="broken-workbook"):
        read(lied)


def test_too_many_shared_texts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buoy.domains.sales.reading.workbook.MOST_SHARED", 1000)
    texts = "<sst>" + "".join(f"<si><t>{place}</t></si>" for place in range(2000)) + "</sst>"
    with pytest.raises(Unreadable, match="shared-texts"):
        read(by_hand(sheet(*GOOD), sharedStrings=texts))
