"""Every relation of a run, for the comparison of two engines row by row."""

from collections.abc import Mapping
from typing import Any

from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan

Relations = dict[str, list[str]]


def relations(plan: Mapping[str, Any], facts: Mapping[str, Any], backend: Backend) -> Relations:
    """Stage → its rows as text, in an order of their own: earned amounts, the trace, and every step before them."""
    read = Plan.model_validate(plan)
    result = calculate(read, facts_of(read, facts), backend)
    return {stage.name: sorted(map(_as_text, result.read(stage.name))) for stage in result.program.stages}


def _as_text(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(row.items()))


def first_difference(one: Relations, other: Relations) -> str:
    """The first relation in which they differ, with the rows that only one of them has; empty when they agree."""
    for name, rows in one.items():
        if rows != other[name]:
            only_one = [row for row in rows if row not in other[name]]
            only_other = [row for row in other[name] if row not in rows]
            return f"{name}: only the first has {only_one[:3]}, only the second {only_other[:3]}"
    return "" if one.keys() == other.keys() else f"stages differ: {one.keys() ^ other.keys()}"
