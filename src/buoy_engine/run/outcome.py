"""What a run found, asked the way a person asks: what did P1 earn, what does this line show, why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from buoy_engine.kernel.amounts import round_to
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.calculate import Result
from buoy_engine.spec.model import Component

CELL_KEYS = {
    "measure": "_m",
    "base": "_b",
    "rate": "_rate_used",
    "tier": "_tier",
    "multiplier": "_factor",
    "reason": "_reason",
    "earned": "_value",
}


@dataclass
class Outcome:
    """A result with its indexes.

    open_period   the period a step closes
    others        of a plan with a statement for each currency of the rows: what those in another than the plan's became
    """

    result: Result
    row_counts: Mapping[str, int]
    problems: list[Problem]
    before: Outcome | None = None
    open_period: str | None = None
    others: list[Outcome] = field(default_factory=list)

    def statement_count(self) -> int:
        """How many statements there are: payees and statement periods with a row or an amount, one per currency."""
        found = {(r["_payee"], r["_settle"]) for r in self.result.trace()}
        found |= {(r["_payee"], r["posted_in"]) for r in self.result.entries() if r["amount"]}
        return len(found) + sum(other.statement_count() for other in self.others)

    @cached_property
    def _earned(self) -> list[dict[str, Any]]:
        rows = self.result.earned()
        for entry in self.result.read("adjustments") if "adjustments" in self._tables else ():
            rows.append(
                {
                    "component": entry.get("component") or "adjustment",
                    "_payee": entry["partner_id"],
                    "_period": self.period_of(entry["date"])["period"],
                    "amount": entry["amount"],
                }
            )
        return rows

    @property
    def _tables(self) -> set[str]:
        return set(self.row_counts)

    def earned(self, path: tuple[str, ...]) -> Decimal:
        """The sum at partner / component / period; `total` stands for all partners."""
        names = ("_payee", "component", "_period")
        wanted = [(n, p) for n, p in zip(names, path, strict=False) if p != "total"]
        paid = {name for name, made in self.result.program.made.items() if made.pays} | {"adjustment"}
        if len(path) == 2 and not any(r["component"] == path[1] for r in self._earned) and self._is_period(path[1]):
            wanted = [(n, p) for n, p in (("_payee", path[0]), ("_period", path[1])) if p != "total"]
        self._known(path)
        named = any(n == "component" for n, _ in wanted)
        rows = [r for r in self._earned if all(r[n] == p for n, p in wanted) and (named or r["component"] in paid)]
        return sum((r["amount"] for r in rows), Decimal(0))

    def _known(self, path: tuple[str, ...]) -> None:
        components = set(self.result.program.made) | {"adjustment"}
        if len(path) > 1 and path[1] not in components and path[1] != "total" and not self._is_period(path[1]):
            raise LookupError(f"no component {path[1]!r}; there are {', '.join(sorted(components))}")

    def _is_period(self, text: str) -> bool:
        return any(p.id == text for periods in self.result.world.periods.values() for p in periods)

    @cached_property
    def _lines(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in (row for each in (self, *self.others) for row in each.result.trace()):
            found[str(row["_id"])].append(row)
        return found

    def line(self, path: tuple[str, ...]) -> Decimal:
        """The cents shown on a row, over all or one component, over all or one payee."""
        rows = self._lines.get(path[0], [])
        if len(path) > 1:
            rows = [r for r in rows if r["component"] == path[1] or (len(path) == 2 and r["_payee"] == path[1])]
        if len(path) > 2:
            rows = [r for r in rows if r["_payee"] == path[2]]
        return sum((r["cents"] for r in rows), Decimal(0))

    def cell(self, path: tuple[str, ...]) -> Any:
        """partner / component / (period /) (group key /) what."""
        partner, component, *between, what = path
        made = self.result.program.made.get(component)
        if made is None:
            raise LookupError(f"no component {component!r}")
        rows = [r for r in self.result.backend.read(made.reward) if r["_payee"] == partner and r.get("_live", True)]
        for step in between:
            rows = [r for r in rows if r["_period"] == step] or [
                r for r in rows if any(str(v) == step for v in r.values())
            ]
        if what not in CELL_KEYS and what != "bands":
            raise LookupError(f"no {what!r}; there are {', '.join(CELL_KEYS)}")
        if what == "bands":
            rows = [r for r in rows if r["_value"] != 0] or rows
            return [
                r[c]
                for r in rows[:1]
                for c in sorted((c for c in r if c.startswith("_band")), key=lambda c: int(c[5:]))
            ]
        values = [r[CELL_KEYS[what]] for r in rows]
        if what == "earned":
            return (
                self.earned((partner, component, *[s for s in between if self._is_period(s)]))
                if not [s for s in between if not self._is_period(s)]
                else sum(values, Decimal(0))
            )
        distinct = list(dict.fromkeys(values))
        if len(distinct) > 1:
            distinct = [v for v in distinct if v not in (None, 0)] or distinct
        if not distinct:
            raise LookupError("no such cell")
        return distinct[0]

    def measure(self, path: tuple[str, ...]) -> Any:
        """partner / measure / (period)."""
        partner, name, *rest = path
        plan = self.result.program.plan
        if name not in plan.measures:
            raise LookupError(f"no measure {name!r}; there are {', '.join(plan.measures)}")
        rows = [
            r
            for r in self.result.backend.read(f"measure_{name}")
            if r["_payee"] == partner and (not rest or r["_period"] == rest[0])
        ]
        if not rest:
            rows = [r for r in rows if r["_live"]]
        values = [r["value"] for r in rows]
        if not values:
            raise LookupError("no such period")
        if len(set(values)) > 1:
            values = [v for v in values if v not in (None, 0)] or values
        value = values[0]
        if value is not None and plan.measures[name].show == "percent":
            return round_to(value, 2)
        return value

    def statement(self, path: tuple[str, ...]) -> Any:
        """partner / (period /) field."""
        partner, *between, what = path
        rows = [r for r in self._statement if r["_payee"] == partner]
        if between:
            rows = [r for r in rows if r["period"] == between[0]]
        elif self.open_period:
            rows = [r for r in rows if r["period"] == self.open_period]
        if not rows:
            raise LookupError("no such statement")
        if what not in rows[0]:
            raise LookupError(f"no {what!r}")
        what = "paid_amount" if what == "payable" else what
        if between or self.open_period or what == "currency":
            return rows[0][what]
        if what in ("draw_debt", "carried_forward"):
            return rows[-1][what]
        return sum((r[what] for r in rows), Decimal(0))

    @cached_property
    def _statement(self) -> list[dict[str, Any]]:
        return sorted(self.result.statement(), key=lambda r: r["seq"])

    def adjustment(self, path: tuple[str, ...]) -> Decimal:
        """partner / period it belongs to / (component): the difference that is posted now; `total` stands for all partners."""
        partner, *rest = path
        opened = self.result.opened
        rows = [r for r in self.result.entries() if r["posted_in"] == opened and r["period"] != opened]
        if partner != "total":
            rows = [r for r in rows if r["_payee"] == partner]
        for step in rest:
            rows = [r for r in rows if r["period"] == step or r["component"] == step]
        return sum((r["amount"] for r in rows), Decimal(0))

    def uncredited(self, path: tuple[str, ...]) -> str | None:
        """row / (component): the reason, None if it counts."""
        row, *component = path
        components = [c for c in self.result.program.plan.components if not component or c.id == component[0]]
        reasons = [reason for each in (self, *self.others) for c in components for reason in each._reasons(c, row)]
        if not reasons:
            raise LookupError("no such row")
        return None if None in reasons else reasons[0]

    def _reasons(self, component: Component, row: str) -> list[str | None]:
        """Why a row does not count for a component: one reason per payee, null where it counts."""
        rows = self.result.backend.read(self.result.program.made[component.id].rows)
        return [r["_fail"] or r.get("_note") for r in rows if r["_id"] == row]

    def taken(self, path: tuple[str, ...]) -> Any:
        """source or component / row: what `take` left of its column."""
        name, row = path
        plan = self.result.program.plan
        if name in plan.sources:
            take = plan.sources[name].take
            assert take is not None
            found = [r[take.of] for r in self.result.backend.read(f"source_{name}") if r["id"] == row]
            return found[0] if found else Decimal(0)
        component = next((c for c in plan.components if c.id == name), None)
        if component is None or component.take is None:
            raise LookupError(f"{name!r} has no take")
        rows = [r for r in self.result.backend.read(self.result.program.made[name].rows) if r["_id"] == row]
        return sum((r[component.take.of] if r["_fail"] is None else Decimal(0) for r in rows), Decimal(0))

    def rows(self, path: tuple[str, ...]) -> int:
        """How many rows a table has."""
        return self.row_counts.get(path[0], 0)

    def period_of(self, day: date) -> dict[str, Any]:
        """The statement period of a day, and its quarter, half year and year."""
        found = {
            kind: p.id
            for kind in self.result.world.periods
            if kind != "plan" and (p := self.result.world.of(kind, day))
        }
        return {"period": found.get(self.result.program.plan.period), **found}

    def period(self, name: str) -> dict[str, Any]:
        """A period's last day, days and weeks."""
        for periods in self.result.world.periods.values():
            for p in periods:
                if p.id == name:
                    return {"period": p.id, "start": p.start, "end": p.last_day, "days": p.days, "weeks": p.weeks}
        return {}

    def postings_through(self, closed: str) -> list[tuple[Any, ...]]:
        """What is posted for good once `closed` is closed."""
        world = self.result.world
        sequence = {p.id: i for i, p in enumerate(world.periods[self.result.program.plan.period])}
        return [
            tuple(
                r[name] for name in ("_payee", "component", "period", "is_by_hand", "reverses", "posted_in", "amount")
            )
            for r in self.result.entries()
            if r["posted_in"] is not None and sequence[r["posted_in"]] <= sequence[closed]
        ]


