"""Why a row does not count: the condition by its name, what it was tried on, and the smallest change that would have paid.

A component tries its conditions in a fixed order and names the first that fails. The suggested change is for all of them:
a line with the right product on the wrong day would gain nothing from the right day alone. See `conditions` for how the
change is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from buoy_engine.facts.tables import Facts
from buoy_engine.kernel.ir import Kind
from buoy_engine.run import wording
from buoy_engine.run.changes import Change
from buoy_engine.run.conditions import Judge, Move, Nearest, Unknowable
from buoy_engine.run.reading import Record
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Plan

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
    "nobody_above": "nobody stands above the owner at this level",
    "no_partner": "there is nobody to credit",
    "no_original": "nobody earned on the line that it returns",
    "undefined": "the target or baseline it is measured by is missing or not above zero",
    "outbid": "another component is worth more here",
}


@dataclass(frozen=True)
class Failure:
    """Why a line does not count. `change`: the smallest change that would have paid, where one is known."""

    reason: str
    says: str
    condition: str | None
    values: Mapping[str, Any]
    change: tuple[Change, ...] | None


def table_of(plan: Plan, component: Component) -> str:
    """The fact table behind a component, through its sources."""
    table = component.from_
    while table in plan.sources:
        table = plan.sources[table].from_
    return table


def words_of(row: Record) -> dict[str, Any]:
    """A row of `<component>_rows` by the words of the plan."""
    found = {name: value for name, value in row.items() if not name.startswith("_")}
    found |= {word: row[column] for word, column in _SYSTEM.items() if column in row}
    found |= {"partner.id": row["_owner"], "payee.id": row["_payee"]}
    return {**found, "is_return": row.get("returns") is not None}


@dataclass(frozen=True)
class FailedRow:
    """A row of a component that does not count. `raw`: the line as it stands in the facts; `row`: as it was judged.

    `source`: the source that leaves it out, where one does.
    """

    plan: Plan
    facts: Facts
    component: Component
    raw: Record
    row: Record
    source: str | None = None

    def _conditions(self) -> dict[str, list[ast.Node]]:
        """Reason → everything that must hold on the row, in the order in which it is tried."""
        plan, component = self.plan, self.component
        if self.source is not None:
            return {reason: [node] for reason, node in plan.sources[self.source].where.items()}
        found: dict[str, list[ast.Node]] = {"outside_dates": [], "not_eligible": [], "outside_plan": []}
        for reason, dates in (("outside_dates", component.dates), ("outside_plan", plan.valid)):
            if dates is not None and dates.from_:
                found[reason].append(ast.Binary(">=", DATE, ast.Day(dates.from_)))
            if dates is not None and dates.to:
                found[reason].append(ast.Binary("<=", DATE, ast.Day(dates.to)))
        found["not_eligible"] = [node for node in (plan.who, component.who) if node is not None]
        gates = component.when if component.per == "row" and component.otherwise is None else {}
        return found | {reason: [node] for reason, node in (*component.where.items(), *gates.items())}

    def failure(self) -> Failure:
        """The reason, the condition with its values, and what it would have taken."""
        reason = str(self.row["_fail"])
        conditions = self._conditions()
        nodes = conditions.get(reason, [])
        judge = Judge(self.plan, words_of(self.row))
        failed = [node for node in nodes if not _holds(judge, node)]
        text = " and ".join(wording.text_of(node) for node in failed) or None
        whose = "component" if self.source is None else f"source {self.source}"
        says = _KNOWN_REASONS.get(reason, f"a condition of the {whose} does not hold")
        change = self._change(judge, conditions) if reason in conditions and not self._follows_its_sale() else None
        return Failure(reason, says, text, self._values(judge, failed), change)

    def _follows_its_sale(self) -> bool:
        """Whether the row is a return that counts as its sale does, whatever it says itself."""
        return self.row.get("returns") is not None and self.plan.setting("returns", self.component) == "original"

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
        own = self.facts.tables.get(table_of(self.plan, self.component))
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
        table = table_of(self.plan, self.component)
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
