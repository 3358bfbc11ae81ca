"""Numbers in messages: exact where a decimal can be, else to four decimals, never through a binary fraction."""

from fractions import Fraction

import pytest

from buoy_engine.spec.constants import said, said_share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(100_000), "100,000"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 10**12), "0.000000000001"),
        (Fraction(1, 3), "about 0.3333"),
        (Fraction(-2, 3), "about -0.6667"),
        (Fraction(50001, 100003), "about 0.5000"),
    ],
)
def test_a_number_is_said_with_the_decimals_it_has(value: Fraction, text: str) -> None:
    assert said(value) == text


def test_a_number_is_said_exactly_where_a_binary_fraction_would_be_off() -> None:
    assert said(Fraction(10**17 + 1, 3)) == "about 33,333,333,333,333,333.6667"


def test_a_share_is_said_as_percent() -> None:
    assert said_share(Fraction(1, 8)) == "12.5%"
