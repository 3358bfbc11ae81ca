"""A rate is the last published one before a day, says of which day it is, and gives way to one by hand."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from buoy.core.errors import NotAllowed
from buoy.core.scope import acting
from buoy.domains.sales.actions.rates import RatesUnreadable, enter_rate, import_rates
from buoy.domains.sales.models import ExchangeRate
from buoy.domains.sales.queries.rates import NoRate, rate
from tests.cast import Cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FILE = b"Date,USD,GBP,SIT,\n2013-12-02,1.3536,0.8253,N/A,\n2013-11-29,1.3611,0.8328,N/A,\n2006-12-29,1.3170,0.6715,239.64,\n"


@pytest.fixture
def with_rates(cast: Cast) -> Cast:
    assert import_rates(cast.finn, content=io.BytesIO(FILE), now=NOW) == 7
    return cast


def on(cast: Cast, currency: str, to: str, day: date) -> tuple[Decimal, tuple[date, ...]]:
    with acting(cast.mei, read_only=True):
        found = rate(cast.mei, currency=currency, to=to, on=day)
    return found.convert(Decimal(100)), found.days


def test_a_sunday_has_the_rate_of_the_friday_before_and_says_so(with_rates: Cast) -> None:
    assert on(with_rates, "EUR", "USD", date(2013, 12, 1)) == (Decimal("136.11"), (date(2013, 11, 29),))


def test_two_currencies_meet_over_the_euro(with_rates: Cast) -> None:
    assert on(with_rates, "GBP", "USD", date(2013, 11, 29)) == (Decimal("163.436599"), (date(2013, 11, 29),))
    assert on(with_rates, "USD", "USD", date(2013, 11, 29))[0] == 100
    assert on(with_rates, "EUR", "EUR", date(1999, 1, 1)) == (Decimal(100), ())


def test_a_currency_that_has_ended_has_no_rate_any_more(with_rates: Cast) -> None:
    assert on(with_rates, "SIT", "EUR", date(2007, 1, 8))[1] == (date(2006, 12, 29),)
    with acting(with_rates.mei, read_only=True), pytest.raises(NoRate):
        rate(with_rates.mei, currency="SIT", to="EUR", on=date(2007, 1, 9))


def test_a_rate_by_hand_wins_on_its_day_only(with_rates: Cast) -> None:
    enter_rate(with_rates.finn, currency="USD", rate_date=date(2013, 11, 29), rate=Decimal("1.5"), now=NOW)
    assert on(with_rates, "EUR", "USD", date(2013, 12, 1))[0] == 150
    assert on(with_rates, "EUR", "USD", date(2013, 12, 2))[0] == Decimal("135.36")


def test_the_same_file_again_changes_nothing_and_its_zip_is_read(with_rates: Cast) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref-hist.csv", FILE)
    assert import_rates(with_rates.finn, content=io.BytesIO(packed.getvalue()), now=NOW) == 7
    with acting(with_rates.mei):
        assert ExchangeRate.objects.count() == 7


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        b"Day,USD\n2013-11-29,1.3\n",
        b"Date,USD\n29.13.2013,1.3\n",
        b"Date,USD\n2013-11-29,-1\n",
        b"Date,USD\n2013-11-29,NaN\n",
        b"\xff\xfe\n",
    ],
)
def test_a_file_that_is_none_of_rates_is_refused_and_nothing_of_it_is_kept(cast: Cast, content: bytes) -> None:
    with pytest.raises(RatesUnreadable):
        import_rates(cast.finn, content=io.BytesIO(content), now=NOW)
    with acting(cast.mei):
        assert not ExchangeRate.objects.exists()


def test_only_who_manages_rates_changes_them(cast: Cast) -> None:
    for who in (cast.mei, cast.ramon, cast.evan):
        with pytest.raises(NotAllowed):
            enter_rate(who, currency="USD", rate_date=date(2026, 1, 5), rate=Decimal(1), now=NOW)
        with pytest.raises(NotAllowed):
            import_rates(who, content=io.BytesIO(FILE), now=NOW)
