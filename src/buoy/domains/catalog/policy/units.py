"""What products are counted in: units by their codes of UN/ECE Recommendation 20 and 21, as invoices and EDI use them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unit:
    """`places` is how many digits after the point a quantity in it may have."""

    code: str
    places: int = 0


PIECE = "C62"
UNITS = {
    unit.code: unit
    for unit in (
        Unit(PIECE),
        Unit("PR"),
        Unit("SET"),
        Unit("XPK"),
        Unit("XCS"),
        Unit("XPX"),
        Unit("KGM", 3),
        Unit("GRM"),
        Unit("TNE", 3),
        Unit("LTR", 3),
        Unit("MTR", 3),
        Unit("MTK", 3),
        Unit("HUR", 2),
        Unit("DAY", 2),
        Unit("MON"),
        Unit("ANN"),
        Unit("E48", 2),
        Unit("IE"),
    )
}
"""By code. `IE` counts persons: the seats of a licence."""


def quantity_fits(quantity: Decimal, unit: str) -> bool:
    """May there be so much of it: more than nothing, and no finer than the unit is divided?"""
    exponent = quantity.normalize().as_tuple().exponent
    return quantity > 0 and isinstance(exponent, int) and -exponent <= UNITS[unit].places
