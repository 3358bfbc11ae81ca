"""Numbers, money, dates and times in each of the five languages, as their readers write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from buoy.ui import formats

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "$1,284,000.50"),
        ("id", "US$1.284.000,50"),
        ("pl", f"1{NBSP}284{NBSP}000,50{NBSP}USD"),
        ("ar", f"1,284,000.50{NBSP}US$"),
        ("nl", f"US${NBSP}1.284.000,50"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("1284000.50"), "USD") == expected


def test_a_currency_has_its_own_number_of_digits() -> None:
    with translation.override("en"):
        assert formats.money(Decimal("1284"), "JPY") == "¥1,284"
        assert formats.money(Decimal("1.234"), "KWD") == "KWD1.234"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("649.000000", "EUR", "€649.00"),
        ("4.997500", "EUR", "€4.9975"),
        ("3.2", "EUR", "€3.20"),
        ("1500.000000", "JPY", "¥1,500"),
        ("0.0001", "JPY", "¥0.0001"),
        ("0", "EUR", "€0.00"),
    ],
)
def test_the_price_of_a_unit_is_never_rounded(amount: str, currency: str, expected: str) -> None:
    assert formats.price(Decimal(amount), currency) == expected


def test_only_whole_money_leaves_its_digits_away() -> None:
    with translation.override("en"):
        assert formats.money(Decimal("1284000.50"), "USD", whole=True) == "$1,284,000"
    with translation.override("pl"):
        assert formats.money(Decimal("1284"), "PLN", whole=True) == f"1{NBSP}284{NBSP}zł"


def test_what_is_half_a_cent_is_shown_half_to_even() -> None:
    with translation.override("en"):
        assert formats.money(Decimal("0.125"), "USD") == "$0.12"
        assert formats.money(Decimal("0.135"), "USD") == "$0.14"


def test_an_arabic_amount_carries_no_mark_of_direction() -> None:
    with translation.override("ar"):
        written = formats.money(Decimal("-5"), "USD") + formats.percent(Decimal("-0.5")) + formats.number(-5)
    assert not set(written) & set("\u200e\u200f\u061c")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "31.8%"), ("id", "31,8%"), ("pl", "31,8%"), ("ar", "31.8%"), ("nl", "31,8%")],
)
def test_a_share_is_written_as_the_reader_writes_it(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.percent(Decimal("0.318"), places=1) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Nov 25, 2026"), ("id", "25 Nov 2026"), ("pl", "25 lis 2026"), ("nl", "25 nov 2026")],
)
def test_a_day_is_written_as_the_reader_writes_it(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.day(date(2026, 11, 25)) == expected


def test_a_moment_is_shown_in_the_time_zone_of_the_reader() -> None:
    moment = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    with translation.override("nl"), timezone.override(ZoneInfo("Asia/Jakarta")):
        assert formats.moment(moment) == "26 nov 2026, 06:30"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="must know its time zone"):
        formats.moment(datetime(2026, 11, 25))  # noqa: DTZ001


def test_a_distance_says_which_way_it_goes() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    with translation.override("en"):
        assert formats.distance(datetime(2026, 11, 25, 9, tzinfo=UTC), now=now) == "3 hours ago"
        assert formats.distance(datetime(2026, 11, 27, 12, tzinfo=UTC), now=now) == "in 2 days"


def test_an_amount_keeps_its_order_inside_words_that_run_the_other_way() -> None:
    with translation.override("ar"):
        written = Template("{% money amount 'USD' %}").render(Context({"amount": Decimal("12")}))
    assert written == f'<bdi dir="ltr">12.00{NBSP}US$</bdi>'
