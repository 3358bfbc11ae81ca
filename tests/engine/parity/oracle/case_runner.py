"""Case files (docs/cases.md): run them, compare what is expected with what is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from .calendar import normal_id
from .exact import NUMBER, Refused, number_of_text, round_to, text_of
from .result import RawFacts, Result, evaluate, valid_days
from .statement import Ledger
from .yaml_files import merged, read

CASE_KEYS = {
    "case",
    "title",
    "source",
    "plan",
    "facts",
    "variants",
    "steps",
    "expect",
    "notes",
    "description",
    "tags",
}
STEP_KEYS = {"facts", "close", "expect", "remove", "replace", "title"}
CELL_FIELDS = {"measure", "base", "rate", "tier", "multiplier", "earned", "reason", "bands"}
EXPECTATIONS = {
    "earned",
    "lines",
    "cells",
    "measures",
    "statement",
    "adjustments",
    "uncredited",
    "taken",
    "problems",
    "refused",
    "periods",
    "rows",
}


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold."""

    where: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.where}: expected {shown(self.expected)}, found {shown(self.found)}"


def shown(value: Any) -> str:
    if isinstance(value, Fraction | Decimal | int) and not isinstance(value, bool):
        return text_of(value)
    return repr(value)


def run_file(path: Path) -> list[Failure]:
    """The failures of one case file."""
    case = read(path)
    unknown = set(case) - CASE_KEYS
    if unknown:
        return [Failure("case", "known keys", sorted(unknown))]
    failures: list[Failure] = []
    for name, plan, facts, expect in _variants(case):
        try:
            if case.get("steps"):
                failures += _run_steps(name, plan, facts, case["steps"])
            failures += _run_once(name, plan, facts, expect) if expect else []
        except Exception as error:
            where = f"{name}: " if name else ""
            raise RuntimeError(f"{where}{type(error).__name__}: {error}") from error
    return failures


def _variants(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], RawFacts, dict[str, Any]]]:
    """(name, plan, facts, expectations) of the case and of each of its variants."""
    plan, facts, expect = case.get("plan") or {}, case.get("facts") or {}, case.get("expect") or {}
    variants = case.get("variants") or {}
    if not variants:
        yield "", plan, facts, expect
        return
    names = ["base", *variants]
    if not set(expect) <= set(names) and set(expect) <= EXPECTATIONS:
        expect = {"base": expect}
    for name in names:
        change = dict(variants.get(name) or {})
        own_facts = {**facts, **(change.pop("facts", None) or {})}
        yield name, merged(plan, change), own_facts, expect.get(name) or {}


def _run_once(name: str, plan: dict[str, Any], facts: RawFacts, expect: dict[str, Any]) -> list[Failure]:
    try:
        result = evaluate(plan, facts)
    except Refused as refusal:
        return _refusal_failures(name, expect, refusal)
    return compare(name, plan, facts, expect, result)


def _refusal_failures(where: str, expect: dict[str, Any], refusal: Refused) -> list[Failure]:
    """No failure when a refusal is expected (with whatever code: the oracle has its own)."""
    if expect.get("refused"):
        return []
    return [Failure(f"{where} refused".strip(), expect.get("refused", False), str(refusal))]


def _run_steps(name: str, plan: dict[str, Any], facts: RawFacts, steps: list[dict[str, Any]]) -> list[Failure]:
    """Step after step: add facts, close or only recalculate, compare."""
    valid = _valid_of_steps(plan, facts, steps)
    known = {table: [dict(row) for row in rows or []] for table, rows in facts.items()}
    ledger = Ledger()
    failures: list[Failure] = []
    for number, step in enumerate(steps, start=1):
        where = f"{name} step {number}".strip()
        unknown = set(step) - STEP_KEYS
        if unknown:
            failures.append(Failure(where, "known keys", sorted(unknown)))
        _apply(known, step)
        expect = step.get("expect") or {}
        if name and isinstance(expect.get(name), dict):
            expect = expect[name]
        try:
            result = evaluate(plan, known, valid=valid, ledger=ledger, close=step.get("close"))
        except Refused as refusal:
            failures += _refusal_failures(where, expect, refusal)
            continue
        failures += compare(where, plan, known, expect, result)
    return failures


def _valid_of_steps(plan: dict[str, Any], facts: RawFacts, steps: list[dict[str, Any]]) -> tuple[date, date]:
    everything: RawFacts = {table: list(rows or []) for table, rows in facts.items()}
    for step in steps:
        for table, rows in (step.get("facts") or {}).items():
            everything.setdefault(table, []).extend(rows or [])
    return valid_days(plan, everything)


def _apply(known: RawFacts, step: dict[str, Any]) -> None:
    """Add a step's facts: same id and content ignored, same id and new content a correction."""
    for table, ids in (step.get("remove") or {}).items():
        gone = {text_of(row_id) for row_id in ids}
        known[table] = [row for row in known.get(table, []) if text_of(row.get("id")) not in gone]
    for table, rows in (step.get("replace") or {}).items():
        known[table] = list(rows or [])
    for table, rows in (step.get("facts") or {}).items():
        for row in rows or []:
            _add(known.setdefault(table, []), row)


