"""Text files are right or asked about, never silently wrong (I4): character sets, separators, heads, quotation marks."""

import pytest

from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import LONGEST_ROW
from tests.buoy.sales.reading.reading import codes, read

ROWS = [
    ["Invoice no", "SKU", "Qty", "Price", "Date", "Customer"],
    ["A1", "P1", "2", "10.50", "2026-01-25", "Łucja Ångström"],
    ["A2", "P2", "-1", "3.00", "2026-01-26", "Müller"],
]
SUMS = ["21", "-3"]


def text(separator: str = ",", end: str = "\n", rows: list[list[str]] = ROWS) -> str:
    return end.join(separator.join(row) for row in rows) + end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_that_says_what_it_is_is_read_without_asking(encoding: str, separator: str, end: str) -> None:
    outcome = read(text(separator, end).encode(encoding))
    assert outcome.asks == set()
    assert outcome.all("amount") == SUMS
    assert outcome.all("customer_name") == ["Łucja Ångström", "Müller"]
    assert outcome.all("kind") == ["sale", "return"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_sixteen_bits_are_known_without_a_mark(encoding: str) -> None:
    outcome = read(text().encode(encoding))
    assert (outcome.asks, outcome.all("customer_name")[0]) == (set(), "Łucja Ångström")


@pytest.mark.parametrize(
    "encoding, name",
    [
        ("cp1250", "Łódź"),
        ("cp1252", "Café Müller"),
        ("cp1256", "شركة النور"),
        ("cp932", "東京商事"),
        ("iso8859-2", "Żółw"),
    ],
)
def test_other_character_sets_are_asked_and_read_as_answered(encoding: str, name: str) -> None:
    rows = [ROWS[0], ["A1", "P1", "2", "10.50", "2026-01-25", name]]
    content = text(rows=rows).encode(encoding)
    asked = read(content)
    assert "encoding" in asked.asks
    answered = read(content, answers={"encoding": encoding})
    assert (answered.asks, answered.all("customer_name")) == (set(), [name])


def test_bytes_that_do_not_belong_to_the_character_set_stop_the_file_where_they_stand() -> None:
    good = text().encode()
    filler = b"A9,P1,1,1.00,2026-01-25,Ann\n" * 20_000
    with pytest.raises(Unreadable) as caught:
        read(good + filler + "A9,P1,1,1.00,2026-01-25,Müller\n".encode("cp1252"))
    assert caught.value.code == "wrong-encoding"
    assert caught.value.params["line"] > 19_000


def test_line_breaks_and_separators_within_quotation_marks_belong_to_the_value() -> None:
    outcome = read(
        b'Invoice,Qty,Price,Date,Customer\n1,1,2.50,2026-01-25,"Ann, the\nfirst ""one"""\n2,1,1,2026-01-26,B\n'
    )
    assert outcome.all("customer_name") == ['Ann, the\nfirst "one"', "B"]
    assert list(outcome.flaws) == []


def test_a_quotation_mark_that_is_never_closed_stops_the_file() -> None:
    for rest in (b"", b"2,1,1,2026-01-26,B\n" * 20_000):
        with pytest.raises(Unreadable, match="open-quote"):
            read(b'Invoice,Qty,Price,Date,Customer\n1,1,2.50,2026-01-25,"Ann\n' + rest)


def test_wrong_quotation_marks_refuse_their_row_only() -> None:
    outcome = read(b'Invoice,Qty,Price,Date,Customer\n1,1,2,2026-01-25,"Ann" x\n2,1,1,2026-01-26,B\n')
    assert (codes(outcome), outcome.all("document_no")) == (["damaged-quotes"], ["2"])


def test_rows_with_too_many_or_too_few_values_are_refused() -> None:
    outcome = read(b"Invoice,Qty,Price,Date\n1,1,2,2026-01-25,7\n2,1\n3,1,2,2026-01-25,,\n")
    assert (codes(outcome), outcome.all("document_no")) == (["too-many-values", "too-few-values"], ["3"])


def test_a_title_above_the_head_and_a_line_that_names_the_separator_are_passed_over() -> None:
    outcome = read(b"sep=;\nSales of May;;;\n;;;\nInvoice;Qty;Price;Date\n1;2;1,50;25.01.2026\n")
    assert (outcome.asks, outcome.all("amount")) == (set(), ["3"])


def test_a_file_without_a_head_has_columns_with_letters() -> None:
    outcome = read(
        b"1,2,1.50,2026-01-25\n2,1,1.25,2026-01-25\n",
        mapping={"document_no": "A", "quantity": "B", "unit_price": "C", "sale_date": "D"},
    )
    assert (outcome.rows, outcome.all("amount")) == (2, ["3", "1.25"])


def test_a_character_that_no_database_keeps_refuses_its_row() -> None:
    outcome = read(b"Invoice,Qty,Price,Date\n1\x00,1,2,2026-01-25\n2,1,2,2026-01-25\n")
    assert (codes(outcome), outcome.all("document_no")) == (["control-character"], ["2"])


def test_a_code_that_a_spreadsheet_has_changed_is_flagged_and_taken() -> None:
    outcome = read(
        b"Invoice,SKU,Qty,Price,Date\n1,May-20,1,2,2026-01-25\n2,1.23457E+12,1,2,2026-01-25\n3,P1,1,2,2026-01-25\n"
    )
    assert codes(outcome) == ["code-damaged", "code-damaged"]
    assert outcome.refused == 0


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "########"])
def test_an_error_of_a_spreadsheet_refuses_its_row(error: str) -> None:
    outcome = read(
        f"Invoice,Customer,Qty,Price,Date\n1,{error},1,2,2026-01-25\n2,{error},{error},2,2026-01-25\n".encode()
    )
    assert set(codes(outcome)) == {"spreadsheet-error"}
    assert outcome.refused == 2


