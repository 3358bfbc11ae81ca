"""Amounts: minor units, rounding, and sharing an amount so that the parts equal the whole.

The problem
    A rebate of 27.50 belongs to seven invoice lines, one of them a credit note. Rounding each line's exact share
    gives amounts that add up to 27.51 as often as to 27.50, and the statement no longer agrees with the payment.
    Three questions have to be answered the same way everywhere: how many decimals has this currency, where does a
    tie go, and who gets the cent that is left over.

A worked example (largest remainder; case AL-103)
    27.50 is shared over lines of 199.99, 250.01, 0.01, 333.33, -120.00, 216.66 and 120.00, which net to 1,000.00.

    exact share   5.499725  6.875275  0.000275  9.166575  -3.30  5.958150  3.30
    floor         5.49      6.87      0.00      9.16      -3.30  5.95      3.30     adds up to 27.47
    remainder     .9725     .5275     .0275     .6575      0     .8150     0        of a cent
    spare cent    +1                            +1               +1                 three cents are left
    share         5.50      6.87      0.00      9.17      -3.30  5.96      3.30     adds up to 27.50

    Line 2 is more than half a cent over its floor and still gets nothing: sharing is not rounding.

A worked example (running cents; case AL-102)
    Lines earn exactly 3.335, 3.335, 3.335. Their running sums 3.335, 6.670, 10.005 round to 3.34, 6.67, 10.01,
    so the lines show 3.34, 3.33 and 3.34. However many lines follow, the shown cents add up to the rounded total.

Chosen steps
    1. Ties go away from zero by default, so a reversal always cancels its original to the cent. The mode is a
       setting of the plan.
    2. Shares are floored towards minus infinity in whole minor units; the units left over go to the largest
       remainders, ties to the earlier entry. Weights may be negative (credit notes); a weight of zero gets nothing.
    3. A negative total is the mirror image of the positive one, never a calculation of its own.
    4. All comparisons are of integers. The ambient decimal context (28 digits, half even) is never used.

What this module does not do
    It does not convert currencies, does not know rates, and does not decide *when* to round: that is the plan's.
    It takes no float: a float is refused with TypeError.

Sources: ISO 4217, list one as of 1 January 2026; docs/algorithms/rounding-and-sharing.md.
"""

import decimal
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW"
    " CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR"
    " ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV"
    " MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD"
    " SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# A run of an old year is replayed years later, in the currency of that year. These codes left the list after 2010.
_WITHDRAWN_BY_DIGITS = {
    0: "BYR",
    2: "ANG BGN CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL",
}

POINTS = "PTS"
"""Our own code for reward points, which come in whole points. It is not an ISO code and never will be money."""

_WITHOUT_MINOR_UNIT = {
    *("XAG", "XAU", "XPD", "XPT"),  # metals
    *("XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"),  # baskets and units of account
    *("XTS", "XXX"),  # tests, and no currency at all
}

_DIGITS = {
    code: digits
    for table in (_CODES_BY_DIGITS, _WITHDRAWN_BY_DIGITS, {0: POINTS})
    for digits, codes in table.items()
    for code in codes.split()
}