def _add(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    if row.get("id") is not None:
        for place, other in enumerate(rows):
            if other.get("id") == row["id"]:
                rows[place] = row
                return
    rows.append(row)


# --- Comparing --------------------------------------------------------------------------------------------------


def compare(where: str, plan: dict[str, Any], facts: RawFacts, expect: dict[str, Any], result: Result) -> list[Failure]:
    """The failures of one block of expectations."""
    comparison = _Comparison(result, facts)
    found: list[Failure] = []
    for key, wanted in expect.items():
        if key not in EXPECTATIONS:
            found.append(Failure(f"{where} {key}".strip(), "a known expectation", key))
            continue
        check: Callable[[Any], Iterator[tuple[str, Any, Any]]] = getattr(comparison, f"check_{key}")
        for place, expected, actual in check(wanted):
            if not same(expected, actual):
                found.append(Failure(f"{where} {key} {place}".strip(), expected, actual))
    return found


def same(expected: Any, found: Any) -> bool:
    """Equality by value: "5000" equals 5000.00; text by text."""
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(same, expected, found))
    left, right = _comparable(expected), _comparable(found)
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right or _same_as_written(expected, left, right)
    return left == right


def _same_as_written(expected: Any, wanted: Fraction, found: Fraction) -> bool:
    """A repeating decimal can only be written rounded: compare at the digits written (at least four)."""
    text = str(expected)
    digits = len(text.rstrip("%").partition(".")[2])
    if digits < 4 or _is_finite(found):
        return False
    return round_to(found, digits) == wanted


