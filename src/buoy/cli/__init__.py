"""The `buoy` command: one file or folder per noun."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

import buoy
from buoy.cli import screen
from buoy.core.postgres.failures import PostgresFailure

COMMANDS = {
    "serve": "serve:serve",
    "prepare": "serve.prepare:prepare",
    "migrate": "migrate:migrate",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "doctor": "doctor:doctor",
    "user": "user:app",
    "audit": "audit:app",
    "token": "token:app",
    "translations": "translations:app",
    "example": "example:example",
    "plan": "plan:app",
    "cases": "cases:cases",
    "conformance": "conformance:conformance",
    "bench": "bench:app",
}
"""Where each command is, below this package: a function, or a group of commands."""
_HIDDEN = {"prepare"}


class Commands(TyperGroup):
    """Imports a command when it is asked for: a server has no use for the engine, nor the engine for a server."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"buoy.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name, hidden=cmd_name in _HIDDEN)(found)
        return get_command(alone)


app = typer.Typer(
    name="buoy",
    cls=Commands,
    help="Buoy: selling through partners, and partner incentives explained to the cent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
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
    """Run the command. What nobody foresaw is said in a line; BUOY_DEBUG=1 shows where it happened."""
    try:
        app()
    except PostgresFailure as failure:
        screen.warn(f"buoy: {failure}")
        sys.exit(screen.REFUSED)
    except Exception as error:
        if os.environ.get("BUOY_DEBUG"):
            raise
        screen.warn(f"buoy: {type(error).__name__}: {error}")
        screen.warn("buoy: this is a mistake in Buoy, not yours; BUOY_DEBUG=1 shows where. Please report it.")
        sys.exit(screen.BROKEN)
