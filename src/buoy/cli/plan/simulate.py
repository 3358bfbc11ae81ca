"""`buoy plan simulate`: other values of the plan's parameters."""

from __future__ import annotations

from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import Calculated, calculated, record
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.scope import Misuse
from buoy_engine.run.simulate import (
    NoSuchVariant,
    Outcome,
    Variant,
    outcome_of,
    said,
    simulate,
    simulate_at_once,
    variants,
)
from buoy_engine.run.whatif import NotLate


def simulate_command(
    file: inputs.PlanFile,
    facts: inputs.FactsFolder,
    sets: Annotated[list[str], typer.Option("--set", metavar="NAME=V1,V2,…", help="Values to try; may be repeated.")],
    period: Annotated[str | None, typer.Option("--period", help="Count this statement period only.")] = None,
    as_json: inputs.AsJson = False,
) -> None:
    """Calculate the plan with other values of its parameters: every combination, beside the plan as it is.

    Rates, edges, caps and factors that act on the sums of a period are tried over one crediting of the rows; the answer
    says when that cannot be and every variant was calculated in full.
    """
    with calculated(file, facts) as done:
        if period is not None and all(p.id != period for p in done.result.world.periods[done.plan.period]):
            screen.stop(f"found no statement period {period}; expected one such as 2025-01 or 2025-Q1")
        base = outcome_of({}, done.result, period)
        try:
            made = variants(done.source, _values(sets))
            found, why = _all(done, made, period)
        except (NoSuchVariant, Misuse) as error:
            screen.stop(str(error))
        if as_json:
            screen.as_json(
                {"currency": done.plan.currency, "in_full": why, "base": record(base), "variants": record(found)}
            )
        else:
            _print(base, found, done.plan.currency)
            screen.say(_how(why))


def _values(sets: list[str]) -> dict[str, list[str]]:
    found = {}
    for text in sets:
        name, sign, values = text.partition("=")
        if not sign or not name.strip() or not values.strip():
            screen.stop(f"found --set {text}; expected a parameter and values, as in --set spiff=10,15,20")
        found[name.strip()] = [value.strip() for value in values.split(",")]
    return found


def _all(done: Calculated, made: list[Variant], period: str | None) -> tuple[list[Outcome], str | None]:
    """The outcomes, and why every variant had to be calculated in full; None when the rows were credited once for all."""
    with screen.working("simulating") as now:
        try:
            return simulate_at_once(done.plan, made, done.facts, DuckDb, period), None
        except NotLate as error:
            found = []
            for at, outcome in enumerate(simulate(made, done.facts, DuckDb, period), 1):
                now(f"{at} of {len(made)} variants")
                found.append(outcome)
            return found, str(error)


def _how(why: str | None) -> str:
    if why is None:
        return "All variants were calculated over one crediting of the rows."
    return f"Every variant was calculated in full: {why}"


def _print(base: Outcome, found: list[Outcome], currency: str) -> None:
    rows = [("the plan as it is", *_figures(base, base))]
    rows += [(said(outcome.values), *_figures(outcome, base)) for outcome in found]
    components = list(base.by_component)
    columns = ["variant", *components, "sum", "difference", "partners"]
    screen.table(f"What would be earned, {currency}", columns, rows, right=columns[1:])


def _figures(outcome: Outcome, base: Outcome) -> list[str]:
    parts = [screen.money(amount) for amount in outcome.by_component.values()]
    return [*parts, screen.money(outcome.total), screen.money(outcome.total - base.total), str(outcome.partners)]
