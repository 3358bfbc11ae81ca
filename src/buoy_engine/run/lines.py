"""Why this line: what it earned in every component and how, or what it failed at and what it would have taken.

Steps for one component
    1. The line's rows in `<component>_rows`: one per payee, each with its reason or none.
    2. A row that counts: its part of the reward, by the way in which the component shares rewards among rows (along the
       scale, at a rate, or in proportion), then limits, then the cents shown.
    3. A row that does not: the condition by its name, its text, the values it was tried on, and the smallest change of
       the facts that makes every condition of the component hold (see `conditions`).

`proven` applies such a change to the facts and calculates again: a suggestion that does not flip the outcome is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from buoy_engine.compile.component import Made
from buoy_engine.compile.rows import LEFT_OUT
from buoy_engine.compile.sources import judged_relation
from buoy_engine.facts.tables import Facts
from buoy_engine.run import wording
from buoy_engine.run.arithmetic import HARDLY, ZERO
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import calculate
from buoy_engine.run.changes import CannotChange, Change, changed
from buoy_engine.run.conditions import Judge, Unknowable
from buoy_engine.run.explain import Explainer, NothingThere
from buoy_engine.run.failures import FailedRow, Failure, table_of, words_of
from buoy_engine.run.reading import Record, Relations, equals, in_order
from buoy_engine.run.scales import Step, entered, slice_of
from buoy_engine.spec.model import SETTING_DEFAULTS, Component


@dataclass(frozen=True)
class Entry:
    """A line in one component, for one payee."""

    component: str
    title: str
    payee: str
    period: str
    earned: Decimal
    steps: tuple[Step, ...]
    failure: Failure | None = None
    note: str | None = None


@dataclass(frozen=True)
class LineExplained:
    """A line in every component. `values`: the line as it stands in the facts."""

    id: str
    table: str
    values: Mapping[str, Any]
    entries: tuple[Entry, ...]


def explain_line(
    explainer: Explainer[Relations], facts: Facts, line: str, component: str | None = None
) -> LineExplained:
    """The line in all components that read its table, or in one. Raises `NothingThere`."""
    chosen = [explainer.component(component)] if component else list(explainer.plan.components)
    found = [(each, rows) for each in chosen if (rows := _rows_of(explainer, each, line))]
    if not found:
        raise NothingThere(f"found no line {line} in the facts; expected the id of a row that a component reads")
    first, _ = found[0]
    table = table_of(explainer.plan, first)
    raw = _raw(explainer, table, line)
    lines = [_Line(explainer, facts, each, raw, row) for each, rows in found for row in _once_per_payee(rows)]
    return LineExplained(line, table, raw, tuple(entry for each in lines for entry in each.entries()))


def _once_per_payee(rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Rows that do not count, and of those that do the first of each payee: its parts are told together."""
    told: set[Any] = set()
    for row in rows:
        if row["_fail"] is not None or row["_payee"] not in told:
            yield row
        if row["_fail"] is None:
            told.add(row["_payee"])


def _rows_of(explainer: Explainer[Relations], component: Component, line: str) -> list[dict[str, Any]]:
    made = explainer.relations.result.program.made[component.id]
    rows = explainer.relations.where(made.rows, "_id", line)
    return sorted(rows, key=lambda row: (row.get("_level") or 0, str(row["_payee"])))


def _raw(explainer: Explainer[Relations], table: str, line: str) -> dict[str, Any]:
    found = list(explainer.relations.result.backend.read(table, None, equals("id", line)))
    return found[0] if found else {}