def run_problems(result: Result) -> list[Problem]:
    """What the calculation itself found: measures without a value, rows without a rate."""
    found = [*_nowhere_to_post(result), *_terms_without_target(result)]
    for name, made in result.program.made.items():
        for row in result.backend.read(
            made.reward, ("_payee", "_period", "_reason", "_live"), "\"_reason\" = 'undefined'"
        ):
            if row["_live"]:
                found.append(
                    Problem(
                        code="undefined-measure",
                        severity=Severity.BLOCKING,
                        where=name,
                        found=f"the measure of {row['_payee']} in {row['_period']} has no value: "
                        "its target or baseline is missing or not above zero",
                        expected="a target or baseline above zero",
                        fix="enter it, or choose what happens without it (setting 'undefined')",
                        rows=(row["_payee"],),
                    )
                )
        missing = {row["_id"] for row in result.backend.read(made.rows, ("_id", "_fail"), "\"_fail\" = 'no_rate'")}
        if missing:
            found.append(
                Problem(
                    code="missing-rate",
                    severity=Severity.BLOCKING,
                    where=name,
                    found=f"no exchange rate for {len(missing)} rows",
                    expected="a rate on or before each row's date",
                    fix="add the rates",
                    rows=tuple(sorted(missing)[:20]),
                )
            )
    return found


