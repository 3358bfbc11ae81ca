"""The arithmetic of a scale in words: which slice or band pays what on a measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from buoy_engine.run import wording
from buoy_engine.run.reading import Record
from buoy_engine.spec.model import Tiers

ZERO = Decimal(0)


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic: what is done, and the value after it."""

    what: str
    value: Decimal


@dataclass(frozen=True)
class KnownBand:
    """A band with its numbers, edges in units of the measure. `beyond`: the lower edge is not yet inside."""

    number: int
    low: Decimal | None
    high: Decimal | None
    rate: Decimal | None
    amount: Decimal | None
    beyond: bool
    says: str


def tier_steps(
    tiers: Tiers, scale: tuple[KnownBand, ...], measure: Decimal, base: Decimal | None, cell: Record
) -> Iterable[Step]:
    """The arithmetic of a scale on a measure."""
    if tiers.mode == "marginal":
        for band in scale:
            part = cell.get(f"_band{band.number - 1}", ZERO)
            if part:
                yield Step(_slice(band, measure), part)
        return
    if tiers.mode == "filled":
        for band in scale:
            if band.amount and band.high is None and entered(band, measure):
                yield Step(f"band {band.number}: {wording.amount(band.amount)} on entering", band.amount)
            if band.amount and band.high is not None and measure > (band.low or ZERO):
                width = band.high - (band.low or ZERO)
                inside = min(measure, band.high) - (band.low or ZERO)
                part = f"{wording.amount(inside)} of {wording.amount(width)}"
                what = f"band {band.number}: {part} × {wording.amount(band.amount)}"
                yield Step(what, band.amount * inside / width)
        return
    reached = scale[int(cell["_tier"]) - 1]
    if reached.rate and base is not None:
        yield Step(
            f"{wording.amount(base)} × {wording.percent(reached.rate)} (band {reached.number})", base * reached.rate
        )
    if reached.amount:
        yield Step(f"amount of band {reached.number}", reached.amount)
    if not reached.rate and not reached.amount:
        yield Step(f"band {reached.number} pays nothing", ZERO)


def _slice(band: KnownBand, measure: Decimal) -> str:
    inside = slice_of(band, measure)
    said = []
    if band.rate is not None:
        said.append(f"{wording.amount(inside)} × {wording.percent(band.rate)}")
    if band.amount:
        said.append(f"{wording.amount(band.amount)} on entering")
    return f"band {band.number}: {' + '.join(said)}"


def slice_of(band: KnownBand, measure: Decimal) -> Decimal:
    """The part of a measure that lies in a band; the first band also holds what is below zero."""
    top = measure if band.high is None else min(measure, band.high)
    return top if band.number == 1 else max(top - (band.low or ZERO), ZERO)


def entered(band: KnownBand, measure: Decimal) -> bool:
    """Whether a measure has entered a band; the lowest is entered by anything above its edge."""
    low = band.low or ZERO
    return measure > low if band.beyond or band.number == 1 else measure >= low
