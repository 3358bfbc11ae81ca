"""Worked cases: run a plan on inline facts, through time if need be, and compare with what is expected.

The format is `docs/cases.md`; what was expected is compared in `expectations`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from buoy_engine.compile.scope import Misuse
from buoy_engine.facts.tables import FactError, Facts, inline_table, long_names
from buoy_engine.kernel.periods import CalendarIncomplete, CalendarRuleInvalid
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.backend import Backend
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.expectations import Miss, compare, compare_refused
from buoy_engine.run.intake import check_facts
from buoy_engine.run.outcome import Outcome, run_problems
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source

Rows = dict[str, list[dict[str, Any]]]
CASE_KEYS = {"case", "title", "source", "notes", "plan", "facts", "expect", "variants", "steps", "status"}

LEFT_OUT = frozenset({"missing-value", "unknown-partner", "unknown-product", "unknown-customer", "unknown-deal"})
"""A case shows a few rows only: what they do not need is not there."""
IS_A_REASON = frozenset({"missing-rate", "return-without-sale"})
"""What a row lacks, and says of itself with a reason."""


class FactsRefused(ValueError):
    """Facts that contradict each other: nothing is calculated. `problems` says which."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


REFUSALS = (Misuse, FactError, FactsRefused, CalendarIncomplete, CalendarRuleInvalid)
"""What keeps a plan that was accepted from being calculated on the facts of a case."""


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
        return compare_refused(label, expect, blocking)
    steps = data.get("steps")
    if steps is None:
        outcome, misses = _attempt(label, plan, facts, expect, backend, problems)
        return misses if outcome is None else misses + compare(label, expect, outcome)
    return _run_steps(label, name, plan, facts, steps, data, backend, problems)


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
            return _per_currency(plan, facts, expect, backend, problems), []
        result = calculate_checked(plan, facts_of(plan, facts), backend, expect)
    except REFUSALS as error:
        return None, compare_refused(label, expect, refusals(error))
    if expect.get("refused"):
        return None, [Miss(f"{label}refused", expect["refused"], "the plan was accepted")]
    return _outcome(result, facts, problems), []


def _per_currency(
    plan: Plan,
    facts: Mapping[str, Any],
    expect: Mapping[str, Any],
    backend: Callable[[], Backend],
    problems: list[Problem],
) -> Outcome:
    """Every currency of the rows is calculated on its own, in itself: nothing is converted or netted."""
    outcomes = []
    _, said = checked_facts(plan, facts_of(plan, facts), backend, expect)
    for currency in currencies_of(plan, facts):
        own = {
            table: [r for r in rows or () if (r.get("currency") or plan.currency) == currency]
            if table not in MASTER_DATA
            else rows
            for table, rows in facts.items()
        }
        statement = plan.statement.model_copy(update={"currency": None})
        alone = plan.model_copy(update={"currency": currency, "statement": statement})
        outcomes.append(_outcome(calculate(alone, facts_of(alone, own), backend()), own, [*problems, *said]))
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


def calculate_checked(
    plan: Plan, facts: Facts, backend: Callable[[], Backend], expect: Mapping[str, Any], **through_time: Any
) -> Result:
    """Checks the facts, then calculates. Raises one of `REFUSALS`."""
    taken, said = checked_facts(plan, facts, backend, expect)
    result = calculate(plan, taken, backend(), **through_time)
    result.problems[:0] = said
    return result


def checked_facts(
    plan: Plan, facts: Facts, backend: Callable[[], Backend], expect: Mapping[str, Any]
) -> tuple[Facts, list[Problem]]:
    """The facts with identical rows taken once, and what is to be said of them. Raises `FactsRefused`.

    Only a case that expects to be refused is checked as strictly as files are.
    """
    with closing(backend()) as asked:
        taken, said = check_facts(facts, asked, plan)
    blocking = [problem for problem in said if problem.is_blocking]
    if not expect.get("refused"):
        said = [problem for problem in said if problem.code not in LEFT_OUT]
        blocking = [problem for problem in said if problem.is_blocking and problem.code not in IS_A_REASON]
    if blocking:
        raise FactsRefused(blocking)
    return taken, said


def refusals(error: Exception) -> list[Problem]:
    """What one of `REFUSALS` says, as problems."""
    return error.problems if isinstance(error, FactsRefused) else [refusal(error)]


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
    shapes = _later_rows(steps, lambda step: _step_expectation(step, name, data))
    known: Rows = {
        table: [long_names(r) for r in rows or ()] for table, rows in {**{t: [] for t in shapes}, **facts}.items()
    }
    postings: list[tuple[Any, ...]] = []
    closed: str | None = None
    misses: list[Miss] = []
    for i, step in enumerate(steps, 1):
        where = f"{label}step {i}: "
        then = _add_facts(known, step)
        expect = _step_expectation(step, name, data)
        to_close = str(step["close"]) if step.get("close") else None
        try:
            made = facts_of(plan, then, shapes)
            result = calculate_checked(
                plan, made, backend, expect, postings=postings, closed_through=closed, closing=to_close
            )
        except REFUSALS as error:
            misses += compare_refused(where, expect, refusals(error))
            continue
        known = then
        outcome = _outcome(result, known, problems)
        outcome.open_period = to_close
        misses += compare(where, expect, outcome)
        if to_close:
            closed = to_close
            postings = outcome.postings_through(closed)
    return misses


def _step_expectation(step: Mapping[str, Any], variant: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    expect = step.get("expect") or {}
    return (expect.get(variant) or {}) if "variants" in data else expect


def _later_rows(steps: Iterable[Mapping[str, Any]], expected: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Rows:
    """The rows of all steps by table: they show from the first step on what tables and columns there are.

    A step that is to be refused leaves nothing behind, so its rows do not count.
    """
    found: Rows = {}
    for step in steps:
        for table, rows in _add_facts({}, {} if expected(step).get("refused") else step).items():
            found.setdefault(table, []).extend(rows)
    return found


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
