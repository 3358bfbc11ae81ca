"""What is expected is compared by value, not by how it was written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from buoy_engine.run.expectations import same


@pytest.mark.parametrize(
    "wanted, found",
    [
        (5000, Decimal("5000.00")),
        ("5000", Decimal("5000.00")),
        ("5000.00", Decimal(5000)),
        ("-0.00", Decimal(0)),
        ("1e3", Decimal(1000)),
        (Decimal("0.10"), Decimal("0.1")),
        (3, 3),
        ("3", 3),
        ("0.3333333333", Decimal("0.333333333333")),  # ten digits are as many as anybody writes of a third
        ("5%", Decimal("0.05")),
        ("12.5%", Decimal("0.125")),
        ("1/3", Decimal("0.333333333333")),
        (" 0.05 ", Decimal("0.05")),
        (None, None),
        ("gold", "gold"),
        (True, True),
        ("true", True),
        (date(2025, 1, 31), date(2025, 1, 31)),
        ("2025-01-31", date(2025, 1, 31)),
        (date(2025, 1, 31), "2025-01-31"),
        ([], []),
        ([1, "2.00", None], [Decimal("1.0"), Decimal(2), None]),
    ],
)
def test_equal_values_are_the_same(wanted: Any, found: Any) -> None:
    assert same(wanted, found)


@pytest.mark.parametrize(
    "wanted, found",
    [
        ("5000.01", Decimal("5000.00")),
        ("5,000", Decimal(5000)),
        ("", Decimal(0)),
        ("5%", Decimal(5)),
        ("%", Decimal(0)),
        ("1/0", Decimal(0)),
        ("5%%", Decimal("0.0005")),
        ("0.33", Decimal("0.333333333333")),  # two digits are not a rounded value
        ("0.3333333334", Decimal("0.333333333333")),
        (None, Decimal(0)),
        (0, None),
        (None, ""),
        ("null", None),
        ("Gold", "gold"),
        (True, False),
        (True, Decimal(1)),
        (1, True),
        (date(2025, 1, 31), date(2025, 2, 1)),
        ([1], Decimal(1)),
        ([1, 2], [Decimal(2), Decimal(1)]),
        ([1], [Decimal(1), Decimal(1)]),
    ],
)
def test_other_values_are_not(wanted: Any, found: Any) -> None:
    assert not same(wanted, found)
