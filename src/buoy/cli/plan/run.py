"""`buoy plan run`: what was earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy.cli.plan.calculation import Calculated, calculated, record
from buoy_engine.facts.canonical import snapshot_ids
from buoy_engine.run.record import (
    RunDiffers,
    RunRecord,
    earning_rows,
    partner_names,
    run_id,
    statement_rows,
    write_run,
)
from buoy_engine.run.report import Reconciled, reconcile, why_empty
from buoy_engine.run.stored import wanted
from buoy_engine.spec.fingerprint import fingerprint

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the run's folder is written.")]
Period = Annotated[str | None, typer.Option("--period", help="Show this period only; all are calculated and written.")]


_COLUMNS = 6
"""As many periods as fit on a screen."""


def run(
    file: inputs.PlanFile,
    facts: inputs.FactsFolder,
    out: Out = Path("runs"),
    period: Period = None,
    as_json: inputs.AsJson = False,
) -> None:
    """Calculate a plan over a folder of facts and write the run: earnings, trace, statements, problems, reconciliation.

    The folder is named by the hash of all that went in; running again with the same inputs gives the same bytes. Exit
    code 3 when a problem stands in the way; then nothing is written.
    """
    run_and_print(file, facts, out, period=period, as_json=as_json)


def run_and_print(file: Path, facts: Path, out: Path, *, period: str | None = None, as_json: bool = False) -> Path:
    """Calculates, writes, prints; the folder of the run."""
    with calculated(file, facts, examples=True, wanted=wanted) as done:
        _known_period(done, period)
        reconciled = reconcile(done.result)
        written = write(done, facts, out, reconciled)
        if as_json:
            screen.as_json(_answer(done, reconciled, written, period))
        else:
            _print(done, reconciled, written, period)
        return written[0]


def _known_period(done: Calculated, period: str | None) -> None:
    known = [p.id for p in done.result.world.periods[done.plan.period]]
    if period is not None and period not in known:
        screen.stop(f"found no statement period {period}; expected one of {', '.join(known)}")


def write(done: Calculated, facts: Path, out: Path, reconciled: list[Reconciled]) -> tuple[Path, bool]:
    """The run's folder and whether it is new."""
    snapshots = snapshot_ids(done.facts)
    made = RunRecord(
        run_id=run_id(done.source.data, snapshots),
        logic=fingerprint(done.plan),
        plan_text=inputs.read_text(Path(done.source.name)),
        snapshots=snapshots,
        result=done.result,
        problems=done.problems,
        reconciled=reconciled,
        inputs=inputs.files_in(facts),
        names=partner_names(done.result, done.facts),
    )
    try:
        with screen.working("writing the run"):
            return write_run(made, out)
    except RunDiffers as error:
        screen.stop(str(error), screen.REFUSED)
    except OSError as error:
        screen.stop(f"cannot write to {out}: {error.strerror}; give --out a folder that can be written")


# ---------------------------------------------------------------- the answer


def _answer(
    done: Calculated, reconciled: list[Reconciled], written: tuple[Path, bool], period: str | None
) -> dict[str, Any]:
    folder, is_new = written
    earned = [row for row in earning_rows(done.result) if period in (None, row["_settle"])]
    statements = [row for row in statement_rows(done.result) if period in (None, row["period"])]
    return {
        "run": folder.name,
        "folder": str(folder),
        "new": is_new,
        "currency": done.plan.currency,
        "earned": sum((row["amount"] for row in earned), Decimal(0)),
        "earnings": [_earning(row) for row in earned],
        "statements": [_statement(row) for row in statements],
        "reconciliation": [record(entry) for entry in reconciled],
        "empty": why_empty(reconciled),
        "problems": [record(problem) for problem in done.problems],
    }


def _earning(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "partner": row["_payee"],
        "component": row["component"],
        "period": row["_period"],
        "amount": row["amount"],
        "reason": row["_reason"],
    }


def _statement(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("period", "earned", "payable", "carried_forward", "currency", "paid_amount")
    return {"partner": row["_payee"], **{name: row[name] for name in names}}


def _print(done: Calculated, reconciled: list[Reconciled], written: tuple[Path, bool], period: str | None) -> None:
    folder, is_new = written
    earned = [row for row in earning_rows(done.result) if period in (None, row["_settle"])]
    for problem in done.problems:
        screen.warn(f"{problem} ({problem.severity})")
    print_earned(done, earned)
    _print_reconciled(reconciled)
    for sentence in why_empty(reconciled):
        screen.say(sentence)
    state = "written to" if is_new else "the same as before, byte for byte, in"
    screen.say(f"run {folder.name[:12]} {state} {folder}")


def print_earned(done: Calculated, earned: Iterable[Mapping[str, Any]]) -> None:
    """Component by statement period, with the sums; by year where there are too many periods for a screen."""
    rows = list(earned)
    column_of = _columns(done, {row["_settle"] for row in rows})
    cells: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    partners: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        cells[row["component"], column_of[row["_settle"]]] += row["amount"]
        if row["amount"]:
            partners[row["component"]].add(row["_payee"])
    shown = list(dict.fromkeys(column_of.values()))
    made = []
    for component in done.plan.components:
        figures = [cells.get((component.id, name), Decimal(0)) for name in shown]
        made.append((component.id, len(partners[component.id]), figures))
    pays = [figures for component, (_, _, figures) in zip(done.plan.components, made, strict=True) if component.pays]
    sums = [sum(column, Decimal(0)) for column in zip(*pays, strict=True)]
    made.append(("all", len(set().union(*partners.values())), sums))
    columns = ["component", "partners", *shown, "sum"]
    table = [(name, n, *map(screen.money, f), screen.money(sum(f, Decimal(0)))) for name, n, f in made]
    screen.table(
        f"{done.plan.title or done.plan.plan}: earned, {done.plan.currency}", columns, table, right=columns[1:]
    )


def _columns(done: Calculated, used: set[str]) -> dict[str, str]:
    """Statement period → the column it is shown in, in order of time."""
    world = done.result.world
    periods = [p for p in world.periods[done.plan.period] if p.id in used]
    if len(periods) <= _COLUMNS:
        return {p.id: p.id for p in periods}
    return {p.id: year.id if (year := world.of("year", p.last_day)) else p.id for p in periods}


def _print_reconciled(reconciled: list[Reconciled]) -> None:
    rows = [
        (
            entry.component,
            f"{entry.rows:,}",
            f"{entry.credited:,}",
            ", ".join(f"{n:,} {reason}" for reason, n in entry.uncredited.items()) or "none",
            ", ".join(f"{n:,} {reason}" for reason, n in entry.withheld.items()) or "none",
            screen.money(entry.earned),
        )
        for entry in reconciled
    ]
    columns = ("component", "rows", "credited", "not credited", "gates that failed", "earned")
    screen.table("Where the rows went", columns, rows, right=("rows", "credited", "earned"))
