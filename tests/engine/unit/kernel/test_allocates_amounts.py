"""Sharing: the tables of docs/algorithms/rounding-and-sharing.md, and the laws that hold for every amount."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from buoy_engine.kernel.amounts import (
    AmountNotInMinorUnits,
    Rounding,
    WeightsSumToZero,
    allocate,
    allocate_cumulative,
    round_to,
)

digits_of_currencies = st.integers(0, 4)
weights = st.lists(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
    min_size=1,
    max_size=12,
)


def decimals(text: str) -> list[Decimal]:
    return [Decimal(word) for word in text.split()]


def texts(shares: list[Decimal]) -> str:
    return " ".join(map(str, shares))


@pytest.mark.parametrize(
    ("total", "by", "digits", "expected"),
    [
        ("5", "70 30", 0, "4 1"),  # AL-002
        ("5", "30 70", 0, "2 3"),
        ("8.00", "1 1 1", 2, "2.67 2.67 2.66"),
        (  # AL-103, a credit note among the lines
            "27.50",
            "199.99 250.01 0.01 333.33 -120.00 216.66 120.00",
            2,
            "5.50 6.87 0.00 9.17 -3.30 5.96 3.30",
        ),
        ("1060000.00", "13 13 13 14", 2, "260000.00 260000.00 260000.00 280000.00"),  # CA-102, a year of 53 weeks
        ("100", "1 1 1", 0, "34 33 33"),  # yen
        ("0.010", "1 1 1", 3, "0.004 0.003 0.003"),  # dinars
        ("-8.00", "1 1 1", 2, "-2.67 -2.67 -2.66"),
        ("0.02", "0 1 0 1 1", 2, "0.00 0.01 0.00 0.01 0.00"),
        ("10.00", "7", 2, "10.00"),
        ("0.00", "1 2", 2, "0.00 0.00"),
    ],
)
def test_an_amount_is_shared_by_largest_remainder(total: str, by: str, digits: int, expected: str) -> None:
    assert texts(allocate(Decimal(total), decimals(by), digits)) == expected


def test_a_total_before_the_point_is_shared_in_its_own_units() -> None:
    assert texts(allocate(Decimal(1000), decimals("1 1 1"), -2)) == "400 300 300"


@pytest.mark.parametrize("by", ["", "0 0", "1 -1"])
def test_weights_without_a_sum_are_refused(by: str) -> None:
    with pytest.raises(WeightsSumToZero, match="Give weights whose sum is not zero"):
        allocate(Decimal("1.00"), decimals(by), 2)


def test_a_total_with_more_decimals_than_its_currency_is_refused() -> None:
    with pytest.raises(AmountNotInMinorUnits, match="at most 2 decimals"):
        allocate(Decimal("1.005"), decimals("1 1"), 2)


def test_twelve_months_of_a_year_are_cut_by_cumulative_rounding() -> None:  # PR-103
    months = allocate_cumulative(Decimal("10000.00"), [Decimal(1)] * 12, 2)
    assert texts(months) == " ".join(["833.33 833.34 833.33"] * 4)
    assert sum(months) == Decimal("10000.00")


def test_a_tie_to_date_is_exact_and_not_lost_to_a_division() -> None:
    """Two twelfths of 0.03 are exactly half a cent, which 28 digits of 0.03/12 would miss."""
    assert texts(allocate_cumulative(Decimal("0.03"), [Decimal(1)] * 12, 2)[:2]) == "0.00 0.01"


@given(st.integers(-(10**14), 10**14), weights, digits_of_currencies)
def test_the_parts_equal_the_whole_and_each_is_less_than_a_unit_from_its_share(
    units: int, by: list[Decimal], digits: int
) -> None:
    whole = sum(map(Fraction, by))
    assume(whole)
    total = Decimal(units).scaleb(-digits)
    shares = allocate(total, by, digits)
    assert sum(shares) == total
    for share, weight in zip(shares, by, strict=True):
        assert share == round_to(share, digits)
        assert abs(Fraction(share) - Fraction(total) * Fraction(weight) / whole) < Fraction(10) ** -digits
        assert weight or not share


@given(st.integers(-(10**14), 10**14), weights, digits_of_currencies)
def test_a_negative_total_mirrors_the_positive_one(units: int, by: list[Decimal], digits: int) -> None:
    assume(sum(map(Fraction, by)))
    total = Decimal(units).scaleb(-digits)
    assert allocate(-total, by, digits) == [-share for share in allocate(total, by, digits)]


@given(st.integers(0, 10**14), weights, st.integers(1, 10**6))
def test_only_the_proportion_of_the_weights_matters(units: int, by: list[Decimal], factor: int) -> None:
    assume(sum(map(Fraction, by)))
    scaled = [weight * factor for weight in by]
    assert allocate(Decimal(units), by, 0) == allocate(Decimal(units), scaled, 0)


@given(st.integers(0, 10**9), st.integers(1, 20))
def test_equal_weights_differ_by_a_unit_at_most_and_the_earlier_has_it(units: int, count: int) -> None:
    shares = allocate(Decimal(units), [Decimal(1)] * count, 0)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
    weights,
    digits_of_currencies,
    st.sampled_from(Rounding),
)
def test_cumulative_shares_add_up_to_the_rounded_total(
    total: Decimal, by: list[Decimal], digits: int, mode: Rounding
) -> None:
    assume(sum(map(Fraction, by)))
    assert sum(allocate_cumulative(total, by, digits, mode)) == round_to(total, digits, mode)
