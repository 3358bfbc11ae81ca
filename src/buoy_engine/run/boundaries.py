"""What a plan's scales pay one unit below, at and one unit above every edge: where plans are misread.

Each scale is run by itself, without the component's rows, gates, limits and factors: as many partners as there are values,
each with one row of that value. Where the base is something else than the measure, it is a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from buoy_engine.compile.scope import Misuse
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.wording import base_of, measure_of, money
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.edges import boundary_values
from buoy_engine.spec.model import Component, Plan, Round, Tiers

A_THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class Boundary:
    """One value of a measure, the band that holds it (counted from 1), and what the scale pays on it."""

    component: str
    measure: Decimal
    base: Decimal
    band: int | None
    earned: Decimal


def boundaries(plan: Plan, backend: Callable[[], Backend]) -> list[Boundary]:
    """All boundaries of all scales whose edges and rates are constants, in the order of the plan."""
    values: dict[str, list[Decimal]] = {}
    for name, value in boundary_values(plan):
        values.setdefault(name, []).append(value)
    found = []
    for component in plan.components:
        if component.id in values and component.tiers is not None:
            found += _of_scale(plan, component, component.tiers, values[component.id], backend)
    return found


def _of_scale(
    plan: Plan, component: Component, tiers: Tiers, values: list[Decimal], backend: Callable[[], Backend]
) -> list[Boundary]:
    own_base = base_of(component) == measure_of(component)
    alone = _alone(plan, component, tiers, own_base=own_base)
    day = plan.valid.from_ or date(2025, 1, 1)
    lines = [
        {"id": f"L{i}", "partner": f"P{i}", "date": day, "amount": value, "quantity": A_THOUSAND}
        for i, value in enumerate(values)
    ]
    made = backend()
    try:
        result = calculate(alone, facts_of(alone, {"lines": lines}), made)
        rows = {row["_payee"]: row for row in result.read(result.program.made[component.id].reward) if row["_rows"]}
        earned = {row["_payee"]: row["amount"] for row in result.earned()}
    except Misuse:
        return []  # a rate or edge that only facts can tell
    finally:
        made.close()
    return [
        Boundary(
            component.id,
            value,
            value if own_base else A_THOUSAND,
            int(rows[f"P{i}"]["_tier"]) if f"P{i}" in rows else None,
            money(earned.get(f"P{i}", Decimal(0)), plan.currency),
        )
        for i, value in enumerate(values)
    ]


def _alone(plan: Plan, component: Component, tiers: Tiers, *, own_base: bool) -> Plan:
    """The plan with nothing but the scale."""
    scale = Component(
        id=component.id,
        tiers=tiers.model_copy(update={"versions": ()}),
        measure=ast.Name(("amount",)),
        base=ast.Name(("amount",)) if own_base else ast.Name(("quantity",)),
        settings=component.settings,
        round=Round(digits=component.round.digits, mode=component.round.mode),
    )
    only: dict[str, object] = {
        "components": (scale,),
        "combine": (),
        "measures": {},
        "sources": {},
        "who": None,
        "examples": (),
    }
    return plan.model_copy(update={**only, "statement": plan.statement.__class__()})
