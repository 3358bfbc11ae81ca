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
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from buoy_engine.compile.component import Made
from buoy_engine.facts.tables import Facts
from buoy_engine.kernel.ir import Kind
from buoy_engine.run import wording
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import calculate
from buoy_engine.run.changes import CannotChange, Change, changed
from buoy_engine.run.conditions import Judge, Move, Nearest, Unknowable
from buoy_engine.run.explain import ZERO, Explainer, NothingThere
from buoy_engine.run.reading import Record, equals, in_order
from buoy_engine.run.scales import Step, slice_of
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component

DATE = ast.Name(("date",))
_ATTRIBUTES = {
    "partner": ("partners", "_owner"),
    "payee": ("partners", "_payee"),
    "product": ("products", "product_id"),
    "customer": ("customers", "customer_id"),
    "deal": ("deals", "deal_id"),
}
"""Head of a dotted word → the table it looks into and the row's column that names its row."""
_SYSTEM = {word: f"_{word}" for word in ("date", "level", "role", "share", "row_no", "earned")}
_KEYS = {"partners": "partner_id", "products": "product_id", "customers": "customer_id", "deals": "deal_id"}
_KNOWN_REASONS = {
    "outside_dates": "the component counts other dates",
    "outside_plan": "the plan counts other dates",
    "not_eligible": "the component is not for this partner",
    "no_rate": "there is no exchange rate on or before the line's date",
    "no_date": "the line has no date",
    "duplicate": "an earlier line with the same key counts already",
    "conflict": "an earlier line of another partner with the same key counts already",
    "limit_reached": "earlier lines have used up what may be taken",
    "credited_already": "the partner is credited with this line at a lower level",
    "too_far_up": "the partner stands too far above the owner",
    "inactive": "the partner was not active",
}


@dataclass(frozen=True)
class Failure:
    """Why a line does not count. `change`: the smallest change that would have paid, where one is known."""

    reason: str
    says: str
    condition: str | None
    values: Mapping[str, Any]
    change: tuple[Change, ...] | None


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


def explain_line(explainer: Explainer, facts: Facts, line: str, component: str | None = None) -> LineExplained:
    """The line in all components that read its table, or in one. Raises `NothingThere`."""
    chosen = [explainer.component(component)] if component else list(explainer.plan.components)
    found = [(each, rows) for each in chosen if (rows := _rows_of(explainer, each, line))]
    if not found:
        raise NothingThere(f"found no line {line} in the facts; expected the id of a row that a component reads")
    first, _ = found[0]
    table = _table(explainer, first)
    raw = _raw(explainer, table, line)
    lines = [_Line(explainer, facts, each, raw, row) for each, rows in found for row in rows]
    return LineExplained(line, table, raw, tuple(entry for each in lines for entry in each.entries()))


def _rows_of(explainer: Explainer, component: Component, line: str) -> list[dict[str, Any]]:
    made = explainer.result.program.made[component.id]
    rows = explainer.relations.where(made.rows, "_id", line)
    return sorted(rows, key=lambda row: (row.get("_level") or 0, str(row["_payee"])))


def _table(explainer: Explainer, component: Component) -> str:
    """The fact table behind a component, through its sources."""
    table = component.from_
    while table in explainer.plan.sources:
        table = explainer.plan.sources[table].from_
    return table


def _raw(explainer: Explainer, table: str, line: str) -> dict[str, Any]:
    found = list(explainer.result.backend.read(table, None, equals("id", line)))
    return found[0] if found else {}


