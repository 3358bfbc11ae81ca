"""Arithmetic on dates: months that clamp to the month's last day, and lengths of half-open intervals.

The problem
    "A month after 31 January" has no obvious answer, and adding one month twice must not drift: 31 January, 28
    February and then 31 March again, not 28 March. So months are always counted from the original anchor day.

A worked example
    >>> [str(add_months(date(2025, 1, 31), n)) for n in (1, 2, 3)]
    ['2025-02-28', '2025-03-31', '2025-04-30']
    >>> str(add_months(date(2025, 2, 28), 1, anchor_day=31))
    '2025-03-31'

Source: docs/algorithms/calendars.md.
"""

from calendar import monthrange
from datetime import date


def add_months(d: date, n: int, anchor_day: int | None = None) -> date:
    """The date `n` months after `d` (before, if negative), on the anchor day or the month's last day if it is shorter.

    The anchor is `d.day` unless given. Give it when `d` itself has been clamped already.
    """
    return clamped_date(*_month_after(d, n), anchor_day or d.day)


def clamped_date(year: int, month: int, day: int) -> date:
    """The given day, or the last day of a month that is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def whole_months_between(a: date, b: date) -> int:
    """How many whole months fit between `a` and `b`: the largest n with add_months(a, n) <= b. Negative if b < a."""
    if b < a:
        return -whole_months_between(b, a)
    months = (b.year - a.year) * 12 + b.month - a.month
    return months if add_months(a, months) <= b else months - 1


def overlap_days(a_start: date, a_end: date, b_start: date, b_end: date) -> int:
    """Days that two half-open intervals [start, end) have in common; 0 if they do not meet."""
    return max(0, (min(a_end, b_end) - max(a_start, b_start)).days)


def _month_after(d: date, n: int) -> tuple[int, int]:
    years, month_index = divmod(d.month - 1 + n, 12)
    return d.year + years, month_index + 1