def _is_finite(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _comparable(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal | Fraction):
        return Fraction(value)
    if isinstance(value, str) and NUMBER.match(value):
        return number_of_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


class _Comparison:
    """One result, asked in the shapes of the expectations. Every check yields (place, expected, found)."""

    def __init__(self, result: Result, facts: RawFacts) -> None:
        self.result, self.facts = result, facts
        self.components = set(result.run.plan.components)
        self.posted_in = {
            (component.id, period.id): result.run.calendar.period(result.run.plan.period, period.end).id
            for component in result.run.plan.components.values()
            for period in result.run.component_periods(component)
        }

    # earned -----------------------------------------------------------------------------------------------------

    def check_earned(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for partner, value in wanted.items():
            name = text_of(partner)
            partners = None if name == "total" and "total" not in self.result.run.partners else name
            yield from self._earned(partners, value, name, None, None)

    def _earned(
        self, partner: str | None, value: Any, place: str, component: str | None, period: str | None
    ) -> Iterator[tuple[str, Any, Any]]:
        if not isinstance(value, dict):
            yield place, value, self._earned_sum(partner, component, period)
            return
        for key, inner in value.items():
            text = text_of(key)
            if component is None and text in self.components:
                yield from self._earned(partner, inner, f"{place} {text}", text, period)
            else:
                yield from self._earned(partner, inner, f"{place} {text}", component, normal_id(text))

    def _earned_sum(self, partner: str | None, component: str | None, period: str | None) -> Fraction:
        total = Fraction(0)
        for (payee, name, when), amount in self.result.earned.items():
            if partner is not None and payee != partner:
                continue
            if component is not None and name != component:
                continue
            if component is None and not self.result.run.plan.components[name].pays:
                continue
            if period is None or period in (when, self.posted_in[name, when]):
                total += amount
        return total

    # lines ------------------------------------------------------------------------------------------------------

    def check_lines(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for row, value in wanted.items():
            yield from self._lines(text_of(row), value, text_of(row), None, None)

    def _lines(
        self, row: str, value: Any, place: str, component: str | None, payee: str | None
    ) -> Iterator[tuple[str, Any, Any]]:
        if not isinstance(value, dict):
            total = Fraction(0)
            for line in self.result.lines:
                if line.row_id == row and component in (None, line.component) and payee in (None, line.payee):
                    total += line.cents
            yield place, value, total
            return
        for key, inner in value.items():
            text = text_of(key)
            if component is None and text in self.components:
                yield from self._lines(row, inner, f"{place} {text}", text, payee)
            else:
                yield from self._lines(row, inner, f"{place} {text}", component, text)

    # cells ------------------------------------------------------------------------------------------------------

    def check_cells(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for partner, value in wanted.items():
            yield from self._cells(text_of(partner), value, [])

    def _cells(self, partner: str, value: dict[Any, Any], path: list[str]) -> Iterator[tuple[str, Any, Any]]:
        if not set(value) <= CELL_FIELDS:
            for key, inner in value.items():
                yield from self._cells(partner, inner, [*path, text_of(key)])
            return
        place = " ".join([partner, *path])
        cells = [cell for cell in self.result.cells if cell.partner == partner and self._matches(cell, path)]
        if len(cells) > 1:
            cells = [cell for cell in cells if cell.measure or cell.base or cell.earned] or cells[:1]
        if len(cells) != 1:
            yield place, "one cell", f"{len(cells)} cells"
            return
        for field_name, expected in value.items():
            yield f"{place} {field_name}", expected, getattr(cells[0], field_name)

    def _matches(self, cell: Any, path: list[str]) -> bool:
        periods = {cell.period, self.posted_in[cell.component, cell.period]}
        for part in path:
            if part in self.components:
                if cell.component != part:
                    return False
            elif normal_id(part) not in periods and part != cell.group:
                return False
        return True

    # measures and statement -------------------------------------------------------------------------------------

    def check_measures(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for partner, measures in wanted.items():
            for name, value in measures.items():
                place = f"{text_of(partner)} {name}"
                if not isinstance(value, dict):
                    yield place, value, self._only_measure(text_of(partner), name)
                    continue
                for period, expected in value.items():
                    key = (text_of(partner), name, normal_id(text_of(period)))
                    found = self.result.measures.get(key, "nothing of that period")
                    yield f"{place} {text_of(period)}", expected, self._as_shown(name, found)

    def _only_measure(self, partner: str, name: str) -> Any:
        """The measure of the one period that matters: the first one in which it is not empty."""
        values = [value for (who, what, _), value in self.result.measures.items() if who == partner and what == name]
        if len(values) > 1:
            values = [value for value in values if value] or values[:1]
        return self._as_shown(name, values[0] if values else "no such measure")

    def _as_shown(self, name: str, value: Any) -> Any:
        show = self.result.run.plan.measures[name].show
        if show == "percent" and isinstance(value, Fraction):
            return round_to(value * 100, 2)
        return value

    def check_statement(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for partner, periods in wanted.items():
            name = text_of(partner)
            if all(not isinstance(value, dict) for value in periods.values()):
                periods = {self._only_period(name): periods}
            for period, fields in periods.items():
                statement = self.result.statements.get((name, normal_id(text_of(period))))
                for field_name, expected in fields.items():
                    found = "no statement" if statement is None else statement.get(field_name, "no such field")
                    yield f"{name} {text_of(period)} {field_name}", expected, found

    def _only_period(self, partner: str) -> str:
        """The period meant when none is written: the first in which something was earned."""
        periods = [period for who, period in self.result.statements if who == partner]
        busy = [period for period in periods if self.result.statements[partner, period]["earned"]]
        return (busy or periods or ["?"])[0]

    # the rest ---------------------------------------------------------------------------------------------------

    def check_adjustments(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for partner, periods in wanted.items():
            name = text_of(partner)
            if not isinstance(periods, dict):
                amounts = self.result.adjustments.items()
                yield name, periods, sum((a for key, a in amounts if name in ("total", key[0])), Fraction(0))
                continue
            for period, value in periods.items():
                by_component = value if isinstance(value, dict) else {None: value}
                for component, expected in by_component.items():
                    total = Fraction(0)
                    for (payee, what, when), amount in self.result.adjustments.items():
                        belongs = normal_id(text_of(period)) in (when, self.posted_in[what, when])
                        if payee == name and belongs and component in (None, what):
                            total += amount
                    yield f"{name} {text_of(period)} {component or ''}".strip(), expected, total

    def check_uncredited(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for row, value in wanted.items():
            reasons = self.result.uncredited.get(text_of(row), {})
            if isinstance(value, dict):
                for name, expected in value.items():
                    yield f"{text_of(row)} {name}", expected, reasons.get(text_of(name))
            elif value is None:
                yield text_of(row), None, next(iter(reasons.values()), None)
            else:
                given = set(reasons.values())
                yield text_of(row), value, value if value in given else (sorted(given) or None)

    def check_taken(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        for name, rows in wanted.items():
            for row, expected in rows.items():
                yield (
                    f"{name} {text_of(row)}",
                    expected,
                    self.result.taken.get(name, {}).get(text_of(row), Fraction(0)),
                )

    def check_problems(self, wanted: list[Any]) -> Iterator[tuple[str, Any, Any]]:
        """The oracle has its own codes: it can only say whether there is a problem."""
        found = sorted(self.result.problems)
        yield "", "none" if not wanted else "some", "none" if not found else "some"

    def check_refused(self, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
        yield "", wanted, False

    def check_periods(self, wanted: dict[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
        calendar, plan = self.result.run.calendar, self.result.run.plan
        for key, value in wanted.items():
            text = text_of(key)
            day = date.fromisoformat(text) if len(text) == 10 and text[4] == text[7] == "-" else None
            if day is not None:
                wanted_ids = value if isinstance(value, dict) else {plan.period: value}
                for grain, expected in wanted_ids.items():
                    yield f"{text} {grain}", normal_id(text_of(expected)), calendar.period(grain, day).id
                continue
            period = calendar.by_id(text)
            for field_name, expected in value.items():
                yield (
                    f"{text} {field_name}",
                    expected,
                    None if period is None else getattr(period, field_name),
                )

    def check_rows(self, wanted: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
        for table, expected in wanted.items():
            yield table, expected, len(self.facts.get(table) or [])
