"""Circles: what is calculated from itself cannot be calculated."""

from __future__ import annotations

from collections.abc import Iterator

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.check.lint import Lint, nodes_of
from buoy_engine.spec.source import Path
from buoy_engine.spec.words import named_components, words

Thing = tuple[str, str]
"""What it is (component, measure, parameter, source) and its name."""


def check_circles(lint: Lint) -> Iterator[Problem]:
    """One problem for every circle of components, measures, parameters or sources."""
    needs = _needs(lint)
    reported: set[Thing] = set()
    for thing in needs:
        circle = None if thing in reported else _way_back(needs, thing)
        if circle is None:
            continue
        reported |= set(circle)
        way = " → ".join(f"{kind} {name}" for kind, name in (*circle, circle[0]))
        yield lint.problem(
            _place(lint, thing),
            "circular",
            found=way,
            expected="things that can be calculated one after the other",
            fix=f"let one of them no longer refer to the next (start with {thing[1]})",
        )


def _place(lint: Lint, thing: Thing) -> Path:
    kind, name = thing
    if kind != "component":
        return (f"{kind}s", name)
    return ("components", next(at for at, c in enumerate(lint.plan.components) if c.id == name), "id")


def _needs(lint: Lint) -> dict[Thing, set[Thing]]:
    """Each thing of the plan, with the things that must be known before."""
    plan = lint.plan
    needs: dict[Thing, set[Thing]] = {}
    for component in plan.components:
        found = needs.setdefault(("component", component.id), set())
        for _, node in nodes_of(component):
            found |= set(_mentioned(lint, node))
        if component.credit.kind == "follow" and component.credit.component:
            found.add(("component", component.credit.component))
    for name, measure in plan.measures.items():
        needs[("measure", name)] = set(_mentioned(lint, measure.value))
    for name, parameter in plan.parameters.items():
        needs[("parameter", name)] = set(_mentioned(lint, parameter.value))
    for name, source in plan.sources.items():
        needs[("source", name)] = {("source", source.from_)}
    return needs


def _mentioned(lint: Lint, node: ast.Node) -> Iterator[Thing]:
    """A parameter is meant wherever its name stands; a measure only where a period, not a row, is spoken of."""
    for component in named_components(node):
        yield "component", component
    for word in map(str, words(node)):
        if word in lint.plan.parameters:
            yield "parameter", word
    for word in map(str, words(node, in_aggregates=False)):
        if word in lint.plan.measures and word not in lint.plan.parameters:
            yield "measure", word


def _way_back(needs: dict[Thing, set[Thing]], start: Thing) -> tuple[Thing, ...] | None:
    """The shortest way from a thing to itself."""
    ways: list[tuple[Thing, ...]] = [(start,)]
    seen: set[Thing] = set()
    for way in ways:  # grows while it is walked: breadth first
        for following in sorted(needs.get(way[-1], ())):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return None