@dataclass(frozen=True)
class _Line:
    """One row of one component."""

    explainer: Explainer
    facts: Facts
    component: Component
    raw: Record
    row: Record

    @property
    def made(self) -> Made:
        return self.explainer.result.program.made[self.component.id]

    @property
    def period(self) -> str:
        return str(self.row[f"_{self.explainer.kind(self.component)}"])

    def entries(self) -> Iterable[Entry]:
        if self.row["_fail"] is not None:
            yield self._entry(ZERO, (), failure=self._failure(str(self.row["_fail"])))
            return
        parts = self._trace()
        mine = [part for part in parts if part["_id"] == self.row["_id"]]
        if not mine:
            yield self._entry(ZERO, (), note=self._no_trace())
        for part in mine:
            yield self._counted(part, parts)

    def _entry(
        self, earned: Decimal, steps: Iterable[Step], *, failure: Failure | None = None, note: str | None = None
    ) -> Entry:
        title = self.component.title or self.component.id
        payee = str(self.row["_payee"])
        return Entry(self.component.id, title, payee, self.period, earned, tuple(steps), failure, note)

    def _no_trace(self) -> str:
        if not self.explainer.is_live(self.component, self.period):
            return "its period lies outside the plan: it may serve as a baseline, but earns nothing"
        return "it counts, but the component shows nothing on it"

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
            return self._entry(part["cents"], (), note=self._withheld(str(reason)))
        steps = list(self._steps(part, parts, cell)) if cell is not None else []
        reached = steps[-1].value if steps else part["exact"]
        if steps and abs(reached - part["exact"]) > Decimal("0.000001"):
            steps.append(Step(self._what_remains(reached, part["exact"]), part["exact"]))
        if not steps:
            so_far = f"the {self.component.accumulate} has earned so far" if self.component.accumulate else "was earned"
            steps.append(Step(f"its share of what {so_far}", part["exact"]))
        return self._entry(part["cents"], steps, note=self._zero_note(part, cell))

    def _what_remains(self, before: Decimal, after: Decimal) -> str:
        words = "; ".join(wording.limit_of(self.explainer.plan, limit) for limit in self.component.limits)
        if self.component.limits:
            return f"limits leave {wording.amount(after)} of {wording.amount(before)} ({words})"
        if any(self.component.id in (*best.best_of, best.otherwise) for best in self.explainer.plan.combine):
            return "another component is worth more on this line"
        return "calculated"

    def _withheld(self, reason: str) -> str:
        if reason == "undefined":
            return "it counts, but the measure has no value: its target or baseline is missing or not above zero"
        node = self.component.when.get(reason)
        says = f": {wording.text_of(node)} does not hold" if node is not None else ""
        return f"it counts, but the period's gate {reason} fails{says}"

    def _zero_note(self, part: Record, cell: Record | None) -> str | None:
        """For a line that counts and earns nothing because of its band: what is missing to the next."""
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
        elif component.otherwise is not None:
            return
        elif component.tiers is not None and component.tiers.mode == "marginal" and not component.tiers.versions:
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
            before += other["base"]
        after = before + part["base"]
        yield Step(f"brings the running total from {wording.amount(before)} to {wording.amount(after)}", after)
        total = ZERO
        for band in self.explainer.bands(self.component, self.component, cell, "f"):
            width = slice_of(band, after) - slice_of(band, before)
            if width and band.rate is not None:
                total += width * band.rate
                what = f"{wording.amount(width)} in band {band.number} × {wording.percent(band.rate)}"
                yield Step(what, width * band.rate)
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
            judge = Judge(self.explainer.plan, self._words())
            rate, base = (judge.value(node) for node in (self.component.rate, wording.base_of(self.component)))
        except Unknowable:
            return
        if isinstance(rate, Decimal) and isinstance(base, Decimal):
            yield Step(f"{wording.amount(base)} × {wording.percent(rate)}", base * rate)
            yield from self._times(part, base * rate)

    def _times(self, part: Record, value: Decimal) -> Iterable[Step]:
        if self.component.multiply is not None:
            factor = part["_factor"]
            yield Step(f"times {wording.plain_number(factor)}", value * factor)

    # ------------------------------------------------------------ a row that does not count

    def _words(self) -> dict[str, Any]:
        """The row by the words of the plan."""
        found = {name: value for name, value in self.row.items() if not name.startswith("_")}
        found |= {word: self.row[column] for word, column in _SYSTEM.items() if column in self.row}
        found |= {"partner.id": self.row["_owner"], "payee.id": self.row["_payee"]}
        return {**found, "is_return": self.row.get("returns") is not None}

    def _conditions(self) -> dict[str, list[ast.Node]]:
        """Reason → everything that must hold on the row, in the order in which it is tried."""
        plan, component = self.explainer.plan, self.component
        found: dict[str, list[ast.Node]] = {"outside_dates": [], "not_eligible": [], "outside_plan": []}
        for reason, dates in (("outside_dates", component.dates), ("outside_plan", plan.valid)):
            if dates is not None and dates.from_:
                found[reason].append(ast.Binary(">=", DATE, ast.Day(dates.from_)))
            if dates is not None and dates.to:
                found[reason].append(ast.Binary("<=", DATE, ast.Day(dates.to)))
        found["not_eligible"] = [node for node in (plan.who, component.who) if node is not None]
        return found | {reason: [node] for reason, node in component.where.items()}

    def _failure(self, reason: str) -> Failure:
        conditions = self._conditions()
        nodes = conditions.get(reason, [])
        judge = Judge(self.explainer.plan, self._words())
        failed = [node for node in nodes if not _holds(judge, node)]
        text = " and ".join(wording.text_of(node) for node in failed) or None
        says = _KNOWN_REASONS.get(reason, "a condition of the component does not hold")
        change = self._change(judge, conditions) if reason in conditions else None
        return Failure(reason, says, text, self._values(judge, failed), change)

    def _values(self, judge: Judge, nodes: Iterable[ast.Node]) -> dict[str, Any]:
        """The words of the failed conditions, with what they were on this row."""
        found = {}
        for node in nodes:
            for part in ast.walk(node):
                if isinstance(part, ast.Name):
                    with suppress(Unknowable):
                        found[str(part)] = judge.value(part)
        return found

    def _change(self, judge: Judge, conditions: Mapping[str, list[ast.Node]]) -> tuple[Change, ...] | None:
        nodes = [node for group in conditions.values() for node in group]
        moves = Nearest(judge, self._scales()).change(nodes)
        if not moves:
            return None
        made = [self._of_move(move) for move in moves]
        return None if None in made else tuple(change for change in made if change is not None)

    def _scales(self) -> dict[str, int]:
        """Word → decimals of its column in the facts."""
        found = {}
        for table in self.facts.tables.values():
            head = next((h for h, (t, _) in _ATTRIBUTES.items() if t == table.name), None)
            for column, kind in table.types.items():
                if kind.kind is Kind.NUMBER:
                    found[column if head is None else f"{head}.{column}"] = kind.scale
        own = self.facts.tables.get(_table(self.explainer, self.component))
        return found | {c: k.scale for c, k in (own.types if own else {}).items() if k.kind is Kind.NUMBER}

    def _of_move(self, move: Move) -> Change | None:
        """The change of the facts behind a word of the row."""
        head, _, attribute = move.word.partition(".")
        if attribute:
            if head not in _ATTRIBUTES:
                return None
            table, column = _ATTRIBUTES[head]
            key = self.row.get(column)
            return Change(table, {_KEYS[table]: key}, attribute, move.found, move.needed, self.row["_date"])
        if move.word not in self.raw:
            return None
        found, needed = self.raw[move.word], move.needed
        if isinstance(found, Decimal) and found != move.found and move.found:
            needed = self._in_own_currency(found, move)
        table = _table(self.explainer, self.component)
        return Change(table, {"id": self.row["_id"]}, move.word, found, needed)

    def _in_own_currency(self, found: Decimal, move: Move) -> Decimal:
        """An amount that was converted, in the line's own currency: rounded so that it still suffices."""
        step = Decimal(1).scaleb(-self._scales().get(move.word, 2))
        exact: Decimal = move.needed * found / move.found
        mode = ROUND_CEILING if move.needed > move.found else ROUND_FLOOR
        return Decimal((exact / step).to_integral_value(rounding=mode) * step)


def _holds(judge: Judge, node: ast.Node) -> bool:
    try:
        return judge.holds(node)
    except Unknowable:
        return False


# ---------------------------------------------------------------- proof


def proven(
    explained: LineExplained, explainer: Explainer, facts: Facts, backend: Callable[[], Backend]
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
    explainer: Explainer,
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


def suggestion(change: Change) -> str:
    """A change in words."""
    found, needed = (_shown(value) for value in (change.found, change.needed))
    if change.table in _KEYS:
        name = next(iter(change.key.values()))
        return f"if {change.column} of {change.table[:-1]} {name} were {needed} instead of {found}"
    gap = ""
    if isinstance(change.found, Decimal) and isinstance(change.needed, Decimal):
        more = change.needed - change.found
        gap = f" ({wording.plain_number(abs(more))} {'more' if more > 0 else 'less'})"
    return f"if {change.column} were {needed} instead of {found}{gap}"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return wording.plain_number(value)
    if value is None:
        return "nothing"
    return value.isoformat() if isinstance(value, date) else str(value)
