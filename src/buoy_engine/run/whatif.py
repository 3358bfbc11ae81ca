"""What-if: many variants of a plan's parameters over one crediting.

A parameter is *late* when it is used only above the sums of a payee's period: rates, edges, caps, factors. All variants
of late parameters are then calculated at once, from the sums that are there already, each variant being one more row to
join. A parameter that decides which rows count, or a row's own rate, is early; `NotLate` says so, and every variant is a
calculation of its own.

Source: design/engine.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.plan import Program, compile_plan, named_components, reads, rename
from buoy_engine.compile.rows import component_nodes, expand
from buoy_engine.compile.scope import Misuse
from buoy_engine.compile.summary import summable
from buoy_engine.facts.tables import Table, scale_of
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Query, Stage, number
from buoy_engine.run.calculate import Result
from buoy_engine.spec.model import Component, Plan
from buoy_engine.spec.words import words

MARK = 6
"""Length of a variant's mark in front of a payee: `v00001`."""


class NotLate(ValueError):
    """A parameter decides about rows, or a component needs rows: the variants cannot share one crediting."""


@dataclass(frozen=True)
class Paid:
    """What one component pays in one period, to everybody, under one variant."""

    variant: int
    component: str
    period: str
    amount: Decimal


def what_if(result: Result, variants: Sequence[Mapping[str, Decimal]]) -> list[Paid]:
    """The totals of every variant, by component and period. `result` is a calculation in summary mode.

    Components that no parameter touches are left out: they pay under every variant what they pay in `result`.
    Raises `NotLate` when a parameter, or a component of the plan, does not allow it.
    """
    plan = result.program.plan
    if summable(plan) != {c.id for c in plan.components} or not variants:
        raise NotLate("the plan has components that are calculated row by row")
    names = sorted(variants[0])
    plan = _touched(plan, set(names))
    types = {name: number(max(scale_of(v[name]) for v in variants)) for name in names}
    try:
        program = compile_plan(plan, **result.compiled_with, late=types)
    except Misuse as error:
        raise NotLate(str(error)) from error
    rows = [(f"v{i:05}", *(variant[name] for name in names)) for i, variant in enumerate(variants)]
    result.backend.register(Table("variants", {"variant": TEXT, **types}, rows))
    return _run(result, program)


def _touched(plan: Plan, names: set[str]) -> Plan:
    """The plan's components that a parameter touches, and those they name."""
    by_id = {c.id: c for c in plan.components}
    needed = {c.id: set(named_components(plan, c)) for c in plan.components}
    found = {c.id for c in plan.components if _mentions(plan, c) & names}
    while more := {c for c, others in needed.items() if c not in found and others & found}:
        found |= more
    todo = list(found)
    while todo:
        new = needed[todo.pop()] - found
        found |= new
        todo += new
    return plan.model_copy(update={"components": tuple(c for c in by_id.values() if c.id in found)})


def _mentions(plan: Plan, component: Component) -> set[str]:
    nodes = expand(plan, component_nodes(component))
    measures = {str(w) for node in nodes for w in words(node)} & set(plan.measures)
    nodes += expand(plan, [plan.measures[name].value for name in measures])
    return {str(w) for node in nodes for w in words(node)}


def _run(result: Result, program: Program) -> list[Paid]:
    """Runs what depends on the variants, under other names, as far as the earnings."""
    depends = {"variants"}
    for stage in program.stages:
        if reads(stage) & depends:
            depends.add(stage.name)
    wanted = _needed(program, {made.earned for made in program.made.values()}) & depends
    names = {name: f"what_if_{name}" for name in depends if name != "variants"}
    for stage in program.stages:
        if stage.name in wanted:
            renamed = replace(rename(stage, names), keep=stage.name in {m.earned for m in program.made.values()})
            result.backend.run(renamed, to_sql(renamed, result.backend.dialect))
    found: list[Paid] = []
    for component, made in program.made.items():
        found += _totals(result, component, names[made.earned], program.types[made.earned])
    return found


def _needed(program: Program, names: set[str]) -> set[str]:
    """The stages that these are made from, and these."""
    by_name = {stage.name: stage for stage in program.stages}
    todo, found = list(names), set(names)
    while todo:
        for relation in reads(by_name[todo.pop()]):
            if relation in by_name and relation not in found:
                found.add(relation)
                todo.append(relation)
    return found


def _totals(result: Result, component: str, relation: str, types: Mapping[str, ir.Type]) -> list[Paid]:
    e = {n: Col(types[n], n, "e") for n in ("_payee", "_period", "amount")}
    mark = ir.Op(TEXT, "left", (e["_payee"],), (MARK,))
    keys: dict[str, Expr] = {"variant": mark, "period": e["_period"]}
    total = Query(
        {**keys, "amount": Agg(e["amount"].type, "sum", e["amount"])}, relation, "e", group_by=tuple(keys.values())
    )
    stage = Stage(f"{relation}_totals", "one row per variant and period", total)
    result.backend.run(stage, to_sql(stage, result.backend.dialect))
    rows = result.backend.read(stage.name)
    return [Paid(int(r["variant"][1:]), component, r["period"], r["amount"]) for r in rows]
