"""Columns of your own in hand-written rows have the type that fits all their values."""

from decimal import Decimal

import pytest

from buoy_engine.facts.tables import inline_table
from buoy_engine.kernel.ir import Kind


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["10%", "2.5%"], ["0.10", "0.025"]),
        (["10%", "0.30", None], ["0.10", "0.30", None]),
        (["-5%", 2], ["-0.05", "2"]),
    ],
)
def test_percent_signs_are_numbers(values: list[object], read: list[str | None]) -> None:
    table = inline_table("lines", [{"id": str(i), "discount": value} for i, value in enumerate(values)])
    assert table.types["discount"].kind is Kind.NUMBER
    assert [row["discount"] for row in table.records()] == [text and Decimal(text) for text in read]


def test_a_column_with_a_word_among_them_stays_text() -> None:
    table = inline_table("lines", [{"id": "1", "discount": "10%"}, {"id": "2", "discount": "10% off"}])
    assert [row["discount"] for row in table.records()] == ["10%", "10% off"]
