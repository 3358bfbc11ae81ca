"""What if: a plan with other values of its parameters, on the same facts.

Every combination of the given values is one variant. Where all parameters are late (`whatif`), the rows are credited once
and all variants are calculated from the sums; otherwise every variant is a full calculation, which is correct for any
parameter, wherever in the plan it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from buoy_engine.facts.tables import Facts
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.whatif import NotLate, Paid, what_if
from buoy_engine.run.wording import money
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source


class NoSuchVariant(ValueError):
    """A parameter that the plan does not have, or a value that it may not take."""


@dataclass(frozen=True)
class Variant:
    """A plan with some parameters set. `values`: parameter → value as it was written."""

    values: Mapping[str, str]
    plan: Plan


@dataclass(frozen=True)
class Outcome:
    """What a variant pays: by component, in all, and to how many partners."""

    values: Mapping[str, str]
    by_component: Mapping[str, Decimal]
    total: Decimal
    partners: int


def variants(source: Source, sets: Mapping[str, Sequence[str]]) -> list[Variant]:
    """Every combination of the values, in the order given. Raises `NoSuchVariant`."""
    known = source.data.get("parameters") or {}
    for name in sets:
        if name not in known:
            there = f"one of {', '.join(known)}" if known else "a plan with parameters"
            raise NoSuchVariant(f"found no parameter {name} in the plan; expected {there}")
    return [_variant(source, dict(zip(sets, values, strict=True))) for values in product(*sets.values())]


def _variant(source: Source, values: Mapping[str, str]) -> Variant:
    data = source.data
    given = {name: _with_value(data["parameters"][name], value) for name, value in values.items()}
    plan, problems = plan_of({**data, "parameters": {**data["parameters"], **given}}, source)
    if plan is not None:
        problems = [*problems, *check_plan(plan, source)]
    blocking = [problem for problem in problems if problem.is_blocking]
    if plan is None or blocking:
        raise NoSuchVariant(f"with {said(values)}: {'; '.join(map(_found, blocking))}")
    return Variant(dict(values), plan)


def _with_value(parameter: Any, value: str) -> Any:
    """The value is read like any value of a plan: 5%, 1_000, an expression."""
    return {**parameter, "value": value} if isinstance(parameter, Mapping) and "value" in parameter else value


def _found(problem: Problem) -> str:
    return f"{problem.code}, {problem.found}"


def said(values: Mapping[str, str]) -> str:
    """'spiff = 20, service_rate = 3%'."""
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def simulate_at_once(
    plan: Plan, made: Sequence[Variant], facts: Facts, backend: Callable[[], Backend], period: str | None
) -> list[Outcome]:
    """The outcomes of all variants of a plan over one crediting. Raises `NotLate` where they cannot share one."""
    held = backend()
    try:
        base = calculate(plan, facts, held, summary=True)
        found = what_if(base, [_numbers(variant) for variant in made])
        rows = [row for row in _paying(base, period) if row["component"] not in found.relations]
        paid = [p for p in found.paid() if period in (None, p.settle)]
        payees = found.payees(period)
        always = {row["_payee"] for row in rows if row["amount"]}
        return [
            _outcome(variant.values, plan, _sums(rows, paid, at), len(always | payees.get(at, set())))
            for at, variant in enumerate(made)
        ]
    finally:
        held.close()


def _numbers(variant: Variant) -> dict[str, Decimal]:
    nodes = {name: variant.plan.parameters[name].value for name in variant.values}
    if strange := [name for name, node in nodes.items() if not isinstance(node, ast.Number)]:
        raise NotLate(f"{strange[0]} is not a number")
    return {name: node.value for name, node in nodes.items() if isinstance(node, ast.Number)}


def _sums(rows: Iterable[Mapping[str, Any]], paid: Iterable[Paid], variant: int) -> Mapping[str, Decimal]:
    """Component → what it pays: as in the plan as it is, or under a variant."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["component"]] += row["amount"]
    for each in paid:
        if each.variant == variant:
            found[each.component] += each.amount
    return found


def simulate(
    made: Iterable[Variant], facts: Facts, backend: Callable[[], Backend], period: str | None
) -> Iterator[Outcome]:
    """The outcome of every variant, one by one; of one statement period, if it is given."""
    for variant in made:
        held = backend()
        try:
            yield outcome_of(variant.values, calculate(variant.plan, facts, held), period)
        finally:
            held.close()


def outcome_of(values: Mapping[str, str], result: Result, period: str | None) -> Outcome:
    """What a result pays."""
    rows = _paying(result, period)
    return _outcome(values, result.program.plan, _sums(rows, (), 0), len({r["_payee"] for r in rows if r["amount"]}))


def _paying(result: Result, period: str | None) -> list[dict[str, Any]]:
    """The earnings of components that pay, of one statement period if it is given."""
    pays = {component.id for component in result.program.plan.components if component.pays}
    return [r for r in result.earned() if r["component"] in pays and period in (None, r["_settle"])]


def _outcome(values: Mapping[str, str], plan: Plan, sums: Mapping[str, Decimal], partners: int) -> Outcome:
    pays = [component.id for component in plan.components if component.pays]
    by_component = {c: money(sums.get(c, Decimal(0)), plan.currency) for c in pays}
    total = money(sum((sums.get(c, Decimal(0)) for c in pays), Decimal(0)), plan.currency)
    return Outcome(dict(values), by_component, total, partners)
