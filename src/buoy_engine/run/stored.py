"""What explanations need of a run, in files of its folder: written once, read for one partner or for all.

    trace.parquet               one row per component and credited row: by partner, component of the plan, business order
    relations/index.json        the calendar, and the number of decimals of each component's trace
    relations/payees.parquet    every partner that the run knows, with its name where the facts have one
    relations/statement.parquet statements, one row per payee and statement period
    relations/C.counts.parquet  rows of component C by payee, period and the reason why they do not count
    relations/C.cells.parquet   its rewards: one row per payee, period and group
    relations/C.earned.parquet  its earnings: one row per payee and period
    relations/measure.M.parquet measure M of the plan, one row per payee and period

Every file is sorted by payee, so the rows of one partner lie in one or two row groups and the others are not read. A
column is as exact as in the calculation: numbers are decimals with its scale. Nothing in a file depends on when, where
or by how many threads it was written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from buoy_engine.compile.plan import Program
from buoy_engine.compile.prepare import World, build_world
from buoy_engine.compile.statement import FIGURES
from buoy_engine.kernel.ir import Type
from buoy_engine.run.calculate import Result
from buoy_engine.run.reading import ZERO, Counts, Record, Share, counted, counting
from buoy_engine.run.relations import run
from buoy_engine.spec.model import Component, Plan

TRACE, RELATIONS, INDEX = "trace.parquet", "relations", "index.json"
_DIGITS = 38
_ROWS_IN_GROUP = 16_384
"""Few enough that reading one partner's group is quick; the largest partner has more and takes longer."""
_NUMBERS = {
    "base": "base",
    "tier": "_tier",
    "rate": "_rate_used",
    "factor": "_factor",
    "exact": "exact",
    "amount": "cents",
}
_TRACE = {
    "partner": "_payee",
    "period": "_period",
    "statement": "_settle",
    "row": "_id",
    "date": "_date",
    "owner": "_owner",
    "reason": "_reason",
    **_NUMBERS,
}
"""Column of trace.parquet → column of `<component>_trace`."""
_SHOWN = ("base", "factor", "exact", "amount")
_COLUMNS = (
    "partner", "component", "period", "statement", "row", "date", "owner",
    "base", "tier", "rate", "factor", "reason", "exact", "amount",
)  # fmt: skip


# ---------------------------------------------------------------- writing


def wanted(program: Program) -> Mapping[str, Iterable[str]]:
    """What is read of a run that is written to a folder: by its files, its reconciliation and its problems."""
    types = program.types
    found: dict[str, set[str]] = defaultdict(set)
    whole = ["payees", "statement", "entries", *(f"measure_{name}" for name in program.plan.measures)]
    for component in program.plan.components:
        made = program.made[component.id]
        found[made.trace] |= {*trace_columns(program, component)}
        found[made.rows] |= {"_id", "_payee", f"_{component.every or program.plan.period}", "_fail"}
        found[made.source] |= {"id"} & {*types.get(made.source, ())}
        whole += [made.reward, made.earned]
    return found | {name: set(types[name]) for name in whole}


def trace_columns(program: Program, component: Component) -> Mapping[str, Type]:
    """The columns of a component's trace that are written or that say where a row stands."""
    types = program.types[program.made[component.id].trace]
    return {c: types[c] for c in (*_TRACE.values(), "_seq", "posted_at") if c in types}


def write_relations(result: Result, names: Mapping[str, str], folder: Path) -> None:
    """The files of a calculated run. The folder is there; `relations` in it is made."""
    made = folder / RELATIONS
    made.mkdir()
    plan = result.program.plan
    traces = {component.id: _trace_of(result, component) for component in plan.components}
    _write(_whole_trace(traces), folder / TRACE)
    _write(_payees(result, names), made / "payees.parquet")
    for component in plan.components:
        run(result.backend, counting(result, component))
    for name, (relation, types) in _relations(result).items():
        _write(_sorted(result.backend.table(relation, types)), made / f"{name}.parquet")
    index = {
        "calendar": _calendar(result.world),
        "decimals": {name: _decimals(trace) for name, trace in traces.items()},
    }
    (made / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _relations(result: Result) -> Mapping[str, tuple[str, Mapping[str, Type]]]:
    """Name of a file → relation and columns."""
    types = result.program.types
    found: dict[str, tuple[str, Mapping[str, Type]]] = {}
    for component in result.program.plan.components:
        made = result.program.made[component.id]
        found[f"{component.id}.counts"] = (counted(result, component), counting(result, component).types)
        found[f"{component.id}.cells"] = (made.reward, types[made.reward])
        found[f"{component.id}.earned"] = (made.earned, types[made.earned])
    for name in result.program.plan.measures:
        found[f"measure.{name}"] = (f"measure_{name}", types[f"measure_{name}"])
    return found | {"statement": ("statement", types["statement"])}


def _payees(result: Result, names: Mapping[str, str]) -> pa.Table:
    known = sorted(row["partner_id"] for row in result.backend.read("payees", ("partner_id",)))
    return pa.table({"_payee": pa.array(known, pa.string()), "name": pa.array(map(names.get, known), pa.string())})


def _write(table: pa.Table, file: Path) -> None:
    pq.write_table(table, file, compression="zstd", row_group_size=_ROWS_IN_GROUP)


def _sorted(table: pa.Table) -> pa.Table:
    """By payee and period, then by everything else: equal tables are equal files."""
    first = [name for name in ("_payee", "_period") if name in table.column_names]
    keys = [*first, *(name for name in table.column_names if name not in first)]
    return table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in keys]))


