"""What a plan pays: falling payouts, cliffs, liability without a cap, the same rows paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.check.lint import NOTE, WARNING, Lint, nodes_of
from buoy_engine.spec.constants import said, said_share
from buoy_engine.spec.edges import lows, spans
from buoy_engine.spec.model import Component, Plan, RateFunction, Tiers
from buoy_engine.spec.source import Path
from buoy_engine.spec.words import named_components

CLIFF = Fraction(1, 2)
"""A jump at an edge is a cliff when it is more than this share of what is paid just below the edge."""

AMOUNT = ast.Name(("amount",))


def plain(node: ast.Node | None) -> ast.Node | None:
    """sum(amount) and amount are the same as a measure or base."""
    match node:
        case ast.Call("sum", (inner,), None):
            return inner
    return node


def driver(component: Component) -> tuple[ast.Node, ast.Node]:
    """Measure and base, each standing in for the other where one is not written."""
    measure, base = plain(component.measure), plain(component.base)
    return measure or base or AMOUNT, base or measure or AMOUNT


@dataclass(frozen=True)
class Jump:
    """What is paid just below an edge, and from it on. `share`: as a share of a base that is not known."""

    path: Path
    edge: str
    before: Fraction
    after: Fraction
    share: bool

    def __str__(self) -> str:
        if self.share:
            return f"at {self.edge} the rate goes from {said_share(self.before)} to {said_share(self.after)}"
        return f"at {self.edge} the payout goes from {said(self.before)} to {said(self.after)}"


def _jumps(lint: Lint, path: Path, component: Component, tiers: Tiers) -> Iterator[Jump]:
    """The edges of a retroactive scale at which what is paid is known, or at least its rate."""
    measure, base = driver(component)
    unit = Fraction(1) if tiers.of is None else lint.constant(tiers.of)
    edges = lows(spans(lint.plan, component, tiers, tiers.bands))
    pays = [(_or_zero(lint, band.rate), _or_zero(lint, band.amount)) for band in tiers.bands]
    if measure != base and not _counts_sales(lint.plan, measure):
        return
    for at, ((rate, amount), (next_rate, next_amount)) in enumerate(pairwise(pays), 1):
        edge = edges[at]
        if rate is None or next_rate is None or amount is None or next_amount is None or edge is None or edge <= 0:
            continue
        place = (*path, "bands", at)
        name = said(edge) if tiers.of is None else said_share(edge)
        if measure == base and unit is not None:
            reached = edge * unit
            yield Jump(place, name, rate * reached + amount, next_rate * reached + next_amount, share=False)
        elif amount == next_amount == 0:
            yield Jump(place, name, rate, next_rate, share=True)
        elif rate == next_rate == 0:
            yield Jump(place, name, amount, next_amount, share=False)


def _counts_sales(plan: Plan, measure: ast.Node, seen: frozenset[str] = frozenset()) -> bool:
    """Whether more of the measure is more sold: it counts, or adds up amounts or quantities. An age does not."""
    for part in ast.walk(measure):
        match part:
            case ast.Name(("amount" | "quantity",)) | ast.Call("count" | "distinct"):
                return True
            case ast.Name() as name if str(name) in plan.measures and str(name) not in seen:
                if _counts_sales(plan, plan.measures[str(name)].value, seen | {str(name)}):
                    return True
    return False


def _or_zero(lint: Lint, node: ast.Node | None) -> Fraction | None:
    return Fraction(0) if node is None else lint.constant(node)


def check_falling(lint: Lint) -> Iterator[Problem]:
    """Selling more must not pay less."""
    for path, component, tiers in lint.scales():
        if tiers.mode == "retroactive":
            for jump in _jumps(lint, path, component, tiers):
                if jump.after < jump.before:
                    yield _falls(lint, jump.path, str(jump), "let the higher band pay at least as much at its edge")
        else:
            yield from _negative_bands(lint, path, tiers)
    for path, _, function in lint.functions():
        yield from _falling_curve(lint, path, function)


def _falls(lint: Lint, path: Path, found: str, fix: str) -> Problem:
    expected = "selling more to pay at least as much"
    return lint.problem(path, "payout-falls", found=found, expected=expected, fix=fix, severity=WARNING)


def _negative_bands(lint: Lint, path: Path, tiers: Tiers) -> Iterator[Problem]:
    for at, band in enumerate(tiers.bands):
        for word in ("rate", "amount"):
            value = lint.constant(getattr(band, word))
            if value is not None and value < 0:
                yield lint.problem(
                    (*path, "bands", at, word),
                    "payout-falls",
                    found=f"band {at + 1} has the negative {word} {said(value)}: what lies in it takes money away",
                    expected="selling more to pay at least as much",
                    fix="nothing, if a penalty is meant; else correct the sign",
                    severity=NOTE,
                )


def _falling_curve(lint: Lint, path: Path, function: RateFunction) -> Iterator[Problem]:
    if function.curve is None or function.curve.pays != "amount":
        return
    values = [(lint.constant(x), lint.constant(y)) for x, y in function.curve.points]
    for at, ((_, low), (x, high)) in enumerate(pairwise(values), 1):
        if low is not None and high is not None and x is not None and high < low:
            found = f"towards {said(x)} the payout goes from {said(low)} to {said(high)}"
            yield _falls(lint, (*path, "curve", "points", at), found, "correct the point")


def check_cliffs(lint: Lint) -> Iterator[Problem]:
    """The greatest jump of each retroactive scale, if it is a cliff."""
    for path, component, tiers in lint.scales():
        if tiers.mode != "retroactive":
            continue
        jumps = list(_jumps(lint, path, component, tiers))
        steep = [(jump.after / jump.before - 1, jump) for jump in jumps if jump.before > 0]
        size, highest = max(steep, key=lambda found: found[0], default=(Fraction(0), None))
        if highest is not None and size > CLIFF:
            yield lint.problem(
                highest.path,
                "cliff",
                found=f"{highest}, {said(Fraction(round(size * 100)))}% more for the last unit",
                expected=f"jumps of at most {said_share(CLIFF)} of what is paid below the edge",
                fix="nothing, if it is meant; else use more bands, or mode: marginal",
                severity=WARNING,
            )
        elif entry := next((jump for jump in jumps if jump.before == 0 and jump.after > 0), None):
            yield lint.problem(
                entry.path,
                "cliff",
                found=f"{entry}: nothing is earned below, and everything counts from there on",
                expected="a hurdle that is meant",
                fix="nothing, if it is; mode: marginal pays only for what lies above",
                severity=NOTE,
            )


def check_caps(lint: Lint) -> Iterator[Problem]:
    """Rewards that grow without end."""
    if lint.plan.statement.cap is not None:
        return
    for path, component, function in lint.functions():
        has_end = any(limit.max is not None for limit in component.limits) or component.take is not None
        if has_end or not component.pays or component.credit.kind == "follow":
            continue
        if _grows(lint, function):
            yield lint.problem(
                (*path, function.tag),
                "uncapped",
                found="a reward without a highest amount",
                expected="a cap, or the decision to have none",
                fix="add limits: [{max: …, per: period}], or a cap under statement, or leave it",
                severity=NOTE,
            )


def _grows(lint: Lint, function: RateFunction) -> bool:
    match function.tag:
        case "rate":
            rate = lint.constant(function.rate)
            return rate is None or rate > 0
        case "curve":
            return function.curve is not None and function.curve.pays == "rate"
        case "tiers" if function.tiers is not None and function.tiers.mode != "filled":
            last = function.tiers.bands[-1].rate
            return last is not None and (lint.constant(last) is None or lint.constant(last) != 0)
    return function.tag == "blocks"


def check_double_pay(lint: Lint) -> Iterator[Problem]:
    """A component of the same kind as one before, on the same rows and base, under the same conditions."""
    for at, (path, component) in enumerate(lint.components()):
        earlier = lint.plan.components[:at]
        first = next((other for other in earlier if _pays_again(lint.plan, other, component)), None)
        if first is not None:
            yield lint.problem(
                (*path, "id"),
                "double-pay",
                found=f"{component.id} pays on the same rows and the same base as {first.id}",
                expected="each row paid once by a rule of this kind",
                fix="remove one, tell their rows apart with where, or put them under combine: best_of",
                severity=WARNING,
            )


def _pays_again(plan: Plan, one: Component, other: Component) -> bool:
    return one.id != other.id and _rows_paid(one) == _rows_paid(other) and not _related(plan, one, other)


def _rows_paid(c: Component) -> tuple[object, ...]:
    conditions = (tuple(c.where.values()), tuple(c.when.values()), c.who, c.once_per)
    kind = (c.tag, c.tiers.mode if c.tiers else None)
    return (c.from_, c.dates, *conditions, c.take, c.credit, c.every, c.accumulate, c.per, driver(c), *kind)


def _related(plan: Plan, one: Component, other: Component) -> bool:
    """Told apart elsewhere: by a best-of, by one that pays nothing, or by one that reckons with the other."""
    for best in plan.combine:
        if {one.id, other.id} <= {*best.best_of, best.otherwise}:
            return True
    if not (one.pays and other.pays):
        return True
    return other.id in _named_by(one) or one.id in _named_by(other)


def _named_by(component: Component) -> set[str]:
    return {name for _, node in nodes_of(component) for name in named_components(node)}
