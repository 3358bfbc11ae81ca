"""`buoy plan show`: a plan as a reader would want it told."""

from __future__ import annotations

from typing import Any

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy_engine.kernel.problems import Problem
from buoy_engine.run import wording
from buoy_engine.spec.fingerprint import fingerprint
from buoy_engine.spec.model import Component, Plan, Statement


def show(file: inputs.PlanFile, as_json: inputs.AsJson = False) -> None:
    """Tell a plan in sentences: its components, its scales as tables, the settings in force with the defaults named."""
    plan, _, problems = inputs.sound_plan(file)
    if as_json:
        screen.as_json(_answer(plan, problems))
        return
    _head(plan)
    for component in plan.components:
        _component(plan, component)
    _rest(plan)
    _settings(plan)


def _answer(plan: Plan, problems: list[Problem]) -> dict[str, Any]:
    return {
        "plan": plan.plan,
        "title": plan.title,
        "fingerprint": fingerprint(plan),
        "currency": plan.currency,
        "period": plan.period,
        "valid": {"from": plan.valid.from_, "to": plan.valid.to},
        "parameters": {name: wording.text_of(p.value) for name, p in plan.parameters.items()},
        "components": [
            {"id": c.id, "title": c.title, "rule": wording.rule_of(plan, c), "bands": _bands(plan, c)}
            for c in plan.components
        ],
        "settings": {n: {"value": v, "default": d} for n, (v, d) in wording.settings_of(plan).items()},
        "other_problems": len(problems),
    }


def _head(plan: Plan) -> None:
    screen.say(f"{plan.title or plan.plan} ({plan.plan})")
    valid = f", valid {wording.dates_of(plan.valid)}" if plan.valid.from_ or plan.valid.to else ""
    screen.say(f"A statement every {plan.period} in {plan.currency}{valid}")
    screen.say(f"Fingerprint of the logic {fingerprint(plan)[:16]}")
    if plan.who is not None:
        screen.say(f"For partners with {wording.text_of(plan.who)}")
    if plan.parameters:
        rows = [(n, wording.text_of(p.value), p.title or "", _bounds(p.min, p.max)) for n, p in plan.parameters.items()]
        screen.table("Parameters", ("name", "value", "title", "bounds"), rows)
    for name, entries in plan.lists.items():
        screen.say(f"List {name}: {', '.join(str(entry.value) for entry in entries)}")
    for name, measure in plan.measures.items():
        screen.say(f"Measure {name}: {wording.text_of(measure.value)}")


def _bounds(low: Any, high: Any) -> str:
    said = [
        f"{word} {wording.text_of(node)}" for word, node in (("at least", low), ("at most", high)) if node is not None
    ]
    return ", ".join(said)


def _component(plan: Plan, component: Component) -> None:
    screen.say()
    screen.say(f"{component.title or component.id} ({component.id})")
    screen.say(f"  {wording.rule_of(plan, component)}")
    if rows := _bands(plan, component):
        columns = list(rows[0])
        screen.table(None, columns, [list(row.values()) for row in rows], right=columns[2:])


def _bands(plan: Plan, component: Component) -> list[dict[str, Any]]:
    """A scale as a table."""
    tiers = component.tiers
    if tiers is None:
        return []
    shares = wording.in_shares(tiers, wording.resolved(plan, wording.measure_of(component)))
    return [
        {
            "band": at,
            "edges": wording.edges_of(plan, band, shares=shares),
            "rate": "" if band.rate is None else wording.value_of(band.rate),
            "amount": "" if band.amount is None else wording.value_of(band.amount, rate=False),
        }
        for at, band in enumerate(tiers.bands, 1)
    ]


def _rest(plan: Plan) -> None:
    for best in plan.combine:
        other = f", else {best.otherwise}" if best.otherwise else ""
        screen.say(f"Only the best of {', '.join(best.best_of)} per {best.per}{other}")
    screen.say()
    screen.say("The statement")
    for said in _statement(plan.statement):
        screen.say(f"  {said}")


def _statement(statement: Statement) -> list[str]:
    said = []
    if statement.draw is not None:
        owed = "owed back" if statement.draw.recoverable else "a guarantee"
        said.append(f"tops up to {wording.text_of(statement.draw.amount)} ({owed})")
    if statement.minimum is not None:
        said.append(f"pays from {wording.text_of(statement.minimum)} on; less is carried forward")
    if statement.cap is not None:
        said.append(f"pays at most {wording.text_of(statement.cap)} per period")
    negative = {"carry": "is carried forward", "zero": "is forgiven", "pay": "is charged"}
    said.append(f"a negative balance {negative[statement.negative]}")
    currency = {"partner": "each partner's own currency", "row": "the currency of the rows"}
    said.append(f"is paid in {currency.get(str(statement.currency), statement.currency or 'the plan currency')}")
    return said


def _settings(plan: Plan) -> None:
    rows = [(n, v, "default" if d else "said by the plan") for n, (v, d) in wording.settings_of(plan).items()]
    for component in plan.components:
        rows += [(n, v, f"said by {component.id}") for n, v in wording.own_settings(component).items()]
    screen.table("Settings in force", ("setting", "value", ""), rows)
