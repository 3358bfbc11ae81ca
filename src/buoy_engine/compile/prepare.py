"""S0: small tables that every stage joins to, so that no date arithmetic and no tree walking happens anywhere else.

calendar     one row per day: the id of its period in every kind
periods      one row per kind and period: half-open dates, number, links, lengths, the statement period it is posted in
windows      one row per kind, window, period and member period ("2025-03" over year_to_date has 2025-01, -02 and -03)
fx           one row per currency and day: the rate in force (the last one published), and the day it was published
closure      one row per partner and ancestor: level and dates
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, number
from buoy_engine.kernel.periods import (
    CalendarRule,
    ClosestWeekday,
    GregorianCalendar,
    LastWeekday,
    ListedYears,
    Period,
    PeriodKind,
    Weekday,
    WeeklyCalendar,
    WeekPattern,
    build_periods,
)
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.spec.model import CalendarSpec, Plan

KINDS = [kind.value for kind in PeriodKind] + ["plan"]
FAR_PAST, FAR_FUTURE = date(1, 1, 1), date(9999, 12, 31)
ONE_DAY = timedelta(days=1)


def calendar_rule(spec: CalendarSpec) -> CalendarRule:
    """The kernel's calendar for what a plan says. Raises `CalendarRuleInvalid`."""
    if spec.pattern is None:
        month, day = _month_day(spec.year_starts) if spec.year_starts else (1, spec.anchor_day or 1)
        return GregorianCalendar(year_starts=(month, day), year_named_by=spec.year_named_by)
    return WeeklyCalendar(pattern=WeekPattern(spec.pattern), years=_weekly_years(spec))


def _weekly_years(spec: CalendarSpec) -> ClosestWeekday | LastWeekday | ListedYears:
    if spec.first_day is not None:
        weeks = spec.weeks if isinstance(spec.weeks, tuple) else (spec.weeks or 52,)
        return ListedYears(first_year=spec.first_day.year, first_day=spec.first_day, weeks=weeks)
    ends = spec.year_ends
    if ends is not None and ends.closest_to:
        month, day = _month_day(ends.closest_to)
        return ClosestWeekday(weekday=Weekday(ends.weekday), month=month, day=day, year_named_by=spec.year_named_by)
    if ends is not None and ends.last_in:
        return LastWeekday(weekday=Weekday(ends.weekday), month=ends.last_in, year_named_by=spec.year_named_by)
    return ClosestWeekday(weekday=Weekday("saturday"), month=1, day=31, year_named_by=spec.year_named_by)


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


@dataclass(frozen=True)
class World:
    """The calendar of one run: its periods by kind, and the plan's validity as half-open dates."""

    plan: Plan
    periods: dict[str, list[Period]]
    valid_from: date
    valid_to: date

    def of(self, kind: str, d: date) -> Period | None:
        """The period of a kind that holds a day."""
        return next((p for p in self.periods[kind] if p.start <= d < p.end), None)


def build_world(plan: Plan, first: date, last: date, *, until: date) -> World:
    """The calendar that covers `first` to `last` and the plan's validity, and goes on to `until`.

    Where the plan does not say it, its validity is the whole years from `first` to `last`. Raises `CalendarIncomplete`.
    """
    begin = min(d for d in (first, plan.valid.from_) if d)
    end = max(d for d in (last, plan.valid.to) if d)
    by_kind: dict[str, list[Period]] = defaultdict(list)
    for period in build_periods(calendar_rule(plan.calendar), begin, max(end, until)):
        by_kind[period.kind.value].append(period)
    years = [p for p in by_kind["year"] if p.end > begin and p.start <= end]
    valid_from = plan.valid.from_ or years[0].start
    valid_to = plan.valid.to + ONE_DAY if plan.valid.to else years[-1].end
    whole = Period(PeriodKind.YEAR, "plan", valid_from, valid_to, 1, "plan")
    by_kind["plan"] = [whole]
    return World(plan, dict(by_kind), valid_from, valid_to)


PERIOD_TYPES = {
    "kind": TEXT, "period": TEXT, "start_date": DATE, "end_date": DATE, "last_day": DATE, "no": number(), "year": TEXT,
    "days": number(), "weeks": number(), "months": number(), "year_days": number(), "year_weeks": number(),
    "seq": number(), "live": BOOL, "used": BOOL, "settle": TEXT, "settle_seq": number(),
    "quarter_id": TEXT, "half_year_id": TEXT, "year_id": TEXT,
}  # fmt: skip


