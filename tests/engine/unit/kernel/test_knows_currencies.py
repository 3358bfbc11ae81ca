"""Minor units by ISO 4217, and a helpful refusal of anything else."""

import pytest

from buoy_engine.kernel.amounts import UnknownCurrency, codes_with_digits, minor_digits


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("CHF", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4), ("UYW", 4)],
)
def test_a_current_currency_has_the_minor_unit_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(("currency", "digits"), [("HRK", 2), ("BGN", 2), ("BYR", 0)])
def test_a_withdrawn_currency_is_known_so_that_old_years_can_be_replayed(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


def test_points_are_whole() -> None:
    assert minor_digits("PTS") == 0


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("eur", "Write 'EUR'"),
        (" USD", "Write 'USD'"),
        ("XAU", "without a minor unit"),
        ("EURO", "expected an ISO 4217 code"),
        ("", "expected an ISO 4217 code"),
    ],
)
def test_an_unknown_code_is_refused_with_what_to_do(code: str, hint: str) -> None:
    with pytest.raises(UnknownCurrency, match=hint) as caught:
        minor_digits(code)
    assert caught.value.code == code


def test_the_codes_of_a_number_of_digits_are_those_that_have_it() -> None:
    assert {"JPY", "PTS"} <= set(codes_with_digits(0))
    assert codes_with_digits(4) == ["CLF", "UYW"]
    assert codes_with_digits(1) == []
    assert sum(len(codes_with_digits(digits)) for digits in range(5)) == 180
