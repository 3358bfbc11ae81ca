"""The part of a program that a feed runs: the sums of a few rows, then earnings and statements of a few payees.

The stages are those of the whole calculation, under other names and narrowed to the columns that a feed needs; the
relations of the whole stay as they are. Over a handful of rows an engine spends its time on reading, binding and
optimising statements, not on rows. So texts and views are made once, for all feeds, and statement periods before the
first one in which anything is earned otherwise are not calculated: the state that the first one starts from is taken
from those of the whole, which are corrected by every feed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.narrow import narrowed
from buoy_engine.compile.plan import Program, reads, rename
from buoy_engine.facts.tables import Row, Table
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query, Stage, Type
from buoy_engine.run.backend import Feedable

EARNED = ("_payee", "_period", "_settle_seq", "amount")
PAYEES, ALL_PERIODS, STATEMENT = "payees", "statement_all", "statement"
PER_PERIOD = frozenset({"posted_per_period", "due_per_period"})
"""What statement periods are made from, beside the one before."""
_ONE_PAYEE = {"partner_id": TEXT}

Ready = tuple[Stage, str]
"""A stage and its text."""


def fed(name: str) -> str:
    """A relation as a feed calculates it: of the payees that it touches."""
    return f"fed_{name}"


def changing(name: str) -> str:
    """A relation over the rows of one feed alone."""
    return f"changing_{name}"


def kept(name: str) -> str:
    """The sums of everything, to which every feed appends its own."""
    return f"{name}_kept"


class Recalculation:
    """What feeds of rows of `table` run after a calculation of `program`, whose relations `backend` holds.

    `settle_seqs`: the numbers of the statement periods, in order.
    """

    def __init__(
        self, program: Program, backend: Feedable, table: str, types: dict[str, Type], settle_seqs: Sequence[int]
    ) -> None:
        self.program, self.backend, self.table, self.types = program, backend, table, types
        self.seqs, self.states = settle_seqs, _statement_periods(program)
        sums = {name: program.types[name] for name in program.state}
        inputs = {PAYEES, *sums}
        after = [stage for stage in narrowed(program.stages, self._wanted()) if stage.name not in inputs]
        self._skips = not _looks_aside(after, set(sums), {*self.states, STATEMENT})
        self._of_rows = [self._ready(s) for s in _renamed(narrowed(program.stages, sums), {table}, changing)]
        self._negated = [self._ready(_negated(name, types)) for name, types in sums.items()]
        self._chosen = [self._ready(_copy("touched", fed(PAYEES), _ONE_PAYEE))]
        self._chosen += [self._ready(_sums_of_needed(name, types)) for name, types in sums.items()]
        ready = [self._ready(stage) for stage in _renamed(after, inputs, fed)]
        self._settling = {
            s.name: (s, text) for s, text in ready if s.name in map(fed, (*self.states, ALL_PERIODS, STATEMENT))
        }
        self._earning = [each for each in ready if each[0].name not in self._settling]
        self._prepare(sums, ready)

    def _wanted(self) -> dict[str, Iterable[str]]:
        wanted: dict[str, Iterable[str]] = {made.earned: EARNED for made in self.program.made.values()}
        return wanted | {name: self.program.types[name] for name in (*self.states, STATEMENT) if self.states}

    def _prepare(self, sums: dict[str, dict[str, Type]], ready: list[Ready]) -> None:
        """Makes every view, and every table without rows; keeps the sums of the whole."""
        self._run(self._ready(_copy(name, kept(name), types)) for name, types in sums.items())
        self._register_rows([])
        self._run([*self._of_rows, *self._negated], views=True)
        self._choose((), ())
        self._run(ready, views=True)

    def _ready(self, stage: Stage) -> Ready:
        return stage, to_sql(stage, self.backend.dialect)

    def _run(self, stages: Iterable[Ready], *, views: bool = False) -> None:
        """Calculates the stages that are stored; the views are there from the beginning."""
        for stage, text in stages:
            if stage.keep or views:
                self.backend.run(stage, text)

    def _register_rows(self, rows: list[Row]) -> None:
        self.backend.register(Table(changing(self.table), self.types, rows))

    def _choose(self, touched: Iterable[str], needed: Iterable[str]) -> None:
        """Whose earnings are calculated, and whose sums that takes."""
        for name, payees in (("touched", touched), ("needed", needed)):
            self.backend.register(Table(name, _ONE_PAYEE, [(payee,) for payee in sorted(payees)]))
        self._run(self._chosen)

    def add_up(self, rows: list[Row], *, taken_off: bool = False) -> None:
        """Appends the sums of some rows, negated if they are taken off: who reads the state adds up."""
        self._register_rows(rows)
        self._run(self._of_rows)
        for name in self.program.state:
            self.backend.append(kept(name), f"{changing(name)}_negated" if taken_off else changing(name))

    def earnings(self, touched: Iterable[str], needed: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the touched payees earn, from the sums of the needed ones: component and earning."""
        self._choose(touched, needed)
        self._run(self._earning)
        for component, made in self.program.made.items():
            for row in self.backend.read(fed(made.earned), EARNED):
                yield component, row

    def settle(self, first_seq: int) -> None:
        """Their statements from the first statement period on in which anything is earned otherwise."""
        if not self.states:
            return
        first = min(bisect_left(self.seqs, first_seq), len(self.states) - 1) if self._skips else 0
        if first:
            before = self.states[first - 1]
            self._run([self._ready(_of_touched(before, self.program.types[before]))])
        self._run(self._settling[fed(name)] for name in self.states[first:])
        everything, _ = self._settling[fed(ALL_PERIODS)]
        self._run([self._ready(_from_part(everything, first)), self._settling[fed(STATEMENT)]], views=True)
        for name in self.states[first:]:
            self.backend.correct(name, fed(name), "_payee")

    def statements(self) -> Iterable[dict[str, Any]]:
        """The statements that were calculated last."""
        return self.backend.read(fed(STATEMENT)) if self.states else ()


