"""Incremental runs: a feed of new, corrected and returned rows on a stored state.

The problem
    A day's feed touches eight thousand of ten thousand partners, and a handful of them own most of the rows: recalculating "the
    partners that changed" reads nearly everything again. What is small is the state: the sums of every payee and period.

Chosen steps
    1. The state is the program's summing stages (`Program.state`) and what came of them. They are additive and exact, so the
       sums of a feed, added to the state, are the sums of everything: in any order, in any batches, bit for bit.
    2. A correction is its old row taken off and its new row added. A row that comes again unchanged is ignored.
    3. Payees whose sums changed, and everybody above them, are calculated again from their sums alone; nobody else is looked at.
    4. What is returned, and to be posted, is the difference between new and old earnings, rows that vanish included.

What it does not do
    A plan that needs rows (`summary.summable` says why) or counts distinct things has no additive state; it is calculated as a
    whole, with the same differences. Master data that changes (tiers, hierarchy, rates, targets) changes how old rows count:
    `rebuild` calculates as a whole too. Both are exact; they are only not fast.

Source: design/engine.md section 4; design/semantics.md Q8, Q21, Q27.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from buoy_engine.compile.plan import reads
from buoy_engine.facts.tables import Facts, Row, Table
from buoy_engine.run.backend import Feedable
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.difference import Delta, Key, deltas
from buoy_engine.run.recalculation import Recalculation
from buoy_engine.spec.model import Plan

Earnings = dict[Key, Decimal]
FEED = "lines"


class RowsInFile(ValueError):
    """The whole must be calculated again, and rows of a feed are not in the file that it is calculated from."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            f"the rows of {table.path} and those fed since must be calculated as a whole; expected them in one file; "
            "write the feed to the file and make a new state"
        )