def periods_table(world: World) -> Table:
    """The `periods` relation."""
    months = world.periods.get("month", [])
    first_year = world.of("year", world.valid_from)
    opening = first_year.start if first_year else world.valid_from
    rows = []
    for kind, periods in world.periods.items():
        for seq, p in enumerate(periods):
            year = world.of("year", p.last_day)
            settle = world.of(world.plan.period, p.last_day)
            live = p.start < world.valid_to and p.end > world.valid_from
            rows.append((
                kind, p.id, p.start, p.end, p.last_day, Decimal(p.no), p.year, Decimal(p.days), Decimal(p.weeks),
                Decimal(sum(1 for m in months if p.start <= m.last_day < p.end)),
                Decimal(year.days if year else p.days), Decimal(year.weeks if year else p.weeks), Decimal(seq), live,
                p.end > opening,
                settle.id if settle else None, Decimal(world.periods[world.plan.period].index(settle)) if settle else None,
                *(_id_of(world, k, p.last_day) for k in ("quarter", "half_year", "year")),
            ))  # fmt: skip
    return Table("periods", PERIOD_TYPES, rows)


def _id_of(world: World, kind: str, d: date) -> str | None:
    found = world.of(kind, d)
    return found.id if found else None


def calendar_table(world: World) -> Table:
    """The `calendar` relation: every day of the calendar's years."""
    kinds = KINDS
    types = {"d": DATE, **dict.fromkeys(kinds, TEXT)}
    by_day: dict[date, dict[str, str]] = defaultdict(dict)
    for kind in kinds:
        for p in world.periods.get(kind, ()):
            for n in range(p.days):
                by_day[p.start + n * ONE_DAY][kind] = p.id
    rows = [(d, *(found.get(kind) for kind in kinds)) for d, found in sorted(by_day.items())]
    return Table("calendar", types, rows)


def window_members(world: World, kind: str, window: str, count: int | None) -> Iterable[tuple[str, str]]:
    """Pairs (period, member period) of one window."""
    periods = world.periods[kind]
    by_id = {p.id: p for p in periods}
    for i, p in enumerate(periods):
        for member in _members(world, periods, by_id, i, p, window, count):
            yield p.id, member.id


def _members(
    world: World, periods: list[Period], by_id: Mapping[str, Period], i: int, p: Period, window: str, count: int | None
) -> list[Period]:
    ago = by_id.get(p.year_ago or "")
    match window:
        case "period":
            return [p]
        case "previous":
            return [periods[i - 1]] if i else []
        case "year_ago":
            return [ago] if ago else []
        case "last":
            return periods[max(0, i + 1 - (count or 1)) : i + 1]
        case "plan":
            return [q for q in periods if q.start < world.valid_to and q.end > world.valid_from]
        case "plan_to_date":
            return [q for q in periods[: i + 1] if q.end > world.valid_from]
        case "previous_year":
            return _within(world, "year", ago, periods) if ago else []
        case "year_ago_to_date":
            return [q for q in _within(world, "year", ago, periods) if q.start <= ago.start] if ago else []
    whole, to_date, _ = window.partition("_to_date")
    inside = _within(world, whole, p, periods)
    return [q for q in inside if q.start <= p.start] if to_date else inside


def _within(world: World, kind: str, p: Period, periods: list[Period]) -> list[Period]:
    """The periods whose last day lies in the larger period that holds p's last day."""
    outer = world.of(kind, p.last_day)
    return [q for q in periods if outer and outer.start <= q.last_day < outer.end]


WINDOW_TYPES = {"kind": TEXT, "window": TEXT, "period": TEXT, "member": TEXT, "start_date": DATE, "end_date": DATE}


def windows_table(world: World, needed: Iterable[tuple[str, str, int | None]]) -> Table:
    """The `windows` relation for the windows that a compiled plan uses, with each member's dates."""
    rows = []
    for kind, window, count in sorted(needed, key=str):
        ends = {p.id: p for p in world.periods[kind]}
        name = window_name(window, count)
        rows += [(kind, name, p, q, ends[q].start, ends[q].end) for p, q in window_members(world, kind, window, count)]
    return Table("windows", WINDOW_TYPES, rows)


def window_name(window: str, count: int | None) -> str:
    """`last_3` for `last 3`, else the word itself."""
    return f"{window}_{count}" if count is not None else window


FX_TYPES = {"currency": TEXT, "d": DATE, "rate": number(10), "per_plan": number(10), "rate_date": DATE}


def fx_table(name: str, rates: Table | None, world: World, *, plan_rates: bool) -> Table:
    """The `fx` relation: every currency and day of the calendar at the last published rate.

    `rate` is plan currency for one unit; `per_plan` the other way round, where it was published so: the reciprocal of a
    rate is no exact number. Where the plan goes by plan rates, those hold on every day.
    """
    if rates is None:
        return Table(name, {**FX_TYPES, "rate": number(), "per_plan": number()}, [])
    days = [p.start + n * ONE_DAY for p in world.periods["year"] for n in range(p.days)]
    rows: list[tuple[Any, ...]] = []
    for currency, found in sorted(_published(rates, world.plan, plan_rates).items()):
        found.sort(key=lambda r: r[0])
        at = -1
        for d in days:
            while at + 1 < len(found) and found[at + 1][0] <= d:
                at += 1
            if at >= 0:
                day, rate, per_plan = found[at]
                rows.append((currency, d, rate, per_plan, day))
    scale = max((t.scale for n, t in rates.types.items() if n == "rate"), default=10)
    return Table(name, {**FX_TYPES, "rate": number(scale), "per_plan": number(scale)}, rows)


