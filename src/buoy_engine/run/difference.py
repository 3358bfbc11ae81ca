"""Two results on the same facts, compared: who wins, who loses, which lines changed and why.

Amounts are differences of what was earned, to the cent: the total difference is the new total less the old one, and the
sum over partners, and the sum over components and periods. Lines are compared by the cents shown on them; what an earning
has on no line (a fixed amount, a catch-up) is in the differences by component and in no line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from buoy_engine.run.calculate import Result
from buoy_engine.run.wording import money

ZERO = Decimal(0)


class NotComparable(ValueError):
    """The two results are not about the same money."""


@dataclass(frozen=True)
class Delta:
    """One partner's component and period: what it earned before and now."""

    partner: str
    component: str
    period: str
    old: Decimal
    new: Decimal

    @property
    def delta(self) -> Decimal:
        """New less old."""
        return self.new - self.old


@dataclass(frozen=True)
class PartnerDelta:
    """A partner's total before and now."""

    partner: str
    old: Decimal
    new: Decimal

    @property
    def delta(self) -> Decimal:
        """New less old."""
        return self.new - self.old


@dataclass(frozen=True)
class LineDelta:
    """A line that earns another amount, and why."""

    id: str
    component: str
    partner: str
    period: str
    old: Decimal
    new: Decimal
    why: str


@dataclass(frozen=True)
class Difference:
    """Everything that differs. `unchanged`: partners who earned something and earn the same."""

    currency: str
    old: Decimal
    new: Decimal
    deltas: tuple[Delta, ...]
    winners: tuple[PartnerDelta, ...]
    losers: tuple[PartnerDelta, ...]
    unchanged: int
    lines: tuple[LineDelta, ...]

    @property
    def delta(self) -> Decimal:
        """New total less old total."""
        return self.new - self.old


Key = tuple[str, str, str]
"""Partner, component and period of the component."""


def compare_results(old: Result, new: Result, *, lines: bool = True) -> Difference:
    """The difference of two results. Raises `NotComparable` for plans in different currencies."""
    before, after = old.program.plan, new.program.plan
    if before.currency != after.currency:
        raise NotComparable(
            f"found plans in {before.currency} and {after.currency}; expected one currency; compare plans of one currency"
        )
    was, now = _earned(old), _earned(new)
    partners = _by_partner(was, now)
    changed = [p for p in partners if p.delta]
    return Difference(
        currency=before.currency,
        old=money(sum(was.values(), ZERO), before.currency),
        new=money(sum(now.values(), ZERO), before.currency),
        deltas=tuple(deltas(was, now)),
        winners=tuple(sorted((p for p in changed if p.delta > 0), key=lambda p: (-p.delta, p.partner))),
        losers=tuple(sorted((p for p in changed if p.delta < 0), key=lambda p: (p.delta, p.partner))),
        unchanged=len(partners) - len(changed),
        lines=tuple(_lines(old, new)) if lines else (),
    )


def deltas(was: Mapping[Key, Decimal], now: Mapping[Key, Decimal]) -> list[Delta]:
    """What is earned otherwise, in order: old against new, earnings that vanish included."""
    keys = sorted(was.keys() | now.keys())
    found = (Delta(*key, was.get(key, ZERO), now.get(key, ZERO)) for key in keys)
    return [delta for delta in found if delta.delta]


def _earned(result: Result) -> dict[Key, Decimal]:
    """(partner, component, period) → amount, of components that pay."""
    pays = {name for name, made in result.program.made.items() if made.pays}
    rows = (row for row in result.earned() if row["component"] in pays)
    currency = result.program.plan.currency
    return {(row["_payee"], row["component"], row["_period"]): money(row["amount"], currency) for row in rows}


def _by_partner(was: Mapping[Key, Decimal], now: Mapping[Key, Decimal]) -> list[PartnerDelta]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for at, amounts in enumerate((was, now)):
        for (partner, _, _), amount in amounts.items():
            sums[partner][at] += amount
    earned = {key[0] for amounts in (was, now) for key, amount in amounts.items() if amount}
    return [PartnerDelta(partner, *sums[partner]) for partner in sorted(earned)]


# ---------------------------------------------------------------- lines


@dataclass(frozen=True)
class _Shown:
    """What a line shows in a component: cents, tier, rate, factor, gate."""

    period: str
    cents: Decimal
    tier: Any
    rate: Any
    factor: Any
    reason: Any


def _lines(old: Result, new: Result) -> Iterable[LineDelta]:
    names = [*old.program.made, *(name for name in new.program.made if name not in old.program.made)]
    for component in names:
        was, now = _shown(old, component), _shown(new, component)
        keys = sorted(k for k in was.keys() | now.keys() if _cents(was.get(k)) != _cents(now.get(k)))
        if not keys:
            continue
        fails = [_fails(result, component) for result in (old, new)]
        for line, partner in keys:
            before, after = was.get((line, partner)), now.get((line, partner))
            why = _why(component, before, after, [f.get((line, partner)) for f in fails], old, new)
            period = (after or before or _NOTHING).period
            currency = new.program.plan.currency
            old_cents, new_cents = (money(_cents(shown), currency) for shown in (before, after))
            yield LineDelta(line, component, partner, period, old_cents, new_cents, why)


_NOTHING = _Shown("", ZERO, None, None, None, None)


def _cents(shown: _Shown | None) -> Decimal:
    return shown.cents if shown else ZERO


def _shown(result: Result, component: str) -> dict[tuple[str, str], _Shown]:
    made = result.program.made.get(component)
    if made is None or not made.pays:
        return {}
    rows = (row for row in result.read(made.trace) if row["_id"] is not None)
    return {
        (row["_id"], row["_payee"]): _Shown(
            row["_period"], row["cents"], *(row.get(c) for c in ("_tier", "_rate_used", "_factor", "_reason"))
        )
        for row in rows
    }


def _fails(result: Result, component: str) -> dict[tuple[str, str], str]:
    """(line, payee) → the reason why it does not count."""
    made = result.program.made.get(component)
    if made is None:
        return {}
    rows = result.backend.read(made.rows, ("_id", "_payee", "_fail"), '"_fail" IS NOT NULL')
    return {(row["_id"], row["_payee"]): row["_fail"] for row in rows}


def _why(
    component: str, was: _Shown | None, now: _Shown | None, fails: list[str | None], old: Result, new: Result
) -> str:
    """The reason in words: the first that differs, from credit to rate."""
    for result, said in ((old, "the component is new"), (new, "the component is gone")):
        if component not in result.program.made:
            return said
    if was is None or now is None:
        gained = was is None
        reason = fails[0 if gained else 1] or "not credited"
        return f"counts now ({reason} before)" if gained else f"does not count now ({reason})"
    if was.reason != now.reason:
        return f"gate: {was.reason or 'open'} before, {now.reason or 'open'} now"
    if was.tier != now.tier:
        return f"band {was.tier} before, band {now.tier} now"
    if was.rate != now.rate:
        return (
            f"rate {was.rate.normalize():f} before, {now.rate.normalize():f} now" if was.rate and now.rate else "rate"
        )
    if was.factor != now.factor:
        return f"multiplier {was.factor.normalize():f} before, {now.factor.normalize():f} now"
    return "the running total, a limit, or an amount of the scale"
