"""`instalments`: when an entry is due.

An entry without a schedule is due when it is posted, and so is an amount by hand. With `payout` it is cut into differences
of its rounded cumulative share: 50.00 in three are 16.67, 16.66 and 16.67, and of −50.00 the same with their signs turned.
The months of a part are counted from the start of the entry's own period; a part whose time is past when the entry is
posted is due at once. Parts that wait for a date of the row are cut from the row's cents, in the trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from buoy_engine.compile.scope import Misuse, show
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import BOOL, DATE, Expr, Join, Query
from buoy_engine.spec.constants import constant
from buoy_engine.spec.model import Component, Instalment, Plan


def cut_into_instalments(s: Settlement) -> None:
    """Appends `instalments`: one row per entry and part."""
    scheduled = [component for component in s.plan.components if component.payout]
    parts = [_Cut(s, component, part) for component in scheduled for part in _parts(s.plan, component)]
    queries = [_at_once(s, scheduled), *(cut.query() for cut in parts)]
    s.builder.stage("instalments", "one row per entry and part", ir.union(*queries), keep=bool(scheduled))


def _at_once(s: Settlement, scheduled: list[Component]) -> Query:
    """Entries that no schedule is for."""
    n = s.builder.columns("entries", "n", "_payee", "component", "posted_seq", "is_by_hand", "amount")
    where: Expr | None = None
    if scheduled:
        is_scheduled = ir.Op(BOOL, "in", (n["component"], *(ir.lit(component.id) for component in scheduled)))
        where = ir.either(n["is_by_hand"], ir.is_not(is_scheduled))
    return Query(_columns(n, n["posted_seq"], n["amount"]), "entries", "n", where=where)


def _columns(n: Mapping[str, Expr], due_seq: Expr, amount: Expr) -> dict[str, Expr]:
    return {"_payee": n["_payee"], "posted_seq": n["posted_seq"], "due_seq": due_seq, "amount": amount}


@dataclass(frozen=True)
class _Part:
    """One part of a schedule: due some months after its beginning (or the date in a column), from one share to the next."""

    months: int
    on: str | None
    before: Fraction
    upto: Fraction


def _parts(plan: Plan, component: Component) -> Iterator[_Part]:
    before = Fraction(0)
    for instalment in component.payout:
        share = _share(plan, instalment) / instalment.parts
        for at in range(instalment.parts):
            yield _Part(instalment.after + at, instalment.on, before, before + share)
            before += share


def _share(plan: Plan, instalment: Instalment) -> Fraction:
    share = constant(plan, instalment.share)
    if share is None:
        found = f"{show(instalment.share)} as the share of a payout"
        raise Misuse(found, "a share that is known beforehand, such as 70%", "write the share as a percent")
    return share


@dataclass(frozen=True)
class _Cut:
    """A part of one component's entries."""

    s: Settlement
    component: Component
    part: _Part

    def query(self) -> Query:
        """One row per entry, or per row of the trace for a part that waits for the row's date."""
        return self._of_entries() if self.part.on is None else self._of_rows(self.part.on)

    def _of_entries(self) -> Query:
        s = self.s
        n = s.builder.columns("entries", "n", "_payee", "component", "period", "posted_seq", "is_by_hand", "amount")
        mine = ir.every(ir.eq(n["component"], ir.lit(self.component.id)), ir.is_not(n["is_by_hand"]))
        due_seq: Expr = n["posted_seq"]
        joins: tuple[Join, ...] = ()
        if self.part.months:
            due_seq, due = self._due(s.builder.col("periods", "start_date", "own"), due_seq)
            joins = (s.period(n["period"], "own"), *due)
        keys = (n["_payee"], n["period"], n["posted_seq"], due_seq)
        amount = self._amount(ir.total(n["amount"]))
        return Query(_columns(n, due_seq, amount), "entries", "n", joins, mine, keys)

    def _of_rows(self, column: str) -> Query:
        s, trace = self.s, self.s.made[self.component.id].trace
        if not s.builder.has(trace, column):
            s.builder.col(self.component.from_, column, "t")
        t = s.builder.columns(trace, "t", "_payee", "_settle_seq", "cents", column)
        due_seq, due = self._due(t[column], t["_settle_seq"])
        n = {"_payee": t["_payee"], "posted_seq": t["_settle_seq"]}
        return Query(_columns(n, due_seq, self._amount(t["cents"])), trace, "t", due)

    def _due(self, day: Expr, posted_seq: Expr) -> tuple[Expr, tuple[Join, ...]]:
        """The number of the period that holds the day so many months later, but not before the posting."""
        later = ir.Op(DATE, "add_months", (day, ir.lit(self.part.months))) if self.part.months else day
        seq = self.s.builder.col("periods", "seq", "due")
        return ir.greatest(posted_seq, seq), self.s.holding(later, "due")

    def _amount(self, amount: Expr) -> Expr:
        digits = self.s.digits if self.component.round.stage != "none" else ir.STORE_SCALE
        before = self.s.share(amount, self.part.before, digits) if self.part.before else ir.ZERO
        return ir.sub(self.s.share(amount, self.part.upto, digits), before)
