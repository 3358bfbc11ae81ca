"""`buoy plan`: everything about one plan. One file per command; this one lists them."""

from pathlib import Path

import typer

from buoy.cli.plan import check, compile, diff, estimate, explain, run, show, simulate, statement

app = typer.Typer(
    name="plan",
    help="Check, show, calculate and explain a plan. Exit codes: 0 fine, 1 findings, 2 unreadable input, 3 refused.",
    no_args_is_help=True,
)
app.command("check")(check.check)
app.command("show")(show.show)
app.command("compile")(compile.compile_command)
app.command("run")(run.run)
app.command("statement")(statement.statement)
app.command("explain")(explain.explain)
app.command("diff")(diff.diff)
app.command("simulate")(simulate.simulate_command)
app.command("estimate")(estimate.estimate_command)


def run_and_print(file: Path, facts: Path, out: Path) -> Path:
    """`plan run` for another command; the folder of the run."""
    return run.run_and_print(file, facts, out)
