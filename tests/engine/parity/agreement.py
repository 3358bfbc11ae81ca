"""Every relation of a run, for the comparison of two engines row by row."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.spec.model import Plan

Relations = dict[str, list[str]]


def relations(plan: Mapping[str, Any], facts: Mapping[str, Any], backend: Backend) -> Relations:
    """Stage → its rows as text, in an order of their own: earned amounts, the trace, and every step before them."""
    read = Plan.model_validate(plan)
    result = calculate(read, facts_of(read, facts), backend)
    return {name: rows for stage in result.program.stages for name, rows in rows_of(result, stage.name).items()}


def rows_of(result: Result, name: str) -> Relations:
    """One relation of a run."""
    return {name: sorted(map(_as_text, result.read(name)))}


def _as_text(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(row.items()))


def first_difference(one: Relations, other: Relations) -> str:
    """The first relation in which they differ, with the rows that only one of them has; empty when they agree."""
    for name, rows in one.items():
        if rows != other[name]:
            first, second = Counter(rows), Counter(other[name])
            only_first, only_second = list((first - second).elements()), list((second - first).elements())
            return f"{name}: only the first has {only_first[:3]}, only the second {only_second[:3]}"
    return "" if one.keys() == other.keys() else f"stages differ: {one.keys() ^ other.keys()}"