@dataclass(frozen=True)
class _Line:
    """One row of one component."""

    explainer: Explainer[Relations]
    facts: Facts
    component: Component
    raw: Record
    row: Record

    @property
    def made(self) -> Made:
        return self.explainer.relations.result.program.made[self.component.id]

    @property
    def judged(self) -> FailedRow:
        plan, component = self.explainer.plan, self.component
        if self.row.get(LEFT_OUT) is None:
            return FailedRow(plan, self.facts, component, self.raw, self.row)
        source, row = self._left_out_by()
        return FailedRow(plan, self.facts, component, self.raw, {**self.row, **row}, source)

    def _left_out_by(self) -> tuple[str, Record]:
        """The source that leaves the line out, and the line as it was asked there."""
        source, sources = self.component.from_, self.explainer.plan.sources
        while source in sources:
            rows = self.explainer.relations.where(judged_relation(source), "_id", str(self.row["_id"]))
            if rows:
                return source, rows[0]
            source = sources[source].from_
        raise NothingThere(f"found no source of {self.component.id} with the line {self.row['_id']}; expected one")

    @property
    def period(self) -> str:
        return str(self.row[f"_{self.explainer.kind(self.component)}"])

    def entries(self) -> Iterable[Entry]:
        if self.row["_fail"] is not None:
            yield self._entry(ZERO, (), failure=self.judged.failure())
            return
        parts = self._trace()
        mine = [part for part in parts if part["_id"] == self.row["_id"]]
        if not mine:
            yield self._entry(ZERO, (), note="it counts, but the component shows nothing on it")
        for part in mine:
            yield self._counted(part, parts)

    def _entry(
        self, earned: Decimal, steps: Iterable[Step], *, failure: Failure | None = None, note: str | None = None
    ) -> Entry:
        title = self.component.title or self.component.id
        payee = str(self.row["_payee"])
        return Entry(self.component.id, title, payee, self.period, earned, tuple(steps), failure, note)

    def _trace(self) -> list[Record]:
        """The payee's parts in the span in which rewards run on, in business order."""
        rows = self.explainer.relations.of(self.made.trace, str(self.row["_payee"]))
        own = next((r for r in rows if r["_id"] == self.row["_id"]), None)
        if own is None:
            return []
        spans = {"quarter": "_quarter_id", "half_year": "_half_year_id", "year": "_year_id", "plan": None}
        column = spans[self.component.accumulate] if self.component.accumulate else "_period"
        keys = [k for k in self.explainer.keys(self.component) if k in own]
        same = [r for r in rows if (column is None or r[column] == own[column]) and all(r[k] == own[k] for k in keys)]
        return in_order(same)

    # ------------------------------------------------------------ a row that counts

    def _counted(self, part: Record, parts: list[Record]) -> Entry:
        cell = self._cell(part)
        reason = part.get("_reason")
        if reason is not None and self.component.otherwise is None:
            return self._entry(part["cents"] or ZERO, (), note=self._withheld(str(reason)))
        exact = part["exact"] or ZERO
        if part["base"] is None:
            sale = self.row.get("returns")
            return self._entry(part["cents"] or ZERO, (Step(f"takes back, in proportion, what {sale} earned", exact),))
        steps = list(self._steps(part, parts, cell)) if cell is not None else []
        steps = self._to_the_end(steps, part, exact)
        if self.component.lines == "largest_remainder":
            steps.append(Step("the rounded total shared among the lines by largest remainder", part["cents"]))
        return self._entry(part["cents"] or ZERO, steps, note=self._zero_note(part, cell))

    def _to_the_end(self, steps: list[Step], part: Record, exact: Decimal) -> list[Step]:
        """The steps with what happened between them and the exact part: rounding, limits."""
        if steps and abs(steps[-1].value - exact) <= HARDLY:
            return steps
        if steps and self.component.round.stage == "row" and abs(steps[-1].value - exact) < 1:
            return [*steps, Step("rounded row by row", exact)]
        if steps and self.component.tiers is not None and self.component.tiers.round_bands is not None:
            return [*steps, Step(f"each band rounded to {self.component.tiers.round_bands} decimals", exact)]
        if steps and self.component.limits:
            words = " ".join(wording.limit_of(self.explainer.plan, limit) for limit in self.component.limits)
            return [*steps, Step(f"{words} That leaves", exact)]
        whole = f"the {self.component.accumulate} has earned so far" if self.component.accumulate else "was earned"
        return [Step(f"its share of what {whole}, by {wording.amount(part['base'])}", exact)]

    def _withheld(self, reason: str) -> str:
        if reason == "undefined":
            return "it counts, but the measure has no value: its target or baseline is missing or not above zero"
        node = self.component.when.get(reason)
        says = f": {wording.text_of(node)} does not hold" if node is not None else ""
        return f"it counts, but the period's gate {reason} fails{says}"

    def _zero_note(self, part: Record, cell: Record | None) -> str | None:
        """Of a line that counts in part, why; of one that earns nothing because of its band, what is missing to the next."""
        if self.row.get("_note") is not None:
            return f"{self.row['_note']}: earlier lines have used up a part of what may be taken"
        if part["exact"] or cell is None or self.component.tiers is None:
            return None
        following = self.explainer.cell(self.component, cell, str(self.row["_payee"])).next_band
        if following is None or following.missing <= 0:
            return None
        more = f"{wording.plain_number(following.missing)} more of {following.of}"
        return f"{more} reaches band {following.band}: {following.pays}"

    def _cell(self, part: Record) -> Record | None:
        rows = self.explainer.relations.of(self.made.reward, str(self.row["_payee"]))
        keys = ["_id"] if self.component.per == "row" else list(self.explainer.keys(self.component))
        same = (r for r in rows if r["_period"] == part["_period"])
        return next((r for r in same if all(r.get(k) == self.row.get(k) for k in keys)), None)

    def _steps(self, part: Record, parts: list[Record], cell: Record) -> Iterable[Step]:
        component = self.component
        if component.per == "row":
            yield from self.explainer.cell(component, cell, str(self.row["_payee"])).steps
        elif component.otherwise is not None or (component.tiers is not None and component.tiers.versions):
            return
        elif component.tiers is not None and component.tiers.mode == "marginal":
            if self.explainer.plan.setting("order", component) == SETTING_DEFAULTS["order"]:
                yield from self._along(part, parts, cell)
        elif component.tag == "rate":
            yield from self._at_rate(part, cell)
        elif component.tiers is not None and component.tiers.mode == "retroactive" and not component.accumulate:
            rate = part.get("_rate_used")
            if rate is not None and all(band.amount is None for band in component.tiers.bands):
                value = part["base"] * rate
                what = f"{wording.amount(part['base'])} × {wording.percent(rate)} (band {part['_tier']})"
                yield Step(what, value)
                yield from self._times(part, value)

    def _along(self, part: Record, parts: list[Record], cell: Record) -> Iterable[Step]:
        """P(after) − P(before): the slices of the scale that the line fills."""
        before = ZERO
        for other in parts:
            if other is part:
                break
            before += other["base"] or ZERO
        after = before + part["base"]
        yield Step(f"brings the running total from {wording.amount(before)} to {wording.amount(after)}", after)
        total = ZERO
        for band in self.explainer.arithmetic.bands(self.component, self.component, cell, "f"):
            width = slice_of(band, after) - slice_of(band, before)
            if width and band.rate is not None:
                total += width * band.rate
                what = f"{wording.amount(width)} in band {band.number} × {wording.percent(band.rate)}"
                yield Step(what, width * band.rate)
            if band.amount and entered(band, after) and not entered(band, before):
                total += band.amount
                yield Step(f"enters band {band.number}", band.amount)
        yield Step("together", total)
        yield from self._times(part, total)

    def _at_rate(self, part: Record, cell: Record) -> Iterable[Step]:
        if "_rated" not in cell:
            rate = part.get("_rate_used")
            if rate is None:
                return
            yield Step(f"{wording.amount(part['base'])} × {wording.percent(rate)}", part["base"] * rate)
            yield from self._times(part, part["base"] * rate)
            return
        try:
            judge = Judge(self.explainer.plan, words_of(self.row))
            rate = self.row["_rate"] if "_rate" in self.row else judge.value(self.component.rate)
            base = judge.value(wording.base_of(self.component))
        except Unknowable:
            return
        if isinstance(rate, Decimal) and isinstance(base, Decimal):
            yield Step(f"{wording.amount(base)} × {wording.percent(rate)}", base * rate)
            yield from self._times(part, base * rate)

    def _times(self, part: Record, value: Decimal) -> Iterable[Step]:
        if self.component.multiply is not None:
            factor = part["_factor"]
            yield Step(f"times {wording.plain_number(factor)}", value * factor)


# ---------------------------------------------------------------- proof


def proven(
    explained: LineExplained, explainer: Explainer[Relations], facts: Facts, backend: Callable[[], Backend]
) -> LineExplained:
    """The same explanation with only those suggestions that a new calculation confirms."""

    def kept(entry: Entry) -> Entry:
        failure = entry.failure
        if failure is None or failure.change is None:
            return entry
        if flips(explainer, facts, explained.id, entry, failure.change, backend):
            return entry
        return replace(entry, failure=replace(failure, change=None))

    return replace(explained, entries=tuple(map(kept, explained.entries)))


def flips(
    explainer: Explainer[Relations],
    facts: Facts,
    line: str,
    entry: Entry,
    change: Iterable[Change],
    backend: Callable[[], Backend],
) -> bool:
    """Whether the line counts for the payee once the facts are changed."""
    try:
        result = calculate(explainer.plan, changed(facts, change), made := backend())
    except CannotChange:
        return False
    try:
        relation = result.program.made[entry.component].rows
        rows = made.read(relation, ("_payee", "_fail"), equals("_id", line))
        return any(row["_fail"] is None and row["_payee"] == entry.payee for row in rows)
    finally:
        made.close()
