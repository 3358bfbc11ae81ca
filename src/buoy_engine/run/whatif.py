"""What-if: many variants of a plan's parameters over one crediting.

A parameter is *late* when it is used only above the sums of a payee's period: rates, edges, caps, factors. All variants
of late parameters are then calculated at once, from the sums that are there already, each variant being one more row to
join. A parameter that decides which rows count, or a row's own rate, is early; `NotLate` says so, and every variant is a
calculation of its own.

Source: design/engine.md section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from buoy_engine.compile.narrow import narrowed
from buoy_engine.compile.plan import Program, compile_plan, named_components, reads, rename
from buoy_engine.compile.rows import component_nodes, expand
from buoy_engine.compile.scope import Misuse
from buoy_engine.compile.summary import summable
from buoy_engine.facts.tables import Table, scale_of
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Col, Expr, Query, Stage, number
from buoy_engine.run.calculate import Result
from buoy_engine.run.relations import run
from buoy_engine.spec.model import Component, Plan
from buoy_engine.spec.words import words

EARNED = ("_payee", "_period", "_settle", "amount")
MARK = 6
"""Length of a variant's mark in front of a payee: `v00001`."""


class NotLate(ValueError):
    """A parameter decides about rows, or a component needs rows: the variants cannot share one crediting."""


@dataclass(frozen=True)
class Paid:
    """What one component pays in one of its periods, to everybody, under one variant; `settle`: its statement period."""

    variant: int
    component: str
    period: str
    settle: str
    amount: Decimal


@dataclass(frozen=True)
class WhatIf:
    """The earnings of every variant, of the components that a parameter touches; the others pay what they pay in `result`."""

    result: Result
    program: Program
    relations: Mapping[str, str]

    def paid(self) -> list[Paid]:
        """The totals by variant, component and period."""
        found: list[Paid] = []
        for component, relation in self.relations.items():
            e = self._columns(component)
            keys: dict[str, Expr] = {"variant": _mark(e), "period": e["_period"], "settle": e["_settle"]}
            rows = self._grouped(relation, "totals", {**keys, "amount": ir.total(e["amount"])}, keys)
            found += [Paid(int(r["variant"][1:]), component, r["period"], r["settle"], r["amount"]) for r in rows]
        return found

    def payees(self, period: str | None) -> dict[int, set[str]]:
        """Variant → who earns anything of the components that pay; of one statement period, if it is given."""
        found: dict[int, set[str]] = defaultdict(set)
        for component, relation in self.relations.items():
            if not self.program.made[component].pays:
                continue
            e = self._columns(component)
            earns = ir.compare("ne", e["amount"], ir.ZERO)
            settled = ir.eq(e["_settle"], ir.lit(period)) if period is not None else None
            for row in self._grouped(
                relation, "payees", {"payee": e["_payee"]}, {"p": e["_payee"]}, ir.both(earns, settled)
            ):
                found[int(row["payee"][1:MARK])].add(row["payee"][MARK:])
        return found

    def _columns(self, component: str) -> dict[str, Col]:
        types = self.program.types[self.program.made[component].earned]
        return {name: Col(types[name], name, "e") for name in EARNED}

    def _grouped(
        self, relation: str, what: str, columns: Mapping[str, Expr], keys: Mapping[str, Expr], where: Expr | None = None
    ) -> list[dict[str, Any]]:
        query = Query(columns, relation, "e", where=where, group_by=tuple(keys.values()))
        run(self.result.backend, Stage(f"{relation}_{what}", "", query, keep=False))
        return self.result.read(f"{relation}_{what}")


def _mark(earned: Mapping[str, Col]) -> Expr:
    return ir.Op(TEXT, "left", (earned["_payee"],), (MARK,))


def what_if(result: Result, variants: Sequence[Mapping[str, Decimal]]) -> WhatIf:
    """Calculates every variant. `result` is a calculation in summary mode.

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


def _run(result: Result, program: Program) -> WhatIf:
    """Runs what depends on the variants, under other names and narrowed, as far as the earnings."""
    earned = {made.earned for made in program.made.values()}
    names: dict[str, str] = {}
    stages = narrowed(program.stages, dict.fromkeys(earned, EARNED))
    for stage in stages:
        if reads(stage) & {"variants", *names}:
            names[stage.name] = f"what_if_{stage.name}"
    for stage in stages:
        if stage.name in names:
            run(result.backend, replace(rename(stage, names), keep=stage.name in earned))
    return WhatIf(result, program, {component: names[made.earned] for component, made in program.made.items()})
