"""Worked cases: run a plan on inline facts, through time if need be, and compare with what is expected.

The format is `docs/cases.md`. Every comparison that fails is a `Miss`: where, expected, found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from buoy_engine.compile.scope import Misuse
from buoy_engine.facts.tables import FactError, Facts, inline_table, long_names
from buoy_engine.kernel.amounts import round_to
from buoy_engine.kernel.periods import CalendarIncomplete, CalendarRuleInvalid
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.outcome import Outcome, run_problems
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source

Rows = dict[str, list[dict[str, Any]]]
CASE_KEYS = {"case", "title", "source", "notes", "plan", "facts", "expect", "variants", "steps", "status"}


@dataclass(frozen=True)
class Miss:
    """One expectation that was not met."""

    where: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.where}: expected {_show(self.expected)}, found {_show(self.found)}"


@dataclass
class Report:
    """What became of one case."""

    case: str
    misses: list[Miss] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything expected was found."""
        return not self.misses


def run_case(source: Source, backend: Callable[[], Backend]) -> Report:
    """Runs one case file."""
    data = source.data
    if not isinstance(data, Mapping) or "plan" not in data:
        return Report(source.name, [Miss("file", "a mapping with plan, facts and expect", type(data).__name__)])
    report = Report(str(data.get("case", source.name)))
    if unknown := set(data) - CASE_KEYS:
        report.misses.append(
            Miss("file", f"keys among {', '.join(sorted(CASE_KEYS))}", ", ".join(sorted(map(str, unknown))))
        )
        return report
    variants = {"base": {}, **(data.get("variants") or {})}
    for name, change in variants.items():
        expect = _expectation(data, name)
        if expect is None and name == "base" and "variants" in data and "steps" not in data:
            continue
        report.misses += _run_variant(source, data, name, change or {}, expect or {}, backend)
    return report


def _expectation(data: Mapping[str, Any], name: str) -> Any:
    expect = data.get("expect")
    if "variants" not in data:
        return expect
    return (expect or {}).get(name)


def _run_variant(
    source: Source,
    data: Mapping[str, Any],
    name: str,
    change: Mapping[str, Any],
    expect: Mapping[str, Any],
    backend: Callable[[], Backend],
) -> list[Miss]:
    label = "" if "variants" not in data else f"{name}: "
    change = dict(change)
    facts = {**(data.get("facts") or {}), **(change.pop("facts", None) or {})}
    plan_data = merge(data["plan"], change)
    plan, problems = plan_of(plan_data, source, ("plan",))
    if plan is not None:
        problems = [*problems, *check_plan(plan, source, ("plan",))]
    blocking = [p for p in problems if p.severity is Severity.BLOCKING]
    if plan is None or blocking:
        return _compare_refused(label, expect, blocking)
    steps = data.get("steps")
    if steps is None:
        outcome, misses = _attempt(label, plan, facts, expect, backend, problems)
        return misses if outcome is None else misses + compare(label, expect, outcome)
    return _run_steps(label, name, plan, facts, steps, data, backend, problems)


def _compare_refused(label: str, expect: Mapping[str, Any], problems: list[Problem]) -> list[Miss]:
    refused = expect.get("refused")
    found = [p.code for p in problems]
    if refused is None or refused is False:
        return [Miss(f"{label}plan", "a plan that is accepted", "; ".join(map(str, problems)))]
    if refused is True:
        return []
    wanted = [refused] if isinstance(refused, str) else list(refused)
    return [Miss(f"{label}refused", code, ", ".join(found)) for code in wanted if code not in found]


def _attempt(
    label: str,
    plan: Plan,
    facts: Mapping[str, Any],
    expect: Mapping[str, Any],
    backend: Callable[[], Backend],
    problems: list[Problem],
) -> tuple[Outcome | None, list[Miss]]:
    try:
        if plan.statement.currency == "row":
            return _per_currency(plan, facts, backend, problems), []
        result = calculate(plan, facts_of(plan, facts), backend())
    except (Misuse, FactError, CalendarIncomplete, CalendarRuleInvalid) as error:
        return None, _compare_refused(label, expect, [refusal(error)])
    if expect.get("refused"):
        return None, [Miss(f"{label}refused", expect["refused"], "the plan was accepted")]
    return _outcome(result, facts, problems), []


def _per_currency(
    plan: Plan, facts: Mapping[str, Any], backend: Callable[[], Backend], problems: list[Problem]
) -> Outcome:
    """Every currency of the rows is calculated on its own, in itself: nothing is converted or netted."""
    outcomes = []
    for currency in currencies_of(plan, facts):
        own = {
            table: [r for r in rows or () if (r.get("currency") or plan.currency) == currency]
            if table not in MASTER_DATA
            else rows
            for table, rows in facts.items()
        }
        statement = plan.statement.model_copy(update={"currency": None})
        alone = plan.model_copy(update={"currency": currency, "statement": statement})
        outcomes.append(_outcome(calculate(alone, facts_of(alone, own), backend()), own, problems))
    first = outcomes[0]
    first.others = outcomes[1:]
    return first


