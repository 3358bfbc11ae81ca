"""Settings of the plan: currency, time zone, answers that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buoy_engine.kernel.amounts import UnknownCurrency, minor_digits
from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.check.lint import WARNING, Lint
from buoy_engine.spec.source import Path

CURRENCY_WORDS = ("plan", "partner", "row")
"""What a statement's currency may be besides a code."""


def check_currencies(lint: Lint) -> Iterator[Problem]:
    """Codes of ISO 4217, or PTS for points."""
    statement = lint.plan.statement.currency
    wanted: list[tuple[Path, str]] = [(("currency",), lint.plan.currency)]
    if statement is not None and statement not in CURRENCY_WORDS:
        wanted.append((("statement", "currency"), statement))
    for path, code in wanted:
        try:
            minor_digits(code)
        except UnknownCurrency:
            yield lint.problem(
                path,
                "unknown-currency",
                found=f"the currency {code!r}",
                expected="a code of ISO 4217 such as EUR, or PTS for points",
                fix=f"write {code.strip().upper()}" if _is_code(code.strip().upper()) else "correct the code",
            )


def _is_code(code: str) -> bool:
    try:
        minor_digits(code)
    except UnknownCurrency:
        return False
    return True


def check_time_zone(lint: Lint) -> Iterator[Problem]:
    """A zone of the IANA list."""
    name = lint.plan.time_zone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # also what is no name of a file
        yield lint.problem(
            ("time_zone",),
            "unknown-time-zone",
            found=f"the time zone {name!r}",
            expected="a name of the IANA list such as Europe/Berlin, or UTC",
            fix="write region and city; abbreviations such as CET or EST are not meant for this",
        )


def check_contradictions(lint: Lint) -> Iterator[Problem]:
    """One question answered twice in one component, and differently."""
    for path, component in lint.components():
        settings = component.settings
        answers: list[tuple[str, tuple[str, ...], str | None, str | None]] = [
            ("returns", ("returns",), component.returns, settings.returns),
            ("rounding", ("round", "mode"), component.round.mode, settings.rounding),
            ("edges", ("tiers", "edges"), component.tiers.edges if component.tiers else None, settings.edges),
        ]
        for name, place, nearer, farther in answers:
            if nearer is not None and farther is not None and nearer != farther:
                yield lint.problem(
                    (*path, *place),
                    "settings-contradict",
                    found=f"{'.'.join(place)}: {nearer}, while settings of the same component say {name}: {farther}",
                    expected="one answer",
                    fix="remove the one that is not meant; settings are the one that is ignored",
                    severity=WARNING,
                )
