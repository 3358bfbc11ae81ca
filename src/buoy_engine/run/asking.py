"""Questions to the engine about one table of facts: how many rows are like this, and which are the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from buoy_engine.facts.schemas import Schema
from buoy_engine.facts.tables import Facts, Table
from buoy_engine.facts.values import LISTED
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import DATE, Col, Expr, Kind, Query, Stage, Win, number
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.backend import Backend
from buoy_engine.run.relations import run
from buoy_engine.spec.model import Plan


@dataclass
class Found:
    """Rows that a check found: how many, and the first of them in the order of their names."""

    total: int
    rows: list[dict[str, Any]]
    relation: str = ""

    def __bool__(self) -> bool:
        return self.total > 0


@dataclass
class Asking:
    """One registered table, its schema, and the facts and plan that it stands beside."""

    backend: Backend
    facts: Facts
    table: Table
    schema: Schema
    plan: Plan | None
    _made: int = 0

    def col(self, name: str, alias: str = "t") -> Col:
        """A column of the table."""
        return Col(self.table.types[name], name, alias)

    def day(self, name: str) -> Expr:
        """A column of dates; of moments, their days in UTC."""
        col = self.col(name)
        return ir.Op(DATE, "date_of", (col,)) if col.type.kind is Kind.TIMESTAMP else col

    def has(self, *names: str) -> bool:
        """Whether the table has these columns."""
        return all(name in self.table.types for name in names)

    def stage(self, query: Query, *, keep: bool = False) -> str:
        """Builds a relation; its name."""
        self._made += 1
        name = f"_check_{self.table.name}_{self._made}"
        run(self.backend, Stage(name, "rows of a check", query, keep=keep))
        return name

    def first(self, query: Query, limit: int = LISTED) -> Found:
        """The number of rows of a query and the first `limit` of them, in the order of its columns."""
        relation = self.stage(query)
        types = query.types
        columns: dict[str, Expr] = {name: Col(kind, name, "t") for name, kind in types.items()}
        order = tuple((column, False) for column in columns.values())
        columns["_n"] = Win(number(), "row_number", None, (), order)
        columns["_total"] = Win(number(), "count", None, ())
        numbered = self.stage(Query(columns, relation, "t"))
        few = Query(
            {n: Col(t, n, "t") for n, t in {**types, "_n": number(), "_total": number()}.items()},
            numbered,
            "t",
            where=ir.compare("le", Col(number(), "_n", "t"), ir.lit(limit)),
        )
        shown = self.stage(few)
        rows = sorted(self.backend.read(shown), key=lambda row: int(row["_n"]))
        return Found(int(rows[0]["_total"]) if rows else 0, rows, shown)

    def rows(self, where: Expr, *more: str) -> Found:
        """The rows of the table that satisfy a condition, by their names."""
        names = dict.fromkeys([*self._names(), *(name for name in more if self.has(name))])
        return self.first(Query({name: self.col(name) for name in names}, self.table.name, "t", where=where))

    def _names(self) -> list[str]:
        """The columns by which a row is known."""
        known = self.schema.key or self.schema.required
        return [name for name in ("id",) if self.has(name)] or [name for name in known if self.has(name)]

    def _named(self, row: Mapping[str, Any]) -> str:
        return " ".join(text_of(row[name]) for name in self._names() if row.get(name) is not None) or "(no name)"

    def problem(
        self,
        code: str,
        found: Found,
        said: str,
        expected: str,
        fix: str,
        *,
        show: Sequence[str] = (),
        severity: Severity = Severity.BLOCKING,
    ) -> Problem:
        """`said` is followed by the rows: their names and the columns of `show`."""

        def entry(row: Mapping[str, Any]) -> str:
            shown = ", ".join(f"{name} {text_of(row[name])}" for name in show if row.get(name) is not None)
            return f"{self._named(row)} ({shown})" if shown else self._named(row)

        more = f" and {found.total - len(found.rows):,} more" if found.total > len(found.rows) else ""
        return Problem(
            code=code,
            severity=severity,
            where=self.table.name,
            expected=expected,
            fix=fix,
            found=f"{found.total:,} {said}: {', '.join(entry(row) for row in found.rows)}{more}",
            rows=tuple(self._named(row) for row in found.rows),
            params={"count": found.total},
        )


def text_of(value: Any) -> str:
    """A value as one reads it."""
    if value is None:
        return "nothing"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
