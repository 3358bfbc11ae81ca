"""Days as files write them, and which order their numbers stand in.

`2024-05-20`, `20240520`, `20 May 2024` and `20.05.2024` can be read in one way. `05/04/2024` cannot: the day stands first
in most of the world and the month first in America. The column decides: one value with a first number above 12 shows
that days stand first. A column that stays open is asked about, and is never guessed; a column that shows both is one
whose rows were mixed, and is asked about too, so that the rows that do not fit the answer are refused one by one.

`May-20` is no day. It is what a spreadsheet makes of the 20th of May, or of the product `MAY20`, when it opens a file:
the year, or the code, is lost. It is flagged wherever it stands.

A time of day is left out: the day counts as it was written, in the time zone of whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from buoy.domains.sales.reading.flaws import Question

DAY_FIRST, MONTH_FIRST, UNKNOWN = "day-first", "month-first", ""
EARLIEST = date(1990, 1, 1)
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(32874, 73051)
"""Excel's numbers of the days from 1990 to 2099."""

_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_TOGETHER = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_WORDS = re.compile(
    rf"(?:(\d{{1,2}})[ .-]*([^\W\d_]{{3,}})|([^\W\d_]{{3,}})[ .-]*(\d{{1,2}}))\.?[ ,-]+(\d{{4}}){_TIME}"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january stycznia sty يناير",
            "feb februari february pebruari lutego lut فبراير",
            "mar maart march maret marca mrt مارس",
            "apr april kwietnia kwi أبريل",
            "may mei maja maj مايو",
            "jun juni june czerwca cze يونيو",
            "jul juli july lipca lip يوليو",
            "aug augustus august agustus sierpnia sie agu أغسطس",
            "sep sept september września wrz سبتمبر",
            "oct okt oktober october października paź أكتوبر",
            "nov november nopember listopada lis نوفمبر",
            "dec des december desember grudnia gru ديسمبر",
        ),
        start=1,
    )
    for name in names.split()
}
_MANGLED = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{1,2}|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)


class NotADay(ValueError):
    """Its text says why: date-shape, date-damaged, date-ambiguous or date-implausible."""


def parse_day(text: str, order: str, *, are_serials: bool = False) -> date:
    """The day. `order` counts for numbers alone with the year last; while it is unknown, a day that can be read both
    ways is refused. Raises NotADay."""
    text = text.strip()
    if is_mangled(text):
        raise NotADay("date-damaged")
    try:
        day = _written(text, order, are_serials=are_serials)
    except NotADay:
        raise
    except (ValueError, OverflowError):
        raise NotADay("date-shape") from None
    if day < EARLIEST or day.year > 2099:
        raise NotADay("date-implausible")
    return day


def is_mangled(text: str) -> bool:
    """A day without a year or a code: what a spreadsheet leaves of something else."""
    return bool(_MANGLED.fullmatch(text))


def date_order(values: Iterable[str]) -> tuple[str, Question | None]:
    """The order of day and month in a column, and the question that is left when its values do not tell."""
    days_first: list[str] = []
    months_first: list[str] = []
    open_: list[str] = []
    for text in values:
        if (match := _YEAR_LAST.fullmatch(text.strip())) is None:
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second or match[2] == ".":
            days_first.append(text)
        elif second > 12 >= first:
            months_first.append(text)
        elif first != second:
            open_.append(text)
    if bool(days_first) == bool(months_first) and (days_first or open_):
        examples = (days_first[0], months_first[0]) if days_first else tuple(dict.fromkeys(open_))[:3]
        return UNKNOWN, Question("date_order", (DAY_FIRST, MONTH_FIRST), examples)
    return (MONTH_FIRST if months_first else DAY_FIRST if days_first else UNKNOWN), None


def serials_asked(values: Iterable[str]) -> Question | None:
    """The question whether a column of numbers holds Excel's numbers of days."""
    found = [text for text in values if text.strip()]
    if found and all(_serial(text) is not None for text in found):
        return Question("serial_dates", ("yes", "no"), tuple(dict.fromkeys(found))[:3])
    return None


def looks_like_day(text: str) -> bool:
    for order in (DAY_FIRST, MONTH_FIRST):
        try:
            _written(text.strip(), order, are_serials=False)
        except (ValueError, OverflowError):
            continue
        return True
    return False


def _written(text: str, order: str, *, are_serials: bool) -> date:
    """Raises ValueError."""
    if match := _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), match[4]
        if order == UNKNOWN and match[2] != "." and first != second and max(first, second) <= 12:
            raise NotADay("date-ambiguous")
        is_month_first = order == MONTH_FIRST or (order == UNKNOWN and second > 12)
        day, month = (second, first) if is_month_first else (first, second)
        return date(int(year) + 2000 if len(year) == 2 else int(year), month, day)
    if match := _WORDS.fullmatch(text):
        number, word = (match[1], match[2]) if match[1] else (match[4], match[3])
        return date(int(match[5]), _MONTHS.get(word.lower(), 0), int(number))
    if are_serials and (serial := _serial(text)) is not None:
        return EXCEL_EPOCH + timedelta(days=serial)
    raise ValueError


def _serial(text: str) -> int | None:
    whole, _, rest = text.strip().partition(".")
    is_number = whole.isascii() and whole.isdecimal() and (not rest or rest.isdecimal())
    return int(whole) if is_number and len(whole) == 5 and int(whole) in SERIALS else None
