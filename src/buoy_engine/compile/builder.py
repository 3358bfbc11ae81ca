"""What the parts of the compiler share: the stages so far, the relations they may read, and what S0 must provide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buoy_engine.compile.scope import Misuse
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import Catalog, Col, Expr, Join, Kind, Query, Stage, Type
from buoy_engine.spec.model import Plan


@dataclass
class Builder:
    """A compilation under way. Stages are appended in the order in which they can run."""

    plan: Plan
    catalog: Catalog
    zone_offsets: tuple[tuple[str, int], ...] = ()
    fx_inverse: bool = False
    late: frozenset[str] = frozenset()
    """Parameters that are columns of the relation `variants`, for a what-if."""
    is_lean: bool = False
    """Whether stages that only one other reads are views: nobody will ask for them later."""
    stages: list[Stage] = field(default_factory=list)
    windows: set[tuple[str, str, int | None]] = field(default_factory=set)
    state: list[str] = field(default_factory=list)
    """The stages that scan rows of facts and only add up: what an incremental run keeps."""

    def has(self, relation: str, column: str | None = None) -> bool:
        """Whether a relation (and its column) exists."""
        found = self.catalog.relations.get(relation)
        return found is not None and (column is None or column in found)

    def col(self, relation: str, name: str, alias: str) -> Col:
        """A column of a relation. Raises `Misuse` naming the columns there are."""
        columns = self.catalog.relations.get(relation)
        if columns is None:
            raise Misuse(
                f"the table {relation!r}",
                f"one of {', '.join(sorted(self.facts()))}",
                "add the table to the facts or correct the name",
                "unknown-table",
            )
        if name not in columns:
            raise Misuse(
                f"the column {name!r} of {relation}",
                f"one of {', '.join(c for c in columns if not c.startswith('_'))}",
                "add the column to the facts or correct the name",
                "unknown-column",
            )
        return Col(columns[name], name, alias)

    def columns(self, relation: str, alias: str, *names: str) -> dict[str, Expr]:
        """Columns of a relation by name; all of them where none is named. Raises `Misuse` as `col` does."""
        return {name: self.col(relation, name, alias) for name in names or self.catalog.relations[relation]}

    def facts(self) -> list[str]:
        """Names of relations that are not stages."""
        made = {stage.name for stage in self.stages}
        return [name for name in self.catalog.relations if name not in made]

    def stage(self, name: str, grain: str, query: Query | ir.Recursive, *, keep: bool = True, notes: str = "") -> str:
        """Adds a stage and its relation; returns the name."""
        stage = Stage(name, grain, query, keep, notes)
        self.stages.append(stage)
        self.catalog.relations[name] = stage.types
        return name


@dataclass
class Flow:
    """A relation that grows column by column, one stage after the other: rows on their way through a component."""

    builder: Builder
    prefix: str
    grain: str
    relation: str

    @property
    def types(self) -> Mapping[str, Type]:
        """The columns it has now."""
        return self.builder.catalog.relations[self.relation]

    def __contains__(self, column: str) -> bool:
        return column in self.types

    def col(self, name: str, alias: str = "r") -> Col:
        """One of its columns."""
        return Col(self.types[name], name, alias)

    def all(self, alias: str = "r") -> dict[str, Expr]:
        """Every column, to be passed on."""
        return {name: Col(kind, name, alias) for name, kind in self.types.items()}

    def step(self, suffix: str, add: Mapping[str, Expr] | None = None, *, joins: tuple[Join, ...] = (), where: Expr | None = None,
             drop: frozenset[str] = frozenset(), keep: bool = False, notes: str = "") -> None:  # fmt: skip
        """One more stage: all columns, with `add` new or replaced, rows that satisfy `where`."""
        columns = {name: expr for name, expr in self.all().items() if name not in drop}
        columns.update(add or {})
        query = Query(columns, self.relation, "r", joins, where)
        self.relation = self.builder.stage(f"{self.prefix}_{suffix}", self.grain, query, keep=keep, notes=notes)


def zero_filled(value: Expr) -> Expr:
    """A number with null read as zero."""
    return ir.coalesce(value, ir.Lit(value.type, ir.ZERO.value)) if value.type.kind is Kind.NUMBER else value