@dataclass
class State:
    """A calculated plan that can be fed. `rows`: the feed table's rows by id, the newest version of each."""

    plan: Plan
    facts: Facts
    make_backend: Callable[[], Feedable]
    rows: dict[str, Row] = field(default_factory=dict)
    result: Result = field(init=False)
    earned: Earnings = field(init=False)

    def __post_init__(self) -> None:
        table = self.facts[FEED]
        self.types = dict(table.types)
        at = list(self.types).index("id")
        self.rows = {row[at]: row for row in table.rows}
        self._file = table if table.path is not None else None
        self._calculate(is_fed=False)

    # ------------------------------------------------------------ the whole

    def _calculate(self, *, is_fed: bool) -> None:
        if self._file is not None and is_fed:
            raise RowsInFile(self._file)
        self._is_fed = self._is_corrected = False
        self.facts.tables[FEED] = self._file or Table(FEED, self.types, list(self.rows.values()))
        backend = self.make_backend()
        self.result = calculate(self.plan, self.facts, backend, summary=True)
        self.earned = earnings(self.result)
        self._again: Recalculation | None = None
        program = self.result.program
        scans = {stage.name for stage in program.stages if stage.name in program.state}
        if scans and not self._reads_rows_elsewhere():
            self._again = Recalculation(program, backend, FEED, self.types, _settle_seqs(self.result))
            self._payees = {row["partner_id"] for row in backend.read("payees", ("partner_id",))}
            self._keys_of: dict[str, set[Key]] = defaultdict(set)
            for key in self.earned:
                self._keys_of[key[0]].add(key)
            self._above, self._below = self._lineage()

    @property
    def is_additive(self) -> bool:
        """Whether a feed is added to the sums; otherwise it is calculated as a whole."""
        return self._again is not None

    def _lineage(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Payee → everybody who stands above it, and below it, on any day."""
        above: dict[str, set[str]] = defaultdict(set)
        below: dict[str, set[str]] = defaultdict(set)
        for row in self.result.backend.read("closure", ("descendant", "ancestor")):
            above[row["descendant"]].add(row["ancestor"])
            below[row["ancestor"]].add(row["descendant"])
        return above, below

    def _reads_rows_elsewhere(self) -> bool:
        """Whether anything but the summing stages is made from rows of the feed."""
        program = self.result.program
        from_rows = {FEED}
        for stage in program.stages:
            if reads(stage) & from_rows and stage.name not in program.state and not stage.name.startswith("payees"):
                from_rows.add(stage.name)
        return any(stage.name in from_rows and stage.keep for stage in program.stages)

    def rebuild(self, facts: Facts) -> list[Delta]:
        """Calculates as a whole over other master data (the feed's rows stay)."""
        self.facts = Facts({**facts.tables})
        before = self.earned
        self._calculate(is_fed=self._is_fed)
        return deltas(before, self.earned)

    # ------------------------------------------------------------ a feed

    def feed(self, new: Iterable[Row], removed: Iterable[str] = ()) -> list[Delta]:
        """Adds, corrects and removes rows of `lines`; returns what it changed. Rows are in the order of the table's columns.

        The same feed twice changes nothing the second time.
        """
        at = list(self.types).index("id")
        minus: list[Row] = []
        plus: list[Row] = []
        for row in new:
            old = self.rows.get(row[at])
            if old == row:
                continue
            if old is not None:
                minus.append(old)
            plus.append(row)
            self.rows[row[at]] = row
        minus += [self.rows.pop(key) for key in removed if key in self.rows]
        return self.change(minus, plus)

    def change(self, minus: list[Row], plus: list[Row]) -> list[Delta]:
        """Takes rows off and adds rows, for a caller that knows the old versions (rows in a file are not looked up)."""
        if not minus and not plus:
            return []
        if self._again is None or not all(self._is_in_calendar(row) for row in plus):
            before = self.earned
            self._calculate(is_fed=True)
            return deltas(before, self.earned)
        self._is_fed = self._is_corrected = True
        if minus:
            self._again.add_up(minus, taken_off=True)
        if plus:
            self._again.add_up(plus)
        return self._recalculated(self._again, self._touched(minus + plus))

    def _is_in_calendar(self, row: Row) -> bool:
        years = self.result.world.periods["year"]
        return bool(years[0].start <= row[list(self.types).index("date")] < years[-1].end)

    def _touched(self, rows: list[Row]) -> set[str]:
        """Owners of the rows, and everybody who stands above them."""
        at = list(self.types).index("partner_id")
        owners = {row[at] for row in rows if row[at] is not None}
        return owners.union(*(self._above.get(owner, ()) for owner in owners))

    def _recalculated(self, again: Recalculation, touched: set[str]) -> list[Delta]:
        """What the touched payees earn now, from their sums and the sums of those below them."""
        needed = touched.union(*(self._below.get(payee, ()) for payee in touched))
        rows = list(again.earnings(touched, needed))
        after = _by_key(rows)
        before = {key: self.earned.pop(key) for payee in touched for key in self._keys_of.pop(payee, ())}
        for key in after:
            self._keys_of[key[0]].add(key)
        self.earned.update(after)
        found = deltas(before, after)
        again.settle(0 if touched - self._payees else _first_settled(found, rows))
        self._payees |= touched
        return found

    def statements(self) -> list[dict[str, Any]]:
        """The statements as they are now: of everybody, or after a feed of the payees that it touched."""
        again = self._again if self._is_corrected else None
        return self.result.statement() if again is None else list(again.statements())


def earnings(result: Result) -> Earnings:
    """Payee, component and period → amount, zeros left out."""
    return _by_key((row["component"], row) for row in result.earned())


def _by_key(earned: Iterable[tuple[str, Mapping[str, Any]]]) -> Earnings:
    return {(row["_payee"], name, row["_period"]): row["amount"] for name, row in earned if row["amount"]}


def _first_settled(found: Iterable[Delta], rows: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
    """The first statement period in which anything is earned otherwise; one that never comes, if nothing is."""
    seqs = {(row["_payee"], name, row["_period"]): int(row["_settle_seq"]) for name, row in rows}
    return min((seqs.get((d.partner, d.component, d.period), 0) for d in found), default=sys.maxsize)


def _settle_seqs(result: Result) -> list[int]:
    """The numbers of the statement periods that the program has."""
    number = {p.id: i for i, p in enumerate(result.world.periods[result.program.plan.period])}
    return [number[name] for name in result.compiled_with["settle_ids"]]