TERMS = {"statement_cap": "statement.cap", "statement_minimum": "statement.minimum", "draw_amounts": "statement.draw"}


def _terms_without_target(result: Result) -> Iterator[Problem]:
    """Terms of statements that have no value because a target is missing, where there is anything to be paid by them."""
    asked = {(r["_payee"], r["period"]) for r in result.statement() if r["earned"] or r["payable"] or r["held"]}
    made = {stage.name for stage in result.program.stages}
    for relation, where in TERMS.items():
        rows = result.backend.read(relation, ("_payee", "period"), '"no_target"') if relation in made else ()
        for payee, period in sorted({(r["_payee"], r["period"]) for r in rows} & asked):
            yield Problem(
                code="undefined-measure",
                severity=Severity.BLOCKING,
                where=where,
                found=f"the {where.rpartition('.')[2]} of {payee} in {period} has no value: its target is missing",
                expected="a target",
                fix="enter it, or write what holds without it: coalesce(target(…), …)",
                rows=(payee,),
            )


def _nowhere_to_post(result: Result) -> list[Problem]:
    """Differences of closed periods, where the calendar has no period after them."""
    lost = [row for row in result.entries() if row["posted_in"] is None and row["amount"]]
    if not lost:
        return []
    return [
        Problem(
            code="calendar-gap",
            severity=Severity.BLOCKING,
            where="calendar",
            found=f"no statement period after the last closed one, for {len(lost)} differences found since",
            expected="a period in which they can be posted",
            fix="list the next year with its number of weeks",
            rows=tuple(sorted({row["_payee"] for row in lost})[:20]),
        )
    ]
