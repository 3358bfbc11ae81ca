"""Numbers are read exactly, in every usual way of writing them, and never by guess."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy.domains.sales.reading.numbers import NotANumber, decimal_mark, from_cell, parse_number

WRITTEN = [
    ("1,234.56", ".", "1234.56"),
    ("1.234,56", ",", "1234.56"),
    ("1'234.56", ".", "1234.56"),
    ("1’234.56", ".", "1234.56"),
    ("1 234,56", ",", "1234.56"),
    ("1\u00a0234\u202f567,5", ",", "1234567.5"),
    ("(123.45)", ".", "-123.45"),
    ("123.45-", ".", "-123.45"),
    ("−5", ".", "-5"),
    ("+5", ".", "5"),
    (".5", ".", "0.5"),
    (",5", ",", "0.5"),
    ("€ 1.234,50", ",", "1234.50"),
    ("1.234,50 €", ",", "1234.50"),
    ("$-3.10", ".", "-3.10"),
    ("-$3.10", ".", "-3.10"),
    ("USD 7", ".", "7"),
    ("12,50 zł", ",", "12.50"),
    ("Rp 1.250.000", ",", "1250000"),
    ("١٢٣", ".", "123"),
    ("1,234", ".", "1234"),
    ("1,234", ",", "1.234"),
]


@pytest.mark.parametrize("text, mark, value", WRITTEN)
def test_a_number_is_read_as_its_file_writes_numbers(text: str, mark: str, value: str) -> None:
    assert parse_number(text, mark) == Decimal(value)


REFUSED = [
    ("", ".", "number-shape"),
    ("ten", ".", "number-shape"),
    ("12abc", ".", "number-shape"),
    ("1.2.3", ".", "number-shape"),
    ("12,34", ".", "number-shape"),
    ("1,23,456.00", ".", "number-shape"),
    ("12 34", ".", "number-shape"),
    ("--5", ".", "number-shape"),
    ("(5", ".", "number-shape"),
    ("(-5)", ".", "number-shape"),
    ("5%", ".", "number-shape"),
    ("=1+1", ".", "number-shape"),
    ("NaN", ".", "number-shape"),
    ("Infinity", ".", "number-shape"),
    ("1E3", ".", "scientific"),
    ("1,2E+5", ",", "scientific"),
    ("1234567890123456", ".", "too-many-digits"),
    ("0.1234567", ".", "too-many-decimals"),
    ("1,234", "", "number-ambiguous"),
]


@pytest.mark.parametrize("text, mark, why", REFUSED)
def test_what_is_no_number_is_refused_with_the_reason(text: str, mark: str, why: str) -> None:
    with pytest.raises(NotANumber, match=why):
        parse_number(text, mark)


def test_one_value_tells_how_the_others_are_meant() -> None:
    assert decimal_mark(["1,234", "12.50"]) == (".", None)
    assert decimal_mark(["1.234", "12,50"]) == (",", None)
    assert decimal_mark(["1.234.567"]) == (",", None)
    assert decimal_mark(["5", "12"]) == ("", None)


def test_what_can_be_read_twice_is_asked() -> None:
    for values in (["1,234", "2,500"], ["12,50", "12.50"]):
        mark, question = decimal_mark(values)
        assert mark == ""
        assert question is not None
        assert question.about == "decimal"


def test_the_number_of_a_cell_is_the_one_that_the_spreadsheet_shows() -> None:
    assert from_cell(0.1 + 0.2) == Decimal("0.3")
    assert from_cell(1 / 3) == Decimal("0.333333")
    assert from_cell(17.0) == 17
    assert from_cell(-1e-7) == 0


@given(
    value=st.decimals(min_value="-999999999", max_value="999999999", places=2),
    mark=st.sampled_from([".", ","]),
    groups=st.booleans(),
)
def test_whatever_is_written_with_two_decimals_is_read_back(value: Decimal, mark: str, groups: bool) -> None:
    text = f"{value:{',' if groups else ''}.2f}"
    other = text if mark == "." else text.translate(str.maketrans(",.", ".,"))
    assert parse_number(other, mark) == value
    assert parse_number(other, "") == value
