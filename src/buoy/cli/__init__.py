"""The `buoy` command: one file per noun, each adding its own commands to `app`."""

import typer

import buoy

app = typer.Typer(
    name="buoy",
    help="Selling through partners: incentives from a plan and a sales file to explained statements.",
    no_args_is_help=True,
    add_completion=False,
)


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
    app()