def _published(
    rates: Table, plan: Plan, plan_rates: bool
) -> dict[str, list[tuple[date, Decimal | None, Decimal | None]]]:
    """Currency → (day, plan currency for one unit, units for one of plan currency), one of the two given."""
    found: dict[str, list[tuple[date, Decimal | None, Decimal | None]]] = defaultdict(list)
    for r in rates.records():
        if (r.get("rate_name") == "plan") != plan_rates:
            continue
        day, to = r["date"] or FAR_PAST, r.get("to") or plan.currency
        if to == plan.currency:
            found[r["currency"]].append((day, r["rate"], None))
        elif r["currency"] == plan.currency:
            found[to].append((day, None, r["rate"]))
    return found


CLOSURE_TYPES = {"descendant": TEXT, "ancestor": TEXT, "level": number(), "valid_from": DATE, "valid_to": DATE}


def closure_table(hierarchy: Table | None, partners: Iterable[str], depth: int = 10) -> tuple[Table, list[Problem]]:
    """The `closure` relation: who stands above whom, when, and how far. Level 0 is the partner itself.

    A walk stops at a partner it has already met: a cycle is reported and everybody on it still counts once. Where two ways
    lead to the same ancestor at the same time, the shorter one counts.
    """
    edges: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
    for r in hierarchy.records() if hierarchy else ():
        if r["parent_id"]:
            edges[r["partner_id"]].append((r["parent_id"], r["valid_from"] or FAR_PAST, _end(r)))
    rows: list[tuple[Any, ...]] = [(p, p, Decimal(0), FAR_PAST, FAR_FUTURE) for p in sorted(set(partners) | set(edges))]
    cycles: set[str] = set()
    for start in sorted(edges):
        walk = _Walk(start, edges, depth)
        walk.climb((start,), FAR_PAST, FAR_FUTURE)
        cycles |= {start} if walk.is_cycle else set()
        for ancestor, spans in sorted(walk.found.items()):
            rows += [(start, ancestor, Decimal(level), a, b) for level, a, b in _shortest(spans)]
    return Table("closure", CLOSURE_TYPES, rows), [_cycle(p) for p in sorted(cycles)]


def _end(record: Mapping[str, Any]) -> date:
    if record.get("valid_to"):
        return record["valid_to"]  # type: ignore[no-any-return]
    return record["valid_through"] + ONE_DAY if record.get("valid_through") else FAR_FUTURE


@dataclass
class _Walk:
    """Up from one partner, along links that are in force at the same time."""

    start: str
    edges: Mapping[str, list[tuple[str, date, date]]]
    depth: int
    found: dict[str, list[tuple[int, date, date]]] = field(default_factory=lambda: defaultdict(list))
    is_cycle: bool = False

    def climb(self, path: tuple[str, ...], low: date, high: date) -> None:
        """Everybody above the end of `path` between the days low and high."""
        if len(path) > self.depth:
            return
        for parent, valid_from, valid_to in self.edges.get(path[-1], ()):
            a, b = max(low, valid_from), min(high, valid_to)
            if a >= b:
                continue
            if parent in path:
                self.is_cycle |= parent == self.start
                continue
            self.found[parent].append((len(path), a, b))
            self.climb((*path, parent), a, b)


def _shortest(spans: list[tuple[int, date, date]]) -> list[tuple[int, date, date]]:
    """Spans without overlap: at every moment the lowest level."""
    cuts = sorted({d for _, a, b in spans for d in (a, b)})
    out: list[tuple[int, date, date]] = []
    for a, b in pairwise(cuts):
        levels = [level for level, x, y in spans if x <= a and b <= y]
        if not levels:
            continue
        if out and out[-1][0] == min(levels) and out[-1][2] == a:
            out[-1] = (out[-1][0], out[-1][1], b)
        else:
            out.append((min(levels), a, b))
    return out


def _cycle(partner: str) -> Problem:
    return Problem(
        code="hierarchy-cycle",
        severity=Severity.WARNING,
        where="hierarchy",
        found=f"{partner} stands above itself",
        expected="a hierarchy without a circle",
        fix=f"end one of the links of {partner}; until then the walk stops where it would begin again",
        rows=(partner,),
    )