def test_ids_that_became_numbers_are_ids_again() -> None:
    outcome = read(b"Invoice,CustomerID,Qty,Price,Date\n1,17850.0,1,2,2026-01-25\n2,0017,1,2,2026-01-25\n")
    assert outcome.all("customer_code") == ["17850", "0017"]


def test_lines_and_columns_without_end_are_refused_before_they_are_read() -> None:
    with pytest.raises(Unreadable, match="line-too-long"):
        read(b"Invoice,Qty,Price,Date\n" + b"1" * (LONGEST_ROW * 4))
    with pytest.raises(Unreadable, match="too-many-columns"):
        read(b",".join(b"column%d" % place for place in range(20_000)) + b"\n")


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty"),
        (b"\n \r\n\t\n", "empty"),
        (b"%PDF-1.7", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old-excel"),
        (b"\x1f\x8b\x08" + bytes(40), "packed"),
        (b"<html><body>Access denied</body></html>", "markup"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "markup"),
        (bytes(range(256)) * 20, "not-text"),
    ],
)
def test_what_is_something_else_is_refused_with_the_reason(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert caught.value.code == code


HEADS = [
    "Nr faktury;Indeks;Ilość;Cena netto;Data sprzedaży;Klient",
    "Nomor faktur;Kode produk;Jumlah;Harga satuan;Tanggal;Nama pelanggan",
    "Factuurnummer;Artikelnummer;Aantal;Prijs;Datum;Klant",
    "رقم الفاتورة;رمز المنتج;الكمية;سعر الوحدة;التاريخ;العميل",
    "InvoiceNo;StockCode;Quantity;UnitPrice;InvoiceDate;Customer Name",
]


@pytest.mark.parametrize("head", HEADS)
def test_heads_in_five_languages_are_understood(head: str) -> None:
    outcome = read(f"{head}\nA1;P1;2;10,50;25.01.2026;Ann\n".encode())
    assert outcome.lines == [
        {
            "document_no": "A1",
            "product_code": "P1",
            "quantity": "2",
            "unit_price": "10.5",
            "amount": "21",
            "sale_date": "2026-01-25",
            "customer_name": "Ann",
            "currency": "EUR",
            "kind": "sale",
        }
    ]