def currencies_of(plan: Plan, facts: Mapping[str, Any]) -> list[str]:
    """The plan's currency, and the others that rows are in."""
    found = {
        r.get("currency") or plan.currency
        for table, rows in facts.items()
        if table not in MASTER_DATA
        for r in rows or ()
    }
    return [plan.currency, *sorted(found - {plan.currency})]


def refusal(error: Exception) -> Problem:
    """An exception of a run as the problem it is."""
    code = error.code if isinstance(error, Misuse) else "fact-value" if isinstance(error, FactError) else "calendar-gap"
    found = str(error) + "".join(f" (component {note})" for note in getattr(error, "__notes__", ()))
    return Problem(code=code, severity=Severity.BLOCKING, where="plan", found=found, expected="", fix="")


def _outcome(
    result: Result, facts: Mapping[str, Any], problems: list[Problem], before: Outcome | None = None
) -> Outcome:
    counts = {table: len(rows) for table, rows in facts.items() if isinstance(rows, list)}
    return Outcome(result, counts, [*problems, *result.problems, *run_problems(result)], before)


def _run_steps(
    label: str,
    name: str,
    plan: Plan,
    facts: Mapping[str, Any],
    steps: Iterable[Mapping[str, Any]],
    data: Mapping[str, Any],
    backend: Callable[[], Backend],
    problems: list[Problem],
) -> list[Miss]:
    named = {table for step in steps for part in ("facts", "replace") for table in step.get(part) or {}}
    later = [_add_facts({}, step) for step in steps]
    shapes: Rows = {table: [row for facts in later for row in facts.get(table, ())] for table in named}
    known: Rows = {
        table: [long_names(r) for r in rows or ()]
        for table, rows in {**{t: [] for t in sorted(named - MASTER_DATA)}, **facts}.items()
    }
    postings: list[tuple[Any, ...]] = []
    closed: str | None = None
    misses: list[Miss] = []
    for i, step in enumerate(steps, 1):
        where = f"{label}step {i}: "
        known = _add_facts(known, step)
        expect = step.get("expect") or {}
        if "variants" in data:
            expect = expect.get(name) or {}
        try:
            result = calculate(plan, facts_of(plan, known, shapes), backend(), postings=postings, closed_through=closed)
        except (Misuse, FactError, CalendarIncomplete, CalendarRuleInvalid) as error:
            misses += _compare_refused(where, expect, [refusal(error)])
            continue
        outcome = _outcome(result, known, problems)
        outcome.open_period = step.get("close")
        misses += compare(where, expect, outcome)
        if step.get("close"):
            closed = str(step["close"])
            postings = outcome.postings_through(closed)
    return misses


def _add_facts(known: Rows, step: Mapping[str, Any]) -> Rows:
    """The facts after a step: additions and corrections by id, removals, replaced tables."""
    facts = {table: list(rows) for table, rows in known.items()}
    for table, rows in (step.get("replace") or {}).items():
        facts[table] = [long_names(r) for r in rows]
    for table, rows in (step.get("facts") or {}).items():
        held = facts.setdefault(table, [])
        by_id = {str(r["id"]): at for at, r in enumerate(held) if "id" in r}
        for row in map(long_names, rows):
            if "id" in row and str(row["id"]) in by_id:
                held[by_id[str(row["id"])]] = {**held[by_id[str(row["id"])]], **row}
            else:
                if "id" in row:
                    by_id[str(row["id"])] = len(held)
                held.append(row)
    for table, ids in (step.get("remove") or {}).items():
        gone = {str(i) for i in ids}
        facts[table] = [r for r in facts.get(table, []) if str(r.get("id")) not in gone]
    return facts


MASTER_DATA = frozenset(
    "partners hierarchy targets splits certifications scores products customers deals rates assignments balances".split()
)


def facts_of(plan: Plan, facts: Mapping[str, Any], shapes: Mapping[str, Any] | None = None) -> Facts:
    """Inline rows as tables; rows of transactions get an id and, in a case of one period, a date."""
    first = plan.valid.from_ or _first_date(facts) or date(2025, 1, 1)
    made = Facts()
    for name, rows in {"lines": [], **facts}.items():
        records = _once_per_key(name, [long_names(r) for r in rows or ()])
        if name not in MASTER_DATA:
            records = [{"id": f"{name}-{i}", **r} if "id" not in r else r for i, r in enumerate(records, 1)]
            records = [r if "date" in r else {**r, "date": first} for r in records]
        made.tables[name] = inline_table(name, records, like=(shapes or {}).get(name, ()))
    return made