def _statement_periods(program: Program) -> tuple[str, ...]:
    """The relations of the statement periods, in order."""
    found = next((stage.query for stage in program.stages if stage.name == ALL_PERIODS), None)
    return tuple(part.relation for part in (found, *found.union)) if isinstance(found, Query) else ()


def _looks_aside(stages: Iterable[Stage], sums: set[str], periods: set[str]) -> bool:
    """Whether a statement period asks for more than what is posted and due in it: for a measure, say, as its cap."""
    depends = set(sums)
    for stage in stages:
        if stage.name not in PER_PERIOD and reads(stage) & depends:
            depends.add(stage.name)
    return bool(depends & periods)


def _from_part(stage: Stage, first: int) -> Stage:
    """A union without the parts before the first one."""
    assert isinstance(stage.query, Query)
    start, *others = (stage.query, *stage.query.union)[first:]
    return replace(stage, query=replace(start, union=tuple(others)))


def _renamed(stages: Sequence[Stage], inputs: Iterable[str], name_of: Callable[[str], str]) -> list[Stage]:
    """Those stages that depend on the inputs, under other names."""
    names = {name: name_of(name) for name in inputs}
    for stage in stages:
        if reads(stage) & names.keys():
            names[stage.name] = name_of(stage.name)
    return [rename(stage, names) for stage in stages if stage.name in names]


def _negated(name: str, types: dict[str, Type]) -> Stage:
    """The sums of a feed's rows with the other sign."""
    columns = {c: Col(t, c, "s") for c, t in types.items()}
    signed: dict[str, Expr] = {c: ir.neg(e) if is_sum(c) else e for c, e in columns.items()}
    return Stage(f"{changing(name)}_negated", "", Query(signed, changing(name), "s"), keep=False)


def _sums_of_needed(name: str, types: dict[str, Type]) -> Stage:
    """The state's relation, added up for the payees that are needed."""
    on = ir.eq(Col(TEXT, "partner_id", "n"), Col(TEXT, "_payee", "s"))
    columns: dict[str, Expr] = {c: Col(t, c, "s") for c, t in types.items()}
    keys = tuple(e for c, e in columns.items() if not is_sum(c))
    sums: dict[str, Expr] = {c: Agg(e.type, "sum", e) if is_sum(c) else e for c, e in columns.items()}
    joins = (Join("needed", "n", on, "inner"),)
    return Stage(fed(name), "", Query(sums, kept(name), "s", joins, group_by=keys))


def _of_touched(name: str, types: dict[str, Type]) -> Stage:
    """The rows of the touched payees in a relation of the whole."""
    on = ir.eq(Col(TEXT, "partner_id", "n"), Col(TEXT, "_payee", "s"))
    columns: dict[str, Expr] = {c: Col(t, c, "s") for c, t in types.items()}
    return Stage(fed(name), "", Query(columns, name, "s", (Join("touched", "n", on, "inner"),)))


def _copy(source: str, target: str, types: dict[str, Type]) -> Stage:
    return Stage(target, "", Query({c: Col(t, c, "s") for c, t in types.items()}, source, "s"))


def is_sum(column: str) -> bool:
    """Whether a column of the state is a sum, not a key."""
    return column.startswith("a") and column[1:].isdigit()
