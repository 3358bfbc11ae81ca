"""The `buoy` command: one file per noun."""

from __future__ import annotations

import os
import sys

import typer

import buoy
from buoy.cli import bench, cases, conformance, plan, run, screen

app = typer.Typer(
    name="buoy",
    help="Buoy: partner incentives, from a plan and a sales file to explained statements.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.add_typer(plan.app)
app.command("cases")(cases.cases)
app.command("conformance")(conformance.conformance)
app.add_typer(bench.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"buoy {buoy.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Hold the options that come before a command."""


def main() -> None:
    """Run the command. What nobody foresaw is said in a line; BUOY_DEBUG=1 shows where it happened."""
    try:
        app()
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(screen.FINE)
    except Exception as error:
        if os.environ.get("BUOY_DEBUG"):
            raise
        screen.warn(f"buoy: {type(error).__name__}: {error}")
        screen.warn("buoy: this is a mistake in Buoy, not yours; BUOY_DEBUG=1 shows where. Please report it.")
        sys.exit(screen.BROKEN)