def _once_per_key(table: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Same id and content: ignored. Same id, other content: the later one corrects the earlier."""
    found: dict[str, dict[str, Any]] = {}
    for i, record in enumerate(records):
        found[str(record["id"]) if "id" in record else f"\0{i}"] = record
    return list(found.values())


def _first_date(facts: Mapping[str, Any]) -> date | None:
    found = [r["date"] for rows in facts.values() for r in rows or () if isinstance(r.get("date"), date)]
    return date(min(found).year, 1, 1) if found else None


def merge(base: Any, change: Any) -> Any:
    """A plan with a variant's changes: mappings merged, components by id, null removes, the rest replaced."""
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        merged = dict(base)
        for key, value in change.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = merge(base[key], value) if key in base else value
        return merged
    if (
        isinstance(base, list)
        and isinstance(change, list)
        and all(isinstance(x, Mapping) and "id" in x for x in [*base, *change])
    ):
        changes = {x["id"]: x for x in change}
        kept = [merge(x, changes.pop(x["id"])) if x["id"] in changes else x for x in base]
        return kept + list(changes.values())
    return change


# ---------------------------------------------------------------- comparing


def compare(label: str, expect: Mapping[str, Any], outcome: Outcome) -> list[Miss]:
    """Every expectation against what was found."""
    misses: list[Miss] = []
    for key, wanted in expect.items():
        if key == "refused":
            if wanted:
                misses.append(Miss(f"{label}refused", wanted, "accepted"))
            continue
        check = _CHECKS.get(key)
        if check is None:
            misses.append(Miss(f"{label}expect", f"one of {', '.join(_CHECKS)}", key))
            continue
        misses += check(f"{label}{key}", wanted, outcome)
    return misses


def _earned(where: str, wanted: Any, outcome: Outcome) -> list[Miss]:
    return _nested(where, wanted, lambda path: outcome.earned(path))


def _nested(where: str, wanted: Any, find: Callable[[tuple[str, ...]], Any], path: tuple[str, ...] = ()) -> list[Miss]:
    if isinstance(wanted, Mapping):
        return [m for key, value in wanted.items() for m in _nested(f"{where}.{key}", value, find, (*path, str(key)))]
    try:
        found = find(path)
    except LookupError as error:
        return [Miss(where, wanted, str(error.args[0]))]
    return [] if same(wanted, found) else [Miss(where, wanted, found)]


def _problems(where: str, wanted: Any, outcome: Outcome) -> list[Miss]:
    codes = [p.code for p in outcome.problems]
    if not wanted:
        found = [p for p in outcome.problems if p.severity is not Severity.NOTE]
        return [Miss(where, "none but notes", "; ".join(map(str, found)))] if found else []
    names = [w["code"] if isinstance(w, Mapping) else w for w in wanted]
    return [Miss(where, name, ", ".join(codes) or "none") for name in names if name not in codes]


def _measures(where: str, wanted: Any, outcome: Outcome) -> list[Miss]:
    return _nested(where, wanted, outcome.measure)


def _periods(where: str, wanted: Mapping[Any, Any], outcome: Outcome) -> list[Miss]:
    misses = []
    for key, value in wanted.items():
        found = outcome.period_of(key) if isinstance(key, date) else outcome.period(str(key))
        if isinstance(value, Mapping):
            misses += [
                Miss(f"{where}.{key}.{k}", v, found.get(k)) for k, v in value.items() if not same(v, found.get(k))
            ]
        elif not same(value, found.get("period")):
            misses.append(Miss(f"{where}.{key}", value, found.get("period")))
    return misses


_CHECKS: dict[str, Callable[[str, Any, Outcome], list[Miss]]] = {
    "earned": _earned,
    "lines": lambda w, x, o: _nested(w, x, o.line),
    "cells": lambda w, x, o: _nested(w, x, o.cell),
    "measures": _measures,
    "statement": lambda w, x, o: _nested(w, x, o.statement),
    "adjustments": lambda w, x, o: _nested(w, x, o.adjustment),
    "uncredited": lambda w, x, o: _nested(w, x, o.uncredited),
    "taken": lambda w, x, o: _nested(w, x, o.taken),
    "problems": _problems,
    "periods": _periods,
    "rows": lambda w, x, o: _nested(w, x, o.rows),
    "statements": lambda w, x, o: _nested(w, x, lambda _: o.statement_count()),
}


def same(wanted: Any, found: Any) -> bool:
    """By value: numbers as exact decimals, dates as dates, text as text, null only as null."""
    if wanted is None or found is None:
        return wanted is None and found is None
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(same(w, f) for w, f in zip(wanted, found, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    if isinstance(found, Decimal | int):
        try:
            number = Decimal(str(wanted))
        except InvalidOperation:
            return False
        exponent = number.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else 0
        found = Decimal(found)
        return number == found or (digits >= 10 and number == round_to(found, digits))
    return str(wanted) == str(found)


def _show(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
