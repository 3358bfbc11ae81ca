"""Aggregates over rows of a component or a table: one pass for all that only adds up, then a stage per window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.prepare import window_name
from buoy_engine.compile.rows import (
    RowScope,
)
from buoy_engine.compile.scope import Misuse, Term
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Kind, Query, number
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast

PERIOD_WORDS = {
    "days": "days",
    "no": "no",
    "start": "start_date",
    "end": "last_day",
    "weeks": "weeks",
    "months": "months",
    "id": "period",
}


YEAR_WORDS = {"days": "year_days", "weeks": "year_weeks", "id": "year"}


ADDITIVE = {"sum", "count"}


@dataclass
class AskedRows(RowScope):
    """Words of a row inside an aggregate, where `period.…` is the period that asks."""

    asked: bool = False

    def name(self, parts: tuple[str, ...]) -> Term:
        column = (
            PERIOD_WORDS.get(parts[1])
            if parts[0] == "period" and len(parts) == 2
            else YEAR_WORDS.get(parts[1])
            if parts[0] == "year" and len(parts) == 2
            else None
        )
        if column is None:
            return super().name(parts)
        self.asked = True
        col = self.builder.col("periods", column, "cp")
        return Ratio(col) if col.type.kind is Kind.NUMBER else col


@dataclass
class Aggregates:
    """The aggregates over one relation of rows, per window: `_payee`, `_<kind>` and the group's keys are its columns.

    All sums and counts, of whatever window, come from one pass over the rows (`<prefix>_sums`): a window's sum is the sum of
    its member periods'. Distinct counts, extremes, and what speaks about the period that asks look at the rows again.
    """

    builder: Builder
    prefix: str
    relation: str
    kind: str
    scope: RowScope
    keys: tuple[str, ...] = ()
    where: Expr | None = None
    wanted: dict[tuple[str, int | None, bool], dict[str, Agg]] = field(default_factory=dict)
    names: dict[tuple[object, ...], str] = field(default_factory=dict)
    asking: set[str] = field(default_factory=set)
    emitted: bool = False
    is_shared: bool = False
    by_day: bool = False

    def column(self, node: ast.Call, window: str, count: int | None, only: Expr | None = None) -> tuple[str, str, Expr]:
        """Registers an aggregate (over the rows that satisfy `only`): relation, alias and typed column to join."""
        scope = AskedRows(
            self.scope.plan, self.scope.flow, self.builder, alias=self.scope.alias, zone_offsets=self.scope.zone_offsets
        )
        aggregate = self._aggregate(node, scope)
        if only is not None:
            aggregate = Agg(aggregate.type, aggregate.name, aggregate.arg, ir.both(only, aggregate.where))
        additive = aggregate.name in ADDITIVE and not scope.asked
        key = (aggregate,) if additive else (aggregate, window, count)
        name = self.names.setdefault(key, f"a{crc32(repr(key).encode())}")
        self.wanted.setdefault((window, count, additive), {})[name] = aggregate
        if scope.asked:
            self.asking.add(name)
        alias = f"{self.prefix}_{window_name(window, count)}{'' if additive else '_rows'}"
        return self._stage_name(window, count, additive), alias, Col(aggregate.type, name, alias)

    def _stage_name(self, window: str, count: int | None, additive: bool) -> str:
        if additive and window == "period":
            return f"{self.prefix}_sums"
        return f"{self.prefix}_{window_name(window, count)}{'' if additive else '_rows'}"

    def _aggregate(self, node: ast.Call, scope: RowScope) -> Agg:
        where = scope.condition(node.where) if node.where is not None else None
        if node.name == "count":
            return Agg(number(), "count", None, where)
        if len(node.args) != 1:
            raise Misuse(f"{node.name}(…) with {len(node.args)} values", "one value", f"write {node.name}(amount)")
        if node.name == "distinct":
            return Agg(number(), "distinct", scope.expr(node.args[0]), where)
        arg = scope.number(node.args[0]).decimal() if node.name == "sum" else scope.expr(node.args[0])
        return Agg(arg.type, node.name, arg, where)

    def emit(self) -> None:
        """The one pass for everything additive, then a stage per window."""
        self.emitted = True
        sums = {
            name: agg for (_, _, additive), columns in self.wanted.items() if additive for name, agg in columns.items()
        }
        if sums:
            self._sums(sums)
        for (window, count, additive), columns in self.wanted.items():
            name = self._stage_name(window, count, additive)
            if window != "period":
                self.builder.windows.add((self.kind, window, count))
                self._windowed(name, window_name(window, count), columns, additive=additive)
            elif not additive:
                self._direct(name, columns)

    def _key_columns(self, alias: str) -> dict[str, Expr]:
        return {c: self.builder.col(self.relation, c, alias) for c in ("_payee", *self.keys)}

    def _sums(self, sums: Mapping[str, Agg]) -> None:
        """`<prefix>_sums`: one row per payee, period and group. By day first, where somebody must know on which day."""
        keys = {**self._key_columns("r"), "_period": self.builder.col(self.relation, f"_{self.kind}", "r")}
        if not self.by_day:
            query = Query({**keys, **sums}, self.relation, "r", where=self.where, group_by=tuple(keys.values()))
            name = self.builder.stage(f"{self.prefix}_sums", "one row per payee, period and group", query)
            self.builder.state += [name] if self.is_shared else []
            return
        days = {**keys, "_on": self.builder.col(self.relation, f"_on_{self.kind}", "r")}
        by_day = self.builder.stage(
            f"{self.prefix}_by_day",
            "one row per payee, period and day that matters",
            Query({**days, **sums}, self.relation, "r", where=self.where, group_by=tuple(days.values())),
        )
        self.builder.state.append(by_day)
        folded = {c: self.builder.col(by_day, c, "d") for c in keys}
        again = {n: Agg(a.type, "sum", self.builder.col(by_day, n, "d")) for n, a in sums.items()}
        self.builder.stage(
            f"{self.prefix}_sums",
            "one row per payee, period and group",
            Query({**folded, **again}, by_day, "d", group_by=tuple(folded.values())),
        )

    def _asked(self, columns: Mapping[str, Agg], period: Expr) -> tuple[Join, ...]:
        """The join to the period that asks, if an aggregate speaks about it."""
        if not self.asking & set(columns):
            return ()
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "cp"), ir.lit(self.kind)),
            ir.eq(self.builder.col("periods", "period", "cp"), period),
        )
        assert on is not None
        return (Join("periods", "cp", on, "inner"),)

    def _direct(self, name: str, columns: Mapping[str, Agg]) -> None:
        keys = {**self._key_columns("r"), "_period": self.builder.col(self.relation, f"_{self.kind}", "r")}
        joins = self._asked(columns, keys["_period"])
        query = Query({**keys, **columns}, self.relation, "r", joins, self.where, tuple(keys.values()))
        self.builder.stage(name, "one row per payee, period and group", query)

    def _windowed(self, name: str, window: str, columns: Mapping[str, Agg], *, additive: bool) -> None:
        relation, make, where = self.relation, dict(columns), self.where
        if additive:
            relation, where = f"{self.prefix}_sums", None
            make = {n: Agg(a.type, "sum", self.builder.col(relation, n, "r")) for n, a in columns.items()}
        member = self.builder.col(relation, "_period" if additive else f"_{self.kind}", "r")
        on = ir.both(
            ir.eq(Col(TEXT, "kind", "w"), ir.lit(self.kind)),
            ir.eq(Col(TEXT, "window", "w"), ir.lit(window)),
            ir.eq(Col(TEXT, "member", "w"), member),
        )
        assert on is not None
        keys: dict[str, Expr] = {c: self.builder.col(relation, c, "r") for c in ("_payee", *self.keys)}
        keys["_period"] = Col(TEXT, "period", "w")
        joins = (Join("windows", "w", on, "inner"), *self._asked(columns, keys["_period"]))
        self.builder.stage(
            name,
            "one row per payee, period and group",
            Query({**keys, **make}, relation, "r", joins, where, tuple(keys.values())),
        )


@dataclass
class Filtered:
    """A component's view of shared aggregates: only the rows that count for it."""

    shared: Aggregates
    only: Expr
    keys: tuple[str, ...] = ()

    def column(self, node: ast.Call, window: str, count: int | None) -> tuple[str, str, Expr]:
        """As of the shared aggregates."""
        return self.shared.column(node, window, count, self.only)
