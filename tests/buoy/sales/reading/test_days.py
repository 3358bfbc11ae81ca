"""Days are read in every usual way of writing them; what can be two days is asked."""

from datetime import date

import pytest

from buoy.domains.sales.reading.days import (
    DAY_FIRST,
    MONTH_FIRST,
    NotADay,
    date_order,
    is_mangled,
    parse_day,
    serials_asked,
)

MAY = date(2024, 5, 20)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-20",
        "2024/5/20",
        "20240520",
        "2024-05-20 23:59:59",
        "2024-05-20T08:00:00Z",
        "2024-05-20T08:00:00.123+02:00",
        "20.05.2024",
        "20/05/2024",
        "05/20/2024",
        "20/5/24",
        "20 May 2024",
        "May 20, 2024",
        "20-May-2024",
        "20 maja 2024",
        "20 Mei 2024",
        " 20/05/2024 10:30 PM ",
    ],
)
def test_a_day_that_can_be_only_one_is_read_without_asking(text: str) -> None:
    assert parse_day(text, "") == MAY


def test_the_order_that_was_chosen_counts() -> None:
    assert parse_day("05/04/2024", DAY_FIRST) == date(2024, 4, 5)
    assert parse_day("05/04/2024", MONTH_FIRST) == date(2024, 5, 4)


@pytest.mark.parametrize(
    "text, order, why",
    [
        ("05/04/2024", "", "date-ambiguous"),
        ("05/20/2024", DAY_FIRST, "date-shape"),
        ("20/05/2024", MONTH_FIRST, "date-shape"),
        ("2024-02-30", "", "date-shape"),
        ("0000-00-00", "", "date-shape"),
        ("yesterday", "", "date-shape"),
        ("", "", "date-shape"),
        ("45432", "", "date-shape"),
        ("May-20", "", "date-damaged"),
        ("20-May", "", "date-damaged"),
        ("1899-12-30", "", "date-implausible"),
        ("9999-12-31", "", "date-implausible"),
        ("²⁰/05/2024", "", "date-shape"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(text: str, order: str, why: str) -> None:
    with pytest.raises(NotADay, match=why):
        parse_day(text, order)


def test_a_column_tells_its_order_by_one_value() -> None:
    assert date_order(["05/04/2024", "25/04/2024"]) == (DAY_FIRST, None)
    assert date_order(["05/04/2024", "04/25/2024"]) == (MONTH_FIRST, None)
    assert date_order(["2024-04-05"]) == ("", None)


@pytest.mark.parametrize("values", [["05/04/2024", "06/04/2024"], ["25/04/2024", "04/25/2024"]])
def test_a_column_that_does_not_tell_is_asked(values: list[str]) -> None:
    order, question = date_order(values)
    assert order == ""
    assert question is not None
    assert question.choices == (DAY_FIRST, MONTH_FIRST)


def test_numbers_of_a_spreadsheet_are_days_only_when_somebody_says_so() -> None:
    assert serials_asked(["45432", "45433.5"]) is not None
    assert serials_asked(["45432", "2024-05-20"]) is None
    assert parse_day("45432", "", are_serials=True) == MAY


def test_a_code_that_became_a_day_is_known() -> None:
    assert is_mangled("May-20")
    assert is_mangled("2-Sep")
    assert not is_mangled("MAY20")
