"""`buoy doctor`: is this installation all right, and if not, what to do?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.database import opened
from buoy.cli.doctor import database, machine
from buoy.cli.doctor.finding import Finding, State
from buoy.cli.migrate import roles_sql
from buoy.core import configuration as configurations
from buoy.core.configuration import BadConfiguration
from buoy.core.postgres.failures import PostgresFailure


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    print_roles: Annotated[
        bool,
        typer.Option("--roles-sql", help="Print what the administrator of a PostgreSQL server runs once, and stop."),
    ] = False,
) -> None:
    """Check configuration, machine, database, roles and row-level security. Exit code 1 when something is wrong."""
    if print_roles:
        screen.say(roles_sql())
        return
    findings = list(examine())
    if as_json:
        screen.as_json([{"check": each.check, "state": each.state.value, "found": each.found} for each in findings])
    else:
        rows = [(each.state.value, each.check, each.found) for each in findings]
        screen.table("The state of this installation", ["", "check", "found"], rows)
    raise typer.Exit(screen.FAILED if any(each.state is State.WRONG for each in findings) else screen.FINE)


def examine() -> Iterator[Finding]:
    """Every check in its order; those that need what has failed before are left out."""
    try:
        configuration = configurations.read()
    except BadConfiguration as error:
        yield Finding("configuration", State.WRONG, str(error))
        return
    yield from machine.checks(configuration)
    try:
        with opened(configuration) as server:
            yield from database.checks(server)
    except PostgresFailure as failure:
        yield Finding("database", State.WRONG, str(failure))