def _trace_of(result: Result, component: Component) -> pa.Table:
    """A component's trace with the file's columns and those it is sorted by; what it lacks is null."""
    there = trace_columns(result.program, component)
    found = result.backend.table(result.program.made[component.id].trace, there)
    columns = {name: found[c] if c in there else _nothing(name, len(found)) for name, c in _TRACE.items()}
    columns["component"] = pa.array([component.id] * len(found), pa.string())
    columns |= {f"by_{key}": value for key, value in _business_order(found).items()}
    return pa.table(columns)


def _nothing(name: str, rows: int) -> pa.Array:
    return pa.nulls(rows, pa.decimal128(_DIGITS, 0) if name in _NUMBERS else pa.string())


def _business_order(trace: pa.Table) -> Mapping[str, Any]:
    """The keys of `reading.business_key` as columns, each with its nulls told by a column of their own before it."""
    rows = len(trace)
    posted = trace["posted_at"] if "posted_at" in trace.column_names else pa.nulls(rows, pa.timestamp("us"))
    seq = trace["_seq"] if "_seq" in trace.column_names else pa.nulls(rows, pa.decimal128(_DIGITS, 0))
    return {
        "seq": pc.fill_null(seq, ZERO),
        "loose": pc.is_null(trace["_id"]),
        "dated": pc.is_valid(trace["_date"]),
        "day": trace["_date"],
        "known": pc.is_valid(posted),
        "posted": posted,
        "row": trace["_id"],
    }


def _whole_trace(traces: Mapping[str, pa.Table]) -> pa.Table:
    """All components at one scale per column, sorted."""
    scales = {name: max(_scale(trace, name) for trace in traces.values()) for name in _NUMBERS}
    parts = []
    for place, trace in enumerate(traces.values()):
        for name, scale in scales.items():
            trace = _with(trace, name, trace[name].cast(pa.decimal128(_DIGITS, scale)))
        parts.append(trace.append_column("place", pa.array([place] * len(trace), pa.int32())))
    whole = pa.concat_tables(parts)
    keys = ["partner", "place", *(name for name in whole.column_names if name.startswith("by_"))]
    return whole.take(pc.sort_indices(whole, sort_keys=[(key, "ascending") for key in keys])).select(_COLUMNS)


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _scale(table: pa.Table, name: str) -> int:
    return int(table.schema.field(name).type.scale)


def _decimals(trace: pa.Table) -> dict[str, int]:
    return {name: _scale(trace, name) for name in _NUMBERS}


def _calendar(world: World) -> dict[str, str]:
    years = world.periods["year"]
    days = {
        "first": years[0].start,
        "last": years[-1].last_day,
        "valid_from": world.valid_from,
        "valid_to": world.valid_to,
    }
    return {name: day.isoformat() for name, day in days.items()}


# ---------------------------------------------------------------- reading


@dataclass
class ByPartner:
    """A table sorted by payee, and where each payee's rows are."""

    table: pa.Table
    key: str = "_payee"

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        counts = pc.value_counts(self.table[self.key].combine_chunks())
        at, found = 0, {}
        for payee, n in zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True):
            found[payee] = (at, n)
            at += n
        return found

    def of(self, partner: str) -> pa.Table:
        """The partner's rows."""
        return self.table.slice(*self._places.get(partner, (0, 0)))


