"""Rounding: the tables of docs/algorithms/rounding-and-sharing.md, and the laws that hold for every number."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.amounts import AmountNotFinite, Rounding, divide, round_to, running_cents

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
any_size = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda x: -60 < x.adjusted() < 60)
digits_of_currencies = st.integers(0, 4)
modes = st.sampled_from(Rounding)


def decimals(text: str) -> list[Decimal]:
    return [Decimal(word) for word in text.split()]


# AL-004: moneyphp and Lago; the one-way modes are ours.
TABLE = {
    Rounding.HALF_EVEN: ("2.6 2.5 3.5 -2.6 -2.5 -3.5", "3 2 4 -3 -2 -4"),
    Rounding.HALF_UP: ("2.2 2.5 -2.5 -1.5 -8328.578947368 -8328.5", "2 3 -3 -2 -8329 -8329"),
    Rounding.HALF_DOWN: ("2.5 2.6 -2.5 -2.6 12.50 -8328.5", "2 3 -2 -3 12 -8328"),
    Rounding.HALF_CEILING: ("2.5 -2.5 -2.6 12.50 -12.50", "3 -2 -3 13 -12"),
    Rounding.UP: ("2.1 -2.1 2.0", "3 -3 2"),
    Rounding.DOWN: ("2.9 -2.9 -0.4", "2 -2 0"),
    Rounding.CEILING: ("2.1 -2.9 -2.0", "3 -2 -2"),
    Rounding.FLOOR: ("2.9 -2.1 -2.0", "2 -3 -2"),
}


@pytest.mark.parametrize("mode", Rounding)
def test_each_mode_sends_values_where_its_table_says(mode: Rounding) -> None:
    values, expected = TABLE[mode]
    assert [round_to(x, 0, mode) for x in decimals(values)] == decimals(expected)
    assert [divide(x, Decimal(1), 0, mode) for x in decimals(values)] == decimals(expected)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Rounding.HALF_UP, "123.46 123 100"),
        (Rounding.CEILING, "123.46 124 200"),
        (Rounding.FLOOR, "123.45 123 100"),
    ],
)
def test_digits_may_lie_before_the_point(mode: Rounding, expected: str) -> None:
    rounded = [round_to(Decimal("123.456"), digits, mode) for digits in (2, 0, -2)]
    assert " ".join(map(str, rounded)) == expected


def test_the_default_is_ties_away_from_zero() -> None:
    assert [round_to(x, 2) for x in decimals("2.265 3.345 -2.265")] == decimals("2.27 3.35 -2.27")  # AL-003
    assert [round_to(x, 2, Rounding.HALF_EVEN) for x in decimals("2.265 3.345")] == decimals("2.26 3.34")


def test_a_result_has_all_its_decimals_and_zero_has_no_sign() -> None:
    assert [str(round_to(x, 2)) for x in decimals("5 1E+3 -0.001 0")] == ["5.00", "1000.00", "0.00", "0.00"]


def test_a_number_longer_than_the_default_precision_keeps_every_digit() -> None:
    long = "123456789012345678901234567890123456789012345"
    assert round_to(Decimal(f"{long}.005"), 2) == Decimal(f"{long}.01")


def test_the_ambient_context_does_not_matter() -> None:
    with localcontext(Context(prec=2)):
        assert str(round_to(Decimal("123.455"), 2)) == "123.46"
        assert str(divide(Decimal("1000.01"), Decimal(3), 2)) == "333.34"
        assert [str(x) for x in running_cents(decimals("123.455 0.01"), 2)] == ["123.46", "0.01"]


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="floats are not"):
        round_to(2.5, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(AmountNotFinite):
        round_to(Decimal(text), 2)


# EN-101: the exact ties are -0.5 and +0.5; PR-002: 17 of 31 days of 10,000.00.
@pytest.mark.parametrize(
    ("numerator", "denominator", "digits", "mode", "expected"),
    [
        ("-100", "200", 0, Rounding.HALF_UP, "-1"),
        ("-100", "200", 0, Rounding.HALF_EVEN, "0"),
        ("100", "200", 0, Rounding.HALF_UP, "1"),
        ("40100", "1000", 0, Rounding.HALF_UP, "40"),
        ("170000.00", "31", 2, Rounding.HALF_UP, "5483.87"),
        ("170000.00", "-31", 2, Rounding.HALF_UP, "-5483.87"),
        ("1234", "1", -2, Rounding.HALF_UP, "1200"),
    ],
)
def test_a_quotient_is_rounded_once_from_the_exact_fraction(
    numerator: str, denominator: str, digits: int, mode: Rounding, expected: str
) -> None:
    assert str(divide(Decimal(numerator), Decimal(denominator), digits, mode)) == expected


def test_a_ratio_to_zero_is_not_a_number() -> None:
    with pytest.raises(ZeroDivisionError):
        divide(Decimal(1), Decimal(0), 2)


def test_running_cents_add_up_to_the_rounded_total() -> None:  # AL-102
    shown = running_cents(decimals("3.335 3.335 3.335 0.004 0.004 -3.335"), 2)
    assert [str(x) for x in shown] == ["3.34", "3.33", "3.34", "0.00", "0.00", "-3.33"]
    assert sum(shown) == Decimal("6.68")


def test_no_lines_show_no_cents() -> None:
    assert running_cents([], 2) == []


@given(any_size, st.integers(-5, 6), modes)
def test_rounding_and_division_by_one_agree(x: Decimal, digits: int, mode: Rounding) -> None:
    assert round_to(x, digits, mode) == divide(x, Decimal(1), digits, mode)


@given(any_size, st.integers(-5, 6), modes)
def test_a_rounded_value_is_less_than_a_unit_away_and_stays_where_it_is(
    x: Decimal, digits: int, mode: Rounding
) -> None:
    rounded = round_to(x, digits, mode)
    unit = Fraction(10) ** -digits
    distance = abs(Fraction(rounded) - Fraction(x))
    assert distance < unit
    assert distance <= unit / 2 or not mode.startswith("half")
    assert round_to(rounded, digits, mode) == rounded


@given(amounts, digits_of_currencies)
def test_a_reversal_cancels_its_original(x: Decimal, digits: int) -> None:
    assert round_to(-x, digits) == -round_to(x, digits)


@given(amounts, amounts, digits_of_currencies, modes)
def test_rounding_keeps_order(a: Decimal, b: Decimal, digits: int, mode: Rounding) -> None:
    low, high = sorted((a, b))
    assert round_to(low, digits, mode) <= round_to(high, digits, mode)


@given(st.lists(amounts, max_size=30), digits_of_currencies, modes)
def test_running_cents_add_up_after_every_line(lines: list[Decimal], digits: int, mode: Rounding) -> None:
    shown = running_cents(lines, digits, mode)
    assert len(shown) == len(lines)
    for count in range(len(lines) + 1):
        assert sum(shown[:count]) == round_to(sum(lines[:count], Decimal(0)), digits, mode)
