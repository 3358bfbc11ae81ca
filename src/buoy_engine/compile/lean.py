"""A program for a run of which it is known beforehand what will be read: nothing else is made, and little is stored.

Beside being narrowed (see `narrow`), stages that are equal become one: components over the same rows put them into their order
once. Rows are stored only where a running sum over them is read more than once; a projection or a join of ten million rows
costs less again than it costs to keep, and a trace goes from the facts to its file without a table in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from buoy_engine.compile.component import Made
from buoy_engine.compile.narrow import narrowed
from buoy_engine.compile.plan import Program, reads, rename
from buoy_engine.kernel.ir import Agg, Expr, Op, Query, Recursive, Stage, Win


def lean(program: Program, wanted: Mapping[str, Iterable[str]]) -> Program:
    """The program as far as the wanted relations need it, which have the wanted columns; `made` names what there is."""
    stages, names = merged(narrowed(program.stages, wanted))
    made = {component: _renamed(each, names) for component, each in program.made.items()}
    asked = {names.get(name, name) for name in wanted}
    return replace(program, stages=tuple(_stored_if_dear(stages, asked, _facts(program))), made=made)


def _renamed(made: Made, names: Mapping[str, str]) -> Made:
    relations = ("rows", "reward", "earned", "trace", "source")
    return replace(made, **{part: names.get(name, name) for part in relations if (name := getattr(made, part))})


def _facts(program: Program) -> set[str]:
    """The tables whose rows are credited."""
    return {component.from_ for component in program.plan.components}


# ---------------------------------------------------------------- equal stages


def merged(stages: Sequence[Stage]) -> tuple[list[Stage], dict[str, str]]:
    """The stages without those that repeat an earlier one, and the name under which each of these is found."""
    kept: list[Stage] = []
    names: dict[str, str] = {}
    known: dict[object, str] = {}
    for stage in (rename(stage, names) for stage in stages):
        first = known.setdefault(_content(stage.query), stage.name)
        if first == stage.name:
            kept.append(stage)
        else:
            names[stage.name] = first
    return kept, names


def _content(query: Query | Recursive) -> object:
    """What two queries have in common that give the same rows."""
    if isinstance(query, Recursive):
        return (query.relation, *query.partition, query.position, query.amount, query.limit)
    columns = tuple(query.columns.items())
    parts = (columns, query.relation, query.alias, query.joins, query.where, query.group_by, query.distinct)
    return (*parts, *map(_content, query.union))


# ---------------------------------------------------------------- what is stored


def _stored_if_dear(stages: Sequence[Stage], asked: set[str], facts: set[str]) -> list[Stage]:
    """The stages; of those whose grain is the row, only what is dear and read more than once is stored."""
    readers = Counter(relation for stage in stages for relation in reads(stage)) + Counter(asked)
    readers += Counter(stage.query.relation for stage in stages if isinstance(stage.query, Recursive))
    rows, dear = set(facts), set[str]()
    made = []
    for stage in stages:
        if not _of_rows(stage.query, rows):
            made.append(stage)
            continue
        rows.add(stage.name)
        if _has_window(stage.query) or dear & reads(stage):
            dear.add(stage.name)
        keep = stage.name in dear and readers[stage.name] > 1
        dear -= {stage.name} if keep else set()
        made.append(replace(stage, keep=keep or isinstance(stage.query, Recursive)))
    return made


def _of_rows(query: Query | Recursive, rows: set[str]) -> bool:
    """Whether every row of the query is one of the facts, seen once more."""
    if isinstance(query, Recursive):
        return query.relation in rows
    sums = query.group_by or query.distinct or any(isinstance(column, Agg) for column in query.columns.values())
    return not sums and any(part.relation in rows for part in (query, *query.union))


def _has_window(query: Query | Recursive) -> bool:
    if isinstance(query, Recursive):
        return False
    return any(_is_running(column) for part in (query, *query.union) for column in part.columns.values())


def _is_running(node: Expr) -> bool:
    if isinstance(node, Op):
        return any(_is_running(arg) for arg in node.args)
    return isinstance(node, Win)
