"""What a worked case expects, against what was found. Values are compared by what they are, never by how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from buoy_engine.kernel.amounts import round_to
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.outcome import Outcome


@dataclass(frozen=True)
class Miss:
    """One expectation that was not met."""

    where: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.where}: expected {_show(self.expected)}, found {_show(self.found)}"


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


def compare_refused(label: str, expect: Mapping[str, Any], problems: Sequence[Problem]) -> list[Miss]:
    """What is missed when the plan or its facts are refused: acceptance, or the codes that were expected."""
    refused = expect.get("refused")
    found = [p.code for p in problems]
    if refused is None or refused is False:
        return [Miss(f"{label}plan", "a plan that is accepted", "; ".join(map(str, problems)))]
    if refused is True:
        return []
    wanted = [refused] if isinstance(refused, str) else list(refused)
    return [Miss(f"{label}refused", code, ", ".join(found)) for code in wanted if code not in found]


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
    """A measure that is shown in percent is a number of percents; whoever expects it may write the sign."""
    measures = outcome.result.program.plan.measures
    plain = {
        partner: {
            name: _without_sign(value) if name in measures and measures[name].show == "percent" else value
            for name, value in of_partner.items()
        }
        if isinstance(of_partner, Mapping)
        else of_partner
        for partner, of_partner in wanted.items()
    }
    return _nested(where, plain, outcome.measure)


def _without_sign(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_sign(part) for key, part in value.items()}
    return value.strip().removesuffix("%") if isinstance(value, str) else value


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
        number = _number(str(wanted).strip())
        if number is None:
            return False
        exponent = number.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else 0
        found = Decimal(found)
        return number == found or (digits >= 10 and number == round_to(found, digits))
    return str(wanted) == str(found)


def _number(text: str) -> Decimal | None:
    """A number as the facts and the plan are written too: 0.05, 5%, 1/3 (kept to twelve decimals)."""
    above, slash, below = text.partition("/")
    try:
        if slash:
            return round_to(Decimal(above) / Decimal(below), 12)
        return Decimal(text.removesuffix("%")) / 100 if text.endswith("%") else Decimal(text)
    except ArithmeticError:
        return None


def _show(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