@dataclass
class StoredRun:
    """A run on disk, as explanations read it. With `only`, nothing of other partners is read from its files."""

    folder: Path
    plan: Plan
    only: str | None = None
    _read: dict[str, ByPartner] = field(default_factory=dict)

    @cached_property
    def _index(self) -> Any:
        return json.loads((self.folder / RELATIONS / INDEX).read_text(encoding="utf-8"))

    @cached_property
    def world(self) -> World:
        """The calendar of the run."""
        days = {name: date.fromisoformat(day) for name, day in self._index["calendar"].items()}
        made = build_world(self.plan, days["first"], days["last"], until=days["last"])
        return replace(made, valid_from=days["valid_from"], valid_to=days["valid_to"])

    def knows(self, partner: str) -> bool:
        """Whether the run knows the partner."""
        return bool(len(self._of("payees", partner)))

    @property
    def partners(self) -> list[str]:
        """Everybody who has a statement with anything in it, in order."""
        whole = pq.read_table(self.folder / RELATIONS / "statement.parquet", columns=["_payee", *FIGURES])
        figures = (pc.not_equal(whole[name], ZERO) for name in FIGURES)
        return sorted(set(whole.filter(reduce(pc.or_, figures))["_payee"].to_pylist()))

    def name_of(self, partner: str) -> str | None:
        """The partner's name, where the facts had one."""
        found = self._of("payees", partner)["name"].to_pylist()
        return found[0] if found else None

    def statements(self, partner: str) -> Sequence[Record]:
        """The partner's statements with anything in them."""
        return [row for row in self._records("statement", partner) if any(row[name] for name in FIGURES)]

    def counts(self, component: Component, partner: str) -> Mapping[str, Counts]:
        """Period → the partner's rows by reason."""
        found: dict[str, dict[str | None, int]] = defaultdict(dict)
        for row in self._of(f"{component.id}.counts", partner).to_pylist():
            found[row["_period"]][row["_fail"]] = int(row["n"])
        return found

    def cells(self, component: Component, partner: str) -> Sequence[Record]:
        """The partner's rewards: one row per period and group."""
        return self._records(f"{component.id}.cells", partner)

    def earned(self, component: Component, partner: str) -> Sequence[Record]:
        """One row per period with an earning."""
        return self._records(f"{component.id}.earned", partner)

    def measure(self, name: str, partner: str) -> Sequence[Record]:
        """A measure of the plan, one row per period."""
        return self._records(f"measure.{name}", partner)

    def shares(self, component: Component, partner: str) -> Mapping[str, Sequence[Share]]:
        """Period → what each of the partner's lines has of the earning, in business order."""
        if component.id not in self._traces:
            return {}
        trace = self._traces[component.id].of(partner)
        columns = [trace[name].to_pylist() for name in ("row", "date", "base", "factor", "exact", "amount")]
        found: dict[str, list[Share]] = defaultdict(list)
        for period, row, day, base, factor, exact, cents in zip(trace["period"].to_pylist(), *columns, strict=True):
            found[period].append(Share(row, day, base, factor, exact or ZERO, cents or ZERO))
        return found

    def _records(self, name: str, partner: str) -> Sequence[Record]:
        found: list[dict[str, Any]] = self._of(name, partner).to_pylist()
        return found

    def _of(self, name: str, partner: str) -> pa.Table:
        if name not in self._read:
            self._read[name] = ByPartner(self._table(self.folder / RELATIONS / f"{name}.parquet", "_payee"))
        return self._read[name].of(partner)

    def _table(self, file: Path, key: str) -> pa.Table:
        if self.only is None:
            return pq.read_table(file)
        return pa.concat_tables(_groups_with(pq.ParquetFile(file), key, self.only)).combine_chunks()

    @cached_property
    def _traces(self) -> Mapping[str, ByPartner]:
        """Component → its part of the trace, with the scales that its numbers had in the calculation."""
        whole = self._table(self.folder / TRACE, "partner")
        found = {}
        for component, decimals in self._index["decimals"].items():
            part = whole.filter(pc.equal(whole["component"], component))
            for name in _SHOWN:
                part = _with(part, name, part[name].cast(pa.decimal128(_DIGITS, decimals[name])))
            found[component] = ByPartner(part, "partner")
        return found


def _groups_with(file: pq.ParquetFile, key: str, value: str) -> Iterator[pa.Table]:
    """The rows with a value in the column that a file is sorted by; row groups that cannot have it are not read."""
    at = file.schema_arrow.names.index(key)
    yield file.schema_arrow.empty_table()
    for group in range(file.num_row_groups):
        known = file.metadata.row_group(group).column(at).statistics
        if known is None or not known.has_min_max or known.min <= value <= known.max:
            table = file.read_row_group(group)
            yield table.filter(pc.equal(table[key], value))