# Additions and roundings in this context never lose a digit. Divisions must not use it: a third would never end.
_EXACT = decimal.Context(
    prec=decimal.MAX_PREC,
    Emax=decimal.MAX_EMAX,
    Emin=decimal.MIN_EMIN,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


class UnknownCurrency(ValueError):
    """A currency code that has no known minor unit."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Unknown currency {code!r}: {_why_unknown(code)}")


class WeightsSumToZero(ValueError):
    """An amount is to be shared by weights that add up to nothing."""

    def __init__(self, count: int) -> None:
        self.count = count
        found = "there are no weights" if not count else f"the {count} weights add up to zero"
        super().__init__(f"Cannot share an amount in proportion: {found}. Give weights whose sum is not zero.")


class AmountNotInMinorUnits(ValueError):
    """An amount that is to be shared has more decimals than its currency."""

    def __init__(self, amount: Decimal, digits: int) -> None:
        self.amount = amount
        self.digits = digits
        super().__init__(f"Cannot share {amount}: expected at most {digits} decimals. Round it with round_to first.")


class AmountNotFinite(ValueError):
    """NaN or infinity where an amount is due."""

    def __init__(self, amount: Decimal) -> None:
        self.amount = amount
        super().__init__(f"{amount} is not an amount: expected a finite decimal number.")


class Rounding(StrEnum):
    """Where a value between two steps goes. The half_ modes differ only on exact ties."""

    HALF_UP = "half_up"
    """Ties away from zero: 2.5 → 3, -2.5 → -3. The default."""
    HALF_EVEN = "half_even"
    """Ties to the even neighbour: 2.5 → 2, 3.5 → 4."""
    HALF_DOWN = "half_down"
    """Ties towards zero: 2.5 → 2, -2.5 → -2."""
    HALF_CEILING = "half_ceiling"
    """Ties towards plus infinity: 2.5 → 3, -2.5 → -2."""
    UP = "up"
    """Away from zero: 2.1 → 3, -2.1 → -3."""
    DOWN = "down"
    """Towards zero: 2.9 → 2, -2.9 → -2."""
    CEILING = "ceiling"
    """Towards plus infinity: 2.1 → 3, -2.9 → -2."""
    FLOOR = "floor"
    """Towards minus infinity: 2.9 → 2, -2.1 → -3."""


_NATIVE_MODE = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
}


def minor_digits(currency: str) -> int:
    """Decimals of a currency by ISO 4217: EUR 2, JPY 0, KWD 3, CLF 4; PTS (points) 0.

    Codes withdrawn since 2011 are still known, so that old years can be replayed.
    Raises `UnknownCurrency`, also for codes that ISO lists without a minor unit (gold, drawing rights, tests).
    """
    digits = _DIGITS.get(currency)
    if digits is None:
        raise UnknownCurrency(currency)
    return digits


def round_to(x: Decimal, digits: int, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """`x` at `digits` decimals, exactly, for a number of any size. The result has exactly that many decimals.

    Negative `digits` round before the point: 123.456 at -2 is 100. A result of zero never carries a minus sign.
    """
    _require_amount(x)
    step = Decimal((0, (1,), -digits))
    return _plain(x.quantize(step, rounding=_native_mode(x, mode), context=_EXACT))


def divide(numerator: Decimal, denominator: Decimal, digits: int, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """The quotient at `digits` decimals, rounded once from the exact fraction.

    This is the only division on money: 5/3 has no exact decimal, and rounding a rounded quotient moves ties.
    Raises ZeroDivisionError when the denominator is zero.
    """
    top, bottom = _as_integers((numerator, denominator))
    if bottom == 0:
        raise ZeroDivisionError(f"{numerator} / {denominator}: the denominator of a ratio is zero.")
    return _from_units(_divide_to_units(top, bottom, digits, mode), digits)


def allocate(total: Decimal, weights: Sequence[Decimal], digits: int) -> list[Decimal]:
    """`total` shared in proportion to `weights` by largest remainder. One share per weight, in the given order.

    The shares add up to `total` and each is less than one minor unit from its exact value. A tie for the last unit
    goes to the earlier entry, so the order of the entries must be a stable one (by id, never by query order).
    A zero weight gets nothing, a negative weight a negative share, and `allocate(-t) == -allocate(t)`.
    Raises `WeightsSumToZero`, and `AmountNotInMinorUnits` for a total with more decimals than `digits`.
    """
    units = _whole_units(total, digits)
    ratio = _ratio(weights)
    shares = _largest_remainder(abs(units), ratio)
    return [_from_units(-share if units < 0 else share, digits) for share in shares]


def allocate_cumulative(
    total: Decimal, weights: Sequence[Decimal], digits: int, mode: Rounding = Rounding.HALF_UP
) -> list[Decimal]:
    """`total` shared in proportion to `weights` by cumulative rounding: share k is round(first k) - round(first k-1).

    Use it where the order is that of time (a year's target in months): after every entry, what has been given out
    is the rounded exact amount to date. The shares add up to `round_to(total, digits, mode)`. 10,000.00 over twelve
    equal months is 833.33, 833.34, 833.33 and so on. Raises `WeightsSumToZero`.
    """
    _require_amount(total)
    ratio = _ratio(weights)
    top, scale = _as_integers((total, Decimal(1)))
    whole = sum(ratio) * scale
    shares, weight_so_far, given = [], 0, 0
    for weight in ratio:
        weight_so_far += weight
        to_date = _divide_to_units(top * weight_so_far, whole, digits, mode)
        shares.append(_from_units(to_date - given, digits))
        given = to_date
    return shares


def running_cents(exact: Iterable[Decimal], digits: int, mode: Rounding = Rounding.HALF_UP) -> list[Decimal]:
    """The cents to show on lines with exact amounts: round(running sum) - round(previous running sum).

    One result per line, in order; they add up to the rounded exact total, returns (negative lines) included.
    """
    shown, sum_so_far, shown_so_far = [], Decimal(0), round_to(Decimal(0), digits)
    for amount in exact:
        _require_amount(amount)
        sum_so_far = _EXACT.add(sum_so_far, amount)
        rounded = round_to(sum_so_far, digits, mode)
        shown.append(_plain(_EXACT.subtract(rounded, shown_so_far)))
        shown_so_far = rounded
    return shown


def _why_unknown(code: str) -> str:
    if code in _WITHOUT_MINOR_UNIT:
        return "ISO 4217 lists it without a minor unit, so amounts in it cannot be rounded. Use a currency of payment."
    if code.strip().upper() in _DIGITS:
        return f"codes are three capital letters. Write {code.strip().upper()!r}."
    return "expected an ISO 4217 code such as 'EUR', 'USD' or 'JPY' (or 'PTS' for points). Correct the code."


def _require_amount(x: Decimal) -> None:
    if not isinstance(x, Decimal):
        raise TypeError(f"Expected a Decimal, found {type(x).__name__} {x!r}: amounts are exact, floats are not.")
    if not x.is_finite():
        raise AmountNotFinite(x)


def _native_mode(x: Decimal, mode: Rounding) -> str:
    """The decimal module's name of a mode; it has none for ties towards plus infinity, which depend on the sign."""
    if mode is Rounding.HALF_CEILING:
        return decimal.ROUND_HALF_DOWN if x < 0 else decimal.ROUND_HALF_UP
    return _NATIVE_MODE[mode]


def _plain(x: Decimal) -> Decimal:
    """The same value without a minus sign on zero and without a positive exponent (1E+2 becomes 100)."""
    if not x:
        x = x.copy_abs()
    return x.quantize(Decimal(1), context=_EXACT) if _exponent(x) > 0 else x


def _exponent(x: Decimal) -> int:
    exponent = x.as_tuple().exponent
    assert isinstance(exponent, int), "callers have refused NaN and infinity"
    return exponent


def _as_integers(values: Sequence[Decimal]) -> list[int]:
    """The values, all multiplied by the same power of ten, as integers: their ratios are unchanged."""
    for value in values:
        _require_amount(value)
    finest = min((_exponent(value) for value in values), default=0)
    return [int(value.scaleb(-finest, context=_EXACT)) for value in values]


def _ratio(weights: Sequence[Decimal]) -> list[int]:
    """The weights as integers with a positive sum."""
    ratio = _as_integers(weights)
    whole = sum(ratio)
    if whole == 0:
        raise WeightsSumToZero(len(ratio))
    return ratio if whole > 0 else [-weight for weight in ratio]


def _whole_units(amount: Decimal, digits: int) -> int:
    rounded = round_to(amount, digits, Rounding.DOWN)
    if rounded != amount:
        raise AmountNotInMinorUnits(amount, digits)
    return int(rounded.scaleb(digits, context=_EXACT))


def _from_units(units: int, digits: int) -> Decimal:
    return _plain(Decimal(units).scaleb(-digits, context=_EXACT))


def _largest_remainder(units: int, ratio: Sequence[int]) -> list[int]:
    """`units` ≥ 0 shared in the `ratio` of integers whose sum is positive."""
    whole = sum(ratio)
    floors, remainders = [], []
    for weight in ratio:
        floor, remainder = divmod(units * weight, whole)
        floors.append(floor)
        remainders.append(remainder)
    # Sorting is stable, so equal remainders stay in the order of the entries. There are always more entries with a
    # remainder than spare units: each remainder is less than one unit and together they make up the spare ones.
    by_remainder = sorted(range(len(ratio)), key=lambda place: -remainders[place])
    for place in by_remainder[: units - sum(floors)]:
        floors[place] += 1
    return floors


def _divide_to_units(top: int, bottom: int, digits: int, mode: Rounding) -> int:
    """top/bottom as a whole number of units of 10^-digits."""
    if digits >= 0:
        top *= 10**digits
    else:
        bottom *= 10**-digits
    return _round_quotient(top, bottom, mode) if bottom > 0 else _round_quotient(-top, -bottom, mode)


def _round_quotient(top: int, bottom: int, mode: Rounding) -> int:
    """top/bottom (bottom > 0) as an integer: the floor, or one more."""
    floor, remainder = divmod(top, bottom)
    if remainder == 0:
        return floor
    twice = 2 * remainder
    if twice == bottom or mode not in _HALF_MODES:
        return floor + _goes_up(floor, mode)
    return floor + (twice > bottom)


_HALF_MODES = frozenset({Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN, Rounding.HALF_CEILING})


def _goes_up(floor: int, mode: Rounding) -> bool:
    """Whether a value strictly between `floor` and `floor + 1` goes up (a tie, where the mode is about ties)."""
    if mode in (Rounding.HALF_UP, Rounding.UP):
        return floor >= 0
    if mode in (Rounding.HALF_DOWN, Rounding.DOWN):
        return floor < 0
    if mode is Rounding.HALF_EVEN:
        return floor % 2 == 1
    return mode in (Rounding.HALF_CEILING, Rounding.CEILING)


def codes_with_digits(digits: int) -> list[str]:
    """The currency codes that have so many minor digits, in order."""
    return sorted(code for code, found in _DIGITS.items() if found == digits)
