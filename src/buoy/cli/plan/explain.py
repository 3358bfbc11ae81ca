"""`buoy plan explain`: why this amount."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import Calculated, calculated, record
from buoy.cli.plan.stored import run_of
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.run import wording
from buoy_engine.run.explain import Explained, Explainer, NothingThere
from buoy_engine.run.failures import Failure, suggestion
from buoy_engine.run.lines import Entry, LineExplained, explain_line, proven
from buoy_engine.run.reading import Relations
from buoy_engine.run.record import partner_names
from buoy_engine.run.statements import component_text, rows_text
from buoy_engine.spec.model import Plan

_SHOWN_LINES = 20


def explain(
    file: inputs.PlanFile,
    facts: inputs.FactsFolder,
    partner: Annotated[str | None, typer.Option("--partner", metavar="P", help="Whose earnings.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Such as 2013-Q2 or 2013; default: all.")] = None,
    component: Annotated[str | None, typer.Option("--component", help="One component; default: all.")] = None,
    line: Annotated[str | None, typer.Option("--line", metavar="ID", help="One line, in every component.")] = None,
    runs: Annotated[
        Path, typer.Option("--runs", metavar="DIR", help="Where runs are; one of this plan and these facts is read.")
    ] = Path("runs"),
    every_line: Annotated[bool, typer.Option("--lines", help="List all lines, not only the largest.")] = False,
    as_json: inputs.AsJson = False,
) -> None:
    """Explain what a partner earned, or what a line earned and did not: rule, inputs, tier, arithmetic, rounding.

    For a line that earned nothing: the condition that failed, and the smallest change that would have paid.
    """
    if partner is None and line is None:
        screen.stop("found neither --partner nor --line; expected one of them, to know whose earnings to explain")
    if line is None:
        _partner(file, facts, runs, str(partner), (period, component), every_line, as_json)
        return
    with calculated(file, facts) as done:
        try:
            _line(done, Explainer(Relations(done.result)), line, component, partner, as_json)
        except NothingThere as error:
            screen.stop(str(error))


# ---------------------------------------------------------------- a partner


def _partner(
    file: Path,
    facts: Path,
    runs: Path,
    partner: str,
    chosen: tuple[str | None, str | None],
    every_line: bool,
    as_json: bool,
) -> None:
    """Explains from a run of the same plan and facts, where there is one; from a new calculation otherwise."""
    plan, source, _ = inputs.sound_plan(file)
    stored = run_of(plan, source, facts, runs, only=partner)
    if stored is not None:
        found = _explained(Explainer(stored), partner, chosen)
        _tell(plan, stored.name_of(partner), found, partner, every_line, as_json, run=stored.folder)
        return
    with calculated(file, facts) as done:
        found = _explained(Explainer(Relations(done.result)), partner, chosen)
        name = partner_names(done.result, done.facts).get(partner)
        _tell(plan, name, found, partner, every_line, as_json)


def _explained(explainer: Explainer[Any], partner: str, chosen: tuple[str | None, str | None]) -> list[Explained]:
    try:
        return explainer.explain(partner, *chosen)
    except NothingThere as error:
        screen.stop(str(error))


def _tell(
    plan: Plan,
    name: str | None,
    found: list[Explained],
    partner: str,
    every_line: bool,
    as_json: bool,
    *,
    run: Path | None = None,
) -> None:
    if as_json:
        components = [record(e) for e in found]
        screen.as_json(
            {"partner": partner, "currency": plan.currency, "run": run and run.name, "components": components}
        )
        return
    if run is not None:
        screen.say(f"From run {run.name[:12]} in {run.parent}, of the same plan and facts")
    screen.say(f"{partner}{f' {name}' if name else ''}, in {plan.currency}")
    if not found:
        screen.say("earned nothing: no component has a row or an amount of this partner in this period")
    for part in found:
        screen.say()
        screen.say(f"{part.title} ({part.component}), {part.period}: {_money(plan, part)}")
        if part.rows or part.amount or not part.uncredited:
            for said in component_text(part, plan, rule=True):
                screen.say(said)
            _lines(part, every_line)
        else:
            screen.say(f"    {part.rule}")
            screen.say(f"    {rows_text(part)}; --line ID says why a line did not")


def _money(plan: Plan, part: Explained) -> str:
    return wording.amount(part.amount, minor_digits(plan.currency))


def _lines(part: Explained, every_line: bool) -> None:
    """The lines of an earning; those worth most first unless all are asked for."""
    shares = list(part.shares)
    if not every_line and len(shares) > _SHOWN_LINES:
        shares = sorted(shares, key=lambda share: -abs(share.cents))[:_SHOWN_LINES]
        screen.say(f"    the {_SHOWN_LINES} of {len(part.shares):,} lines worth most (--lines lists all):")
    for share in shares:
        name = share.id if share.id is not None else "on no line"
        base = "" if share.base is None else f" of base {wording.amount(share.base)}"
        screen.say(f"      {name:<20} {share.date or ''!s:<10} {screen.money(share.cents):>14}{base}")


# ---------------------------------------------------------------- a line


def _line(
    done: Calculated,
    explainer: Explainer[Relations],
    line: str,
    component: str | None,
    partner: str | None,
    as_json: bool,
) -> None:
    found = explain_line(explainer, done.facts, line, component)
    with screen.working("trying the suggested changes"):
        found = proven(found, explainer, done.facts, DuckDb)
    entries = tuple(entry for entry in found.entries if partner in (None, entry.payee))
    found = LineExplained(found.id, found.table, found.values, entries)
    if as_json:
        screen.as_json(record(found))
    else:
        _print_line(found)


def _print_line(found: LineExplained) -> None:
    values = ", ".join(f"{name} {_value(value)}" for name, value in found.values.items() if value is not None)
    screen.say(f"{found.id} of {found.table}: {values}")
    for entry in found.entries:
        screen.say()
        screen.say(f"{entry.title} ({entry.component}), {entry.payee}, {entry.period}: {screen.money(entry.earned)}")
        for said in _entry(entry):
            screen.say(f"    {said}")


def _entry(entry: Entry) -> list[str]:
    said = [f"{step.what} = {wording.amount(step.value)}" for step in entry.steps]
    if entry.note:
        said.append(entry.note)
    return said + (_failure(entry.failure) if entry.failure else [])


def _failure(failure: Failure) -> list[str]:
    said = [f"does not count: {failure.reason}, {failure.says}"]
    if failure.condition:
        values = ", ".join(f"{name} is {_value(value)}" for name, value in failure.values.items())
        said.append(f"{failure.condition} does not hold{f': {values}' if values else ''}")
    if failure.change:
        said.append(f"would have counted {' and '.join(map(suggestion, failure.change))}")
    return said


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return wording.plain_number(value) if isinstance(value, Decimal) else str(value)
