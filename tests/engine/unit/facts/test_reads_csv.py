"""CSV: UTF-8 or marked UTF-16, comma, semicolon or tab, exact values, empty for null."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.engine.unit.facts.folder import Folder

LINES = "id,partner_id,date,amount\nL1,P1,2025-01-31,10.50\nL2,P2,2025-02-01,-3\n"


def test_a_file_becomes_rows_with_exact_types(folder: Folder) -> None:
    folder.csv("lines", LINES)
    assert folder.rows("lines", "id", "partner_id", "date", "amount", "quantity", "posted_at") == [
        ("L1", "P1", date(2025, 1, 31), Decimal("10.50"), None, None),
        ("L2", "P2", date(2025, 2, 1), Decimal("-3.00"), None, None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_marked_or_plain_unicode_file_is_read(folder: Folder, encoding: str) -> None:
    folder.csv("partners", "partner_id,name\nP1,Café Čeněk\n", encoding)
    assert folder.rows("partners", "partner_id", "name") == [("P1", "Café Čeněk")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_first_line(folder: Folder, separator: str) -> None:
    folder.csv("lines", LINES.replace(",", separator))
    assert folder.rows("lines", "id", "amount") == [("L1", Decimal("10.50")), ("L2", Decimal("-3.00"))]


def test_names_do_not_depend_on_capitals_space_or_the_short_form(folder: Folder) -> None:
    folder.csv("lines", " ID ,Partner, Date,AMOUNT,Unit Price\nL1,P1,2025-01-31,1,2.5\n")
    assert folder.rows("lines", "id", "partner_id", "unit_price") == [("L1", "P1", Decimal("2.5"))]


def test_values_between_quotes_may_hold_separators_and_line_breaks(folder: Folder) -> None:
    folder.csv("partners", 'partner_id,name\r\nP1,"Smith, Jones\r\n& Co"\r\nP2,"the ""best"""\r\n')
    assert folder.rows("partners", "name") == [("Smith, Jones\r\n& Co",), ('the "best"',)]


def test_empty_is_null_and_space_around_a_value_is_dropped(folder: Folder) -> None:
    folder.csv("lines", 'id,partner_id,date,amount,quantity,note\n L1 ,P1, 2025-01-31, 1.5 ,,""\n')
    assert folder.rows("lines", "id", "amount", "quantity", "note") == [("L1", Decimal("1.50"), None, None)]


def test_columns_of_your_own_get_the_type_that_fits_all_values(folder: Folder) -> None:
    folder.csv(
        "products",
        "product_id,weight,zip,launched,changed,active,mixed\n"
        "1,12.125,01234,2025-01-31,2025-01-31T10:00:00+02:00,true,1\n"
        "2,7,99999,2025-02-01,2025-02-01,False,x\n",
    )
    assert folder.rows("products", "product_id", "weight", "zip", "launched", "changed", "active", "mixed") == [
        ("1", Decimal("12.125"), "01234", date(2025, 1, 31), datetime(2025, 1, 31, 8), True, "1"),  # noqa: DTZ001
        ("2", Decimal("7.000"), "99999", date(2025, 2, 1), datetime(2025, 2, 1), False, "x"),  # noqa: DTZ001
    ]


def test_as_many_decimals_are_kept_as_there_are(folder: Folder) -> None:
    folder.csv("lines", "id,partner_id,date,amount\nL1,P1,2025-01-31,2024.9940\nL2,P1,2025-01-31,0.0001\n")
    assert folder.rows("lines", "id", "amount") == [("L1", Decimal("2024.9940")), ("L2", Decimal("0.0001"))]


def test_parts_in_a_folder_are_one_table(folder: Folder) -> None:
    (folder.facts / "lines").mkdir()
    folder.csv("lines/2025-01", LINES)
    folder.csv("lines/2025-02", "date;amount;id;partner_id\n2025-02-05;7;L3;P1\n")
    assert [row[0] for row in folder.rows("lines", "id")] == ["L1", "L2", "L3"]


def test_a_file_with_names_alone_is_an_empty_table(folder: Folder) -> None:
    folder.csv("lines", "id,partner_id,date,amount\n")
    assert folder.rows("lines", "id") == []
