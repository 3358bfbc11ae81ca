"""Numbers of a plan that contradict themselves: limits, shares, points, blocks, parameters, unused bases."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.check.lint import WARNING, Lint
from buoy_engine.spec.check.payouts import driver
from buoy_engine.spec.constants import said, said_share
from buoy_engine.spec.model import Component, Limit, RateFunction
from buoy_engine.spec.source import Path


def check_limits(lint: Lint) -> Iterator[Problem]:
    """Floors above caps, and limits that cannot do what they say."""
    for path, component in lint.components():
        for at, limit in enumerate(component.limits):
            here = (*path, "limits", at)
            low, high = lint.constant(limit.min), lint.constant(limit.max)
            if low is not None and high is not None and low > high:
                yield lint.problem(
                    here,
                    "limit-order",
                    found=f"min {said(low)} above max {said(high)}",
                    expected="a floor that is not above the cap",
                    fix="exchange or correct them",
                )
            if wrong := _unusable(limit):
                yield lint.problem(here, "limit-unusable", found=wrong[0], expected=wrong[1], fix=wrong[2])


def _unusable(limit: Limit) -> tuple[str, str, str] | None:
    if limit.min is None and limit.max is None:
        return "a limit with neither min nor max", "at least one of them", "add max: … or min: …, or remove the limit"
    if limit.per == "programme" and limit.max is None:
        return "a limit per programme without max", "the budget of all payees together", "add max: …"
    if limit.excess == "carry" and limit.max is None:
        return "excess: carry without max", "a cap above which something is carried", "add max: …, or remove excess"
    if limit.excess == "carry" and limit.per in ("row", "programme"):
        return f"excess: carry per {limit.per}", "a limit per period", "write per: period, or remove excess"
    return None


def check_payout(lint: Lint) -> Iterator[Problem]:
    """The parts of an earning add up to it."""
    for path, component in lint.components():
        shares = [lint.constant(part.share) for part in component.payout]
        known = [share for share in shares if share is not None]
        if not shares or len(known) < len(shares):
            continue
        if sum(known) != 1:
            yield lint.problem(
                (*path, "payout"),
                "payout-sum",
                found=f"parts of {' + '.join(map(said_share, known))} = {said_share(sum(known, Fraction(0)))}",
                expected="parts that add up to 100%",
                fix="correct a share; what is never paid belongs into the rate",
            )
        for at, share in enumerate(known):
            yield from _share(lint, (*path, "payout", at, "share"), share, "a part")


def check_draw(lint: Lint) -> Iterator[Problem]:
    """A draw recovers a share of what exceeds it."""
    if (draw := lint.plan.statement.draw) is not None:
        share = lint.constant(draw.recover)
        if share is not None:
            yield from _share(lint, ("statement", "draw", "recover"), share, "a recovery")


def _share(lint: Lint, path: Path, share: Fraction, what: str) -> Iterator[Problem]:
    if not 0 <= share <= 1:
        yield lint.problem(
            path,
            "share-range",
            found=f"{what} of {said_share(share)}",
            expected="a share from 0% to 100%",
            fix=f"write {said(share)}%" if 1 < share <= 100 else "correct the share",
        )


def check_curves(lint: Lint) -> Iterator[Problem]:
    """The points of a curve from left to right."""
    for path, _, function in lint.functions():
        if function.curve is None:
            continue
        places = [lint.constant(x) for x, _ in function.curve.points]
        for at, (left, right) in enumerate(pairwise(places), 1):
            if left is not None and right is not None and right <= left:
                yield lint.problem(
                    (*path, "curve", "points", at),
                    "curve-order",
                    found=f"the point at {said(right)} after the one at {said(left)}",
                    expected="points whose measure rises",
                    fix="put them in order, or correct the measure",
                )


def check_blocks(lint: Lint) -> Iterator[Problem]:
    """A block holds something."""
    for path, _, function in lint.functions():
        size = lint.constant(function.blocks.size) if function.blocks else None
        if size is not None and size <= 0:
            yield lint.problem(
                (*path, "blocks", "size"),
                "block-size",
                found=f"blocks of {said(size)}",
                expected="a size above 0",
                fix="write how much of the measure makes one block",
            )


def check_parameters(lint: Lint) -> Iterator[Problem]:
    """A parameter keeps the bounds that it is given."""
    for name, parameter in lint.plan.parameters.items():
        value = lint.constant(parameter.value)
        for word, side, sign in (("min", "below", -1), ("max", "above", 1)):
            bound = lint.constant(getattr(parameter, word, None))
            if value is not None and bound is not None and (value - bound) * sign > 0:
                yield lint.problem(
                    ("parameters", name, "value"),
                    "parameter-range",
                    found=f"{name} is {_both_ways(value)}, {side} its {word} {_both_ways(bound)}",
                    expected=f"a value not {side} {_both_ways(bound)}",
                    fix="correct the value, or the bound if the bound is wrong",
                )


def _both_ways(value: Fraction) -> str:
    """A small number as it is and as percent, since either may have been written."""
    return f"{said(value)} ({said_share(value)})" if 0 < abs(value) < 10 else said(value)


def check_divisions(lint: Lint) -> Iterator[Problem]:
    """What is divided by a zero that stands in the plan is never defined."""
    for path, node in lint.expressions:
        for part in ast.walk(node):
            if isinstance(part, ast.Binary) and part.op == "/" and lint.constant(part.right) == 0:
                yield _by_zero(lint, path, "a division by 0")
    for path, _, tiers in lint.scales():
        if tiers.of is not None and lint.constant(tiers.of) == 0:
            yield _by_zero(lint, (*path, "of"), "bands as shares of 0")


def _by_zero(lint: Lint, path: Path, found: str) -> Problem:
    return lint.problem(
        path,
        "divides-by-zero",
        found=found,
        expected="something other than 0",
        fix="correct the number, or name what it should be divided by: target(…), sum(…)",
    )


def check_unused_base(lint: Lint) -> Iterator[Problem]:
    """Marginal and filled bands pay on the measure itself; a base beside it does nothing."""
    for path, component in lint.components():
        measure, base = driver(component)
        functions = [f for f in (component, component.otherwise) if f is not None]
        if component.base is not None and measure != base and all(map(_ignores_base, functions)):
            yield lint.problem(
                (*path, "base"),
                "base-unused",
                found=f"a base beside the measure of {component.tiers.mode if component.tiers else ''} bands, "
                "which pay on the measure",
                expected="a measure alone, or bands that pay on a base",
                fix="remove base; or use mode: retroactive, if the rate reached is paid on the base",
                severity=WARNING,
            )


def _ignores_base(function: RateFunction) -> bool:
    return function.tiers is not None and function.tiers.mode in ("marginal", "filled")


def check_amount_on_returns(lint: Lint) -> Iterator[Problem]:
    """A fixed amount per row is paid on a return's row as well."""
    for path, component in lint.components():
        unwinds = lint.plan.setting("returns", component) == "unwind"
        if component.amount is None or component.per != "row" or not unwinds:
            continue
        if _source_table(lint, component) == "lines" and not _looks_at_returns(component):
            yield lint.problem(
                (*path, "amount"),
                "amount-on-returns",
                found="a fixed amount per row with returns: unwind; a returned row is a row too and earns it again",
                expected="returns that take the amount back, or earn nothing",
                fix="add returns: original, or a condition such as where: {is_a_return: not is_return}",
                severity=WARNING,
            )


def _source_table(lint: Lint, component: Component) -> str:
    table, seen = component.from_, set[str]()
    while table in lint.plan.sources and table not in seen:
        seen.add(table)
        table = lint.plan.sources[table].from_
    return table


def _looks_at_returns(component: Component) -> bool:
    watched = {("is_return",), ("returns",), ("amount",), ("quantity",)}
    nodes = [*component.where.values(), *component.when.values(), component.amount]
    return any(isinstance(part, ast.Name) and part.parts in watched for node in nodes for part in ast.walk(node))
