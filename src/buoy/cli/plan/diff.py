"""`buoy plan diff`: what another version of a plan would have paid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import record, result_of
from buoy_engine.run.difference import Difference, NotComparable, PartnerDelta, compare_results
from buoy_engine.run.report import problems_of
from buoy_engine.spec.model import Plan

_SHOWN = 15


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The plan as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The plan as it would be.")],
    facts: inputs.FactsFolder,
    every_line: Annotated[bool, typer.Option("--lines", help="List all changed lines.")] = False,
    as_json: inputs.AsJson = False,
) -> None:
    """Compare two plans on the same facts: winners, losers, changed lines with the reason, the total to the cent."""
    before, _, _ = inputs.sound_plan(old)
    after, _, _ = inputs.sound_plan(new)
    with (
        inputs.facts_in(facts, before) as (read, _),
        result_of(before, read, f"calculating {old}", where=str(old)) as was,
    ):
        inputs.refuse_blocking(problems_of(was))
        with result_of(after, read, f"calculating {new}", where=str(new)) as now:
            inputs.refuse_blocking(problems_of(now))
            try:
                found = compare_results(was, now)
            except NotComparable as error:
                screen.stop(str(error))
    if as_json:
        screen.as_json(answer(found))
    else:
        _print(found, before, after, every_line)


def answer(found: Difference) -> dict[str, Any]:
    """A difference for a program, deltas written out."""

    def with_delta(entry: Any) -> dict[str, Any]:
        return {**record(entry), "delta": entry.delta}

    return {
        "currency": found.currency,
        "old": found.old,
        "new": found.new,
        "delta": found.delta,
        "winners": [with_delta(entry) for entry in found.winners],
        "losers": [with_delta(entry) for entry in found.losers],
        "unchanged": found.unchanged,
        "earnings": [with_delta(entry) for entry in found.deltas],
        "lines": [record(entry) for entry in found.lines],
    }


def _print(found: Difference, before: Plan, after: Plan, every_line: bool) -> None:
    screen.say(f"{before.title or before.plan}: {screen.money(found.old)} {found.currency}")
    screen.say(f"{after.title or after.plan}: {screen.money(found.new)} {found.currency}")
    won, lost = len(found.winners), len(found.losers)
    screen.say(f"difference {screen.money(found.delta)}: {won} partners win, {lost} lose, {found.unchanged} unchanged")
    print_partners("Winners", found.winners)
    print_partners("Losers", found.losers)
    _print_reasons(found)
    if every_line:
        _print_lines(found)


def print_partners(title: str, partners: tuple[PartnerDelta, ...]) -> None:
    """Those whose amount changed most."""
    if not partners:
        return
    shown = partners[:_SHOWN]
    more = f", the first {len(shown)} of {len(partners)}" if len(partners) > len(shown) else ""
    rows = [(p.partner, screen.money(p.old), screen.money(p.new), screen.money(p.delta)) for p in shown]
    screen.table(f"{title}{more}", ("partner", "old", "new", "difference"), rows, right=("old", "new", "difference"))


def _print_reasons(found: Difference) -> None:
    """Changed lines by component and reason."""
    sums: dict[tuple[str, str], list[Any]] = {}
    for line in found.lines:
        held = sums.setdefault((line.component, line.why), [0, line.new - line.new])
        held[0] += 1
        held[1] += line.new - line.old
    rows = [(*key, f"{count:,}", screen.money(delta)) for key, (count, delta) in sorted(sums.items())]
    if rows:
        columns = ("component", "why", "lines", "difference")
        screen.table("Changed lines (--lines lists them)", columns, rows, right=("lines", "difference"))


def _print_lines(found: Difference) -> None:
    rows = [
        (line.id, line.component, line.partner, screen.money(line.old), screen.money(line.new), line.why)
        for line in found.lines
    ]
    screen.table("Lines", ("line", "component", "partner", "old", "new", "why"), rows, right=("old", "new"))
