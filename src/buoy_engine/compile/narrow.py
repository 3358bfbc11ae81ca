"""A program narrowed to what is asked of it: the stages that lead to some columns, and of them the columns that matter.

An engine drops what nobody reads before it executes, but only after having read, bound and optimised it. Where a program
runs over a handful of rows (a feed, a what-if), that is nearly all of the time. Narrowing changes no value: a column that
is left out was read by nobody, and no row depends on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from buoy_engine.compile.parts import PERIOD_KEYS
from buoy_engine.compile.plan import reads
from buoy_engine.kernel.ir import Agg, Col, Expr, Lit, Op, Query, Recursive, Stage, Win

OF_PERIOD = frozenset(PERIOD_KEYS) - {"_payee", "_period"}
"""What a period has one of: whoever groups by the period has grouped by these."""


def narrowed(stages: Sequence[Stage], wanted: Mapping[str, Iterable[str]]) -> list[Stage]:
    """The stages that the wanted relations are made from, and those; each with the columns that are wanted or read."""
    asked: dict[str, set[str]] = defaultdict(set)
    for name, columns in wanted.items():
        asked[name] |= set(columns)
    kept: list[Stage] = []
    for stage in reversed(stages):
        if stage.name not in asked:
            continue
        made = _with_columns(stage, asked[stage.name])
        for relation in reads(made):
            asked[relation] |= set()
        for relation, column in _columns_read(made):
            asked[relation].add(column)
        kept.append(made)
    return kept[::-1]


def _with_columns(stage: Stage, names: set[str]) -> Stage:
    """The stage without the other columns, where they do not say which rows there are."""
    query = stage.query
    if isinstance(query, Recursive) or query.distinct:
        return stage
    chosen = [name for name in query.columns if name in names] or list(query.columns)[:1]
    scales = query.types

    def cut(part: Query) -> Query:
        columns = {name: part.columns[name] for name in chosen}
        return replace(part, columns=columns, group_by=_keys(part, columns), union=tuple(map(cut, part.union)))

    narrow = cut(query)
    assert all(narrow.types[name] == scales[name] for name in chosen)
    return replace(stage, query=narrow)


def _keys(query: Query, columns: Mapping[str, Expr]) -> tuple[Expr, ...]:
    """What the query groups by, without what its period says already and nobody reads."""
    if not any(isinstance(key, Col) and key.name == "_period" for key in query.group_by):
        return query.group_by
    read = set(columns.values())
    return tuple(k for k in query.group_by if k in read or not (isinstance(k, Col) and k.name in OF_PERIOD))


def _columns_read(stage: Stage) -> Iterator[tuple[str, str]]:
    """Relation and column of everything that the stage names."""
    if isinstance(stage.query, Recursive):
        yield from ((stage.query.relation, column) for column in stage.query.types)
        return
    for query in (stage.query, *stage.query.union):
        relation_of = {query.alias: query.relation, **{join.alias: join.relation for join in query.joins}}
        parts = [*query.columns.values(), *query.group_by, *(join.on for join in query.joins)]
        parts += [query.where] if query.where is not None else []
        for column in (column for part in parts for column in _columns(part)):
            yield relation_of[column.table], column.name


def _columns(node: Expr) -> Iterator[Col]:
    match node:
        case Col():
            yield node
        case Lit():
            return
        case Op(_, _, args):
            for arg in args:
                yield from _columns(arg)
        case Agg():
            parts = [part for part in (node.arg, node.where) if part is not None]
            yield from (column for part in parts for column in _columns(part))
        case Win():
            parts = [*node.partition, *(by for by, _ in node.order), *([node.arg] if node.arg is not None else [])]
            yield from (column for part in parts for column in _columns(part))
