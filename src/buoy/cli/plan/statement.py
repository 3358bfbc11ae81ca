"""`buoy plan statement`: a run's statements in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.plan.stored import run_in
from buoy_engine.run.explain import NothingThere
from buoy_engine.run.statements import file_name, told


def statement(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `plan run` says it.")],
    partner: Annotated[str | None, typer.Option("--partner", metavar="P", help="Whose; printed.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write everybody's, one file each.")] = None,
) -> None:
    """Tell statements line by line: what was earned and how, the settings in force, what is payable.

    They are told from the files of the run; nothing is calculated again.
    """
    if (partner is None) == (out is None):
        screen.stop("expected --partner P, to print a partner's statements, or --out DIR, to write everybody's")
    if partner is not None:
        stored = run_in(run, only=partner)
        try:
            screen.say(told(stored, partner).rstrip("\n"))
        except NothingThere as error:
            screen.stop(str(error))
        return
    assert out is not None
    stored = run_in(run)
    out.mkdir(parents=True, exist_ok=True)
    with screen.working("writing statements") as now:
        for at, each in enumerate(stored.partners, 1):
            (out / file_name(each)).write_text(told(stored, each), encoding="utf-8")
            now(f"{at} written")
    screen.say(f"{len(stored.partners):,} files in {out}")
