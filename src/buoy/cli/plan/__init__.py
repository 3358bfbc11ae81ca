"""`buoy plan`: everything about one plan. One file per command; this one lists them."""

import typer

from buoy.cli.plan import check, explain, run

app = typer.Typer(
    name="plan",
    help="Check, show, calculate and explain a plan. Exit codes: 0 fine, 1 findings, 2 unreadable input, 3 refused.",
    no_args_is_help=True,
)
app.command("check")(check.check)
app.command("run")(run.run)
app.command("explain")(explain.explain)
