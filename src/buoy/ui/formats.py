"""Numbers, money, dates and times as the reader's language writes them.

The language and the time zone are those active in Django. Every result is text: `templatetags/ui.py` wraps it so
that it keeps its order inside words that run the other way. No function rounds an amount that is exact in its
currency; one with more digits is shown rounded half to even, as an accountant rounds what is only displayed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_territory_currencies,
)
from django.utils import timezone, translation

Number = int | Decimal

# Babel writes amounts for text that may stand anywhere and adds marks of direction. Ours stand isolated, from left to
# right, where a mark would put the currency on the wrong side; in a file they would be letters that nobody sees.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))


@lru_cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def locale() -> Locale:
    """The reader's locale; English where translations are switched off."""
    return _locale_of(translation.get_language() or "en")


def _bare(text: str) -> str:
    return text.translate(_MARKS)


def number(value: Number, *, places: int | None = None) -> str:
    """`1,284.5`; with `places`, exactly so many digits after the point."""
    if places is None:
        return _bare(format_decimal(value, locale=locale()))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return _bare(format_decimal(value, format=pattern, locale=locale()))


def short_number(value: Number) -> str:
    """`1.3K`: for the axis of a chart, never for a figure that somebody is paid."""
    return _bare(format_compact_decimal(value, locale=locale(), fraction_digits=1))


def percent(ratio: Decimal, *, places: int = 0) -> str:
    """0.318 is `31.8%` with one place."""
    pattern = locale().percent_formats[None].pattern.replace("#,##0", "#,##0" + ("." + "0" * places if places else ""))
    return _bare(format_percent(ratio, format=pattern, locale=locale()))


def money(amount: Decimal, currency: str, *, whole: bool = False) -> str:
    """`$1,284.00`, with the digits of its currency; `whole` leaves them away, for headlines and estimates."""
    if not whole:
        return _bare(format_currency(amount, currency, locale=locale()))
    pattern = locale().currency_formats["standard"].pattern.replace("0.00", "0")
    return _bare(format_currency(amount, currency, format=pattern, currency_digits=False, locale=locale()))


def price(amount: Decimal, currency: str) -> str:
    """`€4.9975`: of one unit, with at least the digits of its currency and all that it has; nothing is rounded."""
    exact = amount.normalize()
    return _bare(format_currency(exact, currency, locale=locale(), decimal_quantization=False))


def short_money(amount: Decimal, currency: str) -> str:
    """`$8.4M`: for the axis of a chart, never for a figure that somebody is paid."""
    return _bare(format_compact_currency(amount, currency, locale=locale(), fraction_digits=1))


def day(value: date, *, style: str = "medium") -> str:
    """`25 Nov 2026`; the styles are Babel's: short, medium, long, full, or a pattern."""
    return format_date(value, format=style, locale=locale())


def moment(value: datetime, *, style: str = "medium") -> str:
    """A day and the minute in the reader's time zone; `style` is that of the day. `value` must know its own zone."""
    if timezone.is_naive(value):
        raise ValueError(f"a moment must know its time zone, and {value!r} does not: take it from core.clock")
    local = timezone.localtime(value)
    date_part, time_part = day(local, style=style), format_time(local, format="short", locale=locale())
    return locale().datetime_formats["medium"].format(time_part, date_part)


def distance(value: datetime, *, now: datetime) -> str:
    """`3 hours ago`, `in 2 days`."""
    gap = value - now
    return format_timedelta(gap if gap else timedelta(0), add_direction=True, locale=locale())


_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "XK"}


def countries() -> list[tuple[str, str]]:
    """ISO codes with the countries' names in the reader's language, by name."""
    known = (
        (code, name)
        for code, name in locale().territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    )
    return sorted(known, key=lambda pair: pair[1])


def currencies() -> list[tuple[str, str]]:
    """ISO codes of the currencies in use, each with its name in the reader's language, by code."""
    names = locale().currencies
    in_use = {code for territory in locale().territories for code in get_territory_currencies(str(territory))}
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(in_use)]


def country(code: str) -> str:
    """The name of a country by its ISO code; the code itself when it is not known."""
    return str(locale().territories.get(code, code))


def language(code: str) -> str:
    """The name of a language, in the reader's."""
    return str(locale().languages.get(code, code))
