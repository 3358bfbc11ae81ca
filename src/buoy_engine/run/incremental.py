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

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.plan import reads
from buoy_engine.facts.tables import Facts, Row, Table
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Query, Stage
from buoy_engine.run.backend import Feedable
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.spec.model import Plan

Key = tuple[str, str, str]
Earnings = dict[Key, Decimal]
FEED = "lines"


@dataclass(frozen=True)
class Difference:
    """What a feed changed: one row per payee, component and period of the component."""

    payee: str
    component: str
    period: str
    before: Decimal
    after: Decimal

    @property
    def delta(self) -> Decimal:
        """What is to be posted."""
        return self.after - self.before


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
        self._calculate()

    # ------------------------------------------------------------ the whole

    def _calculate(self) -> None:
        self.facts.tables[FEED] = self._file or Table(FEED, self.types, list(self.rows.values()))
        backend = self._backend = self.make_backend()
        self.result = calculate(self.plan, self.facts, backend, summary=True)
        self.earned = earnings(self.result)
        program = self.result.program
        scans = {stage.name for stage in program.stages if stage.name in program.state}
        self.is_additive = bool(scans) and not self._reads_rows_elsewhere()
        if self.is_additive:
            self._texts = {stage.name: to_sql(stage, backend.dialect) for stage in program.stages}
            for name in program.state:
                self._copy(name, f"{name}_kept")

    def _reads_rows_elsewhere(self) -> bool:
        """Whether anything but the summing stages is made from rows of the feed."""
        program = self.result.program
        from_rows = {FEED}
        for stage in program.stages:
            if reads(stage) & from_rows and stage.name not in program.state and not stage.name.startswith("payees"):
                from_rows.add(stage.name)
        return any(stage.name in from_rows and stage.keep for stage in program.stages)

    def rebuild(self, facts: Facts) -> list[Difference]:
        """Calculates as a whole over other master data (the feed's rows stay)."""
        self.facts = Facts({**facts.tables})
        before = self.earned
        self._calculate()
        return differences(before, self.earned)

    # ------------------------------------------------------------ a feed

    def feed(self, new: Iterable[Row], removed: Iterable[str] = ()) -> list[Difference]:
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

    def change(self, minus: list[Row], plus: list[Row]) -> list[Difference]:
        """Takes rows off and adds rows, for a caller that knows the old versions (rows in a file are not looked up)."""
        if not minus and not plus:
            return []
        years = self.result.world.periods["year"]
        at = list(self.types).index("date")
        if not self.is_additive or not all(years[0].start <= row[at] < years[-1].end for row in plus):
            before = self.earned
            self._calculate()
            return differences(before, self.earned)
        for name in self.result.program.state:
            self._add_up(name, minus, plus)
        return self._recalculate(self._touched(minus + plus))

    def _add_up(self, name: str, minus: list[Row], plus: list[Row]) -> None:
        """Appends the sums of the rows taken off, negated, and of the rows added: who reads the state adds up."""
        types = self.result.program.types[name]
        for rows, sign in ((minus, -1), (plus, 1)):
            if rows:
                self._sum(name, rows, f"{name}_change")
                signed: dict[str, Expr] = {c: Col(t, c, "s") for c, t in types.items()}
                if sign < 0:
                    signed |= {c: ir.neg(Col(t, c, "s")) for c, t in types.items() if _is_sum(c)}
                self._run(Stage(f"{name}_signed", "", Query(signed, f"{name}_change", "s"), keep=False))
                self._backend.append(f"{name}_kept", f"{name}_signed")

    def _sum(self, name: str, rows: list[Row], into: str) -> None:
        """The summing stage over just these rows."""
        self.result.backend.register(Table(FEED, self.types, rows))
        stage = next(s for s in self.result.program.stages if s.name == name)
        self.result.backend.run(Stage(into, stage.grain, stage.query), self._texts[name])

    def _touched(self, rows: list[Row]) -> set[str]:
        """Owners of the rows, and everybody who stands above them on any day."""
        at = list(self.types).index("partner_id")
        owners = {row[at] for row in rows if row[at] is not None}
        return owners | {a for owner in owners for a in self._ancestors.get(owner, ())}

    @property
    def _ancestors(self) -> Mapping[str, set[str]]:
        if not hasattr(self, "_above"):
            self._above: dict[str, set[str]] = {}
            for row in self.result.backend.read("closure", ("descendant", "ancestor")):
                self._above.setdefault(row["descendant"], set()).add(row["ancestor"])
        return self._above

    def _recalculate(self, touched: set[str]) -> list[Difference]:
        """Everything after the sums, for the payees that changed and from the sums of those below them."""
        backend, program = self.result.backend, self.result.program
        needed = touched | {d for d, above in self._ancestors.items() if above & touched}
        backend.register(Table("touched", {"partner_id": TEXT}, [(p,) for p in sorted(touched)]))
        backend.register(Table("needed", {"partner_id": TEXT}, [(p,) for p in sorted(needed)]))
        for name in program.state:
            self._restrict(name)
        self._copy("touched", "payees")
        changed = {"payees", *program.state}
        for stage in program.stages:
            if stage.name in changed or not reads(stage) & changed:
                continue
            changed.add(stage.name)
            if stage.keep:
                backend.run(stage, self._texts[stage.name])
        after = earnings(self.result)
        before = {key: amount for key, amount in self.earned.items() if key[0] in touched}
        for key in before:
            del self.earned[key]
        self.earned.update(after)
        return differences(before, after)

    def _restrict(self, name: str) -> None:
        """The state's relation, added up for the payees that are needed."""
        types = self.result.program.types[name]
        on = ir.eq(Col(TEXT, "partner_id", "n"), Col(TEXT, "_payee", "s"))
        s: dict[str, Expr] = {c: Col(t, c, "s") for c, t in types.items()}
        columns = {c: Agg(e.type, "sum", e) if _is_sum(c) else e for c, e in s.items()}
        keys = tuple(e for c, e in s.items() if not _is_sum(c))
        self._run(
            Stage(name, "", Query(columns, f"{name}_kept", "s", (ir.Join("needed", "n", on, "inner"),), group_by=keys))
        )

    def _copy(self, source: str, target: str) -> None:
        types = self.result.program.types.get(source) or self.result.backend.describe(source)
        self._run(Stage(target, "", Query({c: Col(t, c, "s") for c, t in types.items()}, source, "s")))

    def _run(self, stage: Stage) -> None:
        self.result.backend.run(stage, to_sql(stage, self.result.backend.dialect))


def _is_sum(column: str) -> bool:
    return column.startswith("a") and column[1:].isdigit()


def earnings(result: Result) -> Earnings:
    """Payee, component and period → amount, zeros left out."""
    return {(r["_payee"], r["component"], r["_period"]): r["amount"] for r in result.earned() if r["amount"]}


def differences(before: Mapping[Key, Decimal], after: Mapping[Key, Decimal]) -> list[Difference]:
    """Old against new by a full outer join; rows that vanish are differences too."""
    zero = Decimal(0)
    keys = sorted(set(before) | set(after))
    return [
        Difference(*key, before.get(key, zero), after.get(key, zero))
        for key in keys
        if before.get(key, zero) != after.get(key, zero)
    ]
