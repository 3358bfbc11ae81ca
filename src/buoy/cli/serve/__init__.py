"""`buoy serve`: everything that an installation needs, started, kept up and stopped by one command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.serve.listening import listen
from buoy.cli.serve.supervisor import NotStarted, Supervisor
from buoy.core.configuration import Configuration

if TYPE_CHECKING:
    from buoy.core.postgres.cluster import Cluster


DEMO = (
    "It is a demo. Sign in as ada@nimbus.example (the vendor) or rita@alpha.example (a partner); "
    "everybody's password is:  buoy demo 2026"
)


def serve(
    port: Annotated[int | None, typer.Option("--port", help="Listen on this port; otherwise BUOY_PORT.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the data; otherwise BUOY_DATA.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Fill an empty installation with the demo programme.")] = False,
) -> None:
    """Start Buoy: PostgreSQL (unless DATABASE_URL names one), web server and worker. Ctrl-C stops all of it."""
    # The children read the same settings from the same place.
    said = {"BUOY_PORT": port, "BUOY_DATA": data, "BUOY_DEMO": demo and "true"}
    os.environ.update({name: str(value) for name, value in said.items() if value})
    os.environ["DJANGO_SETTINGS_MODULE"] = "buoy.config.settings"
    configuration = configured()
    if os.name == "nt":
        screen.stop("`buoy serve` runs on Linux and macOS. On Windows, use it in WSL.", screen.REFUSED)
    _take_folder(configuration)
    supervisor = Supervisor(
        configuration=configuration,
        listening=listen(configuration.host, configuration.port),
        cluster=_cluster(configuration),
        environment=dict(os.environ),
        say=screen.warn,
    )
    try:
        supervisor.run(when_ready=lambda prepared: _greet(configuration, prepared))
    except NotStarted as failure:
        screen.stop(str(failure), failure.code)
    screen.say("Buoy has stopped.")


def _take_folder(configuration: Configuration) -> None:
    """Hold the data folder for as long as this process lives. Ends the command when another one has it."""
    from buoy.core.postgres.lock import Lock

    try:
        configuration.data.mkdir(parents=True, exist_ok=True)
        lock = Lock(configuration.data / "serve.lock")
        if not lock.take():
            screen.stop(
                f"Buoy runs already with the data in {configuration.data}, as process {lock.holder}. Stop that, or choose "
                "another folder with `--data` or BUOY_DATA.",
                screen.REFUSED,
            )
    except OSError as error:
        screen.stop(
            f"the data folder {configuration.data} cannot be used: {error.strerror}. Choose another with `--data` or "
            "BUOY_DATA.",
            screen.REFUSED,
        )


def _cluster(configuration: Configuration) -> Cluster | None:
    if configuration.database_url is not None:
        return None
    from buoy.core.postgres.cluster import Cluster

    return Cluster(configuration.data / "postgres", binaries=configuration.pg_bin)


def _greet(configuration: Configuration, prepared: Mapping[str, Any]) -> None:
    if prepared["applied"]:
        screen.say(f"The database was brought up to date: {len(prepared['applied'])} migrations.")
    screen.say(f"Buoy runs at {configuration.address}")
    screen.say(DEMO if configuration.demo else _who_can_sign_in(configuration, prepared))
    screen.say(f"Its data lies in {configuration.data}. Ctrl-C stops it.")


def _who_can_sign_in(configuration: Configuration, prepared: Mapping[str, Any]) -> str:
    if prepared["first_link"]:
        return (
            "Nobody can sign in yet. Make the first administrator's account here, within a day; the link works once:\n"
            f"  {configuration.address}{prepared['first_link']}"
        )
    administrators: list[str] = prepared["administrators"]
    if not administrators:
        return (
            "No administrator can sign in. Make one:  buoy user create you@example.org --name You --role administrator"
        )
    more = f" and {len(administrators) - 3} more" if len(administrators) > 3 else ""
    return f"Its administrators: {', '.join(administrators[:3])}{more}"
