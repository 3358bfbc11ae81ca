"""`buoy audit`: is the audit trail as it was written, and where does it end?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import typer

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.database import opened
from buoy.cli.migrate import start_django

app = typer.Typer(help="Check the audit trail, and note where it ends.", no_args_is_help=True)


@app.command("verify")
def verify() -> None:
    """Calculate the whole chain again and hold it against every anchor. Exit code 1 when something was changed."""
    with _looking_at_all():
        from buoy.core import chain, daily

        try:
            anchors = chain.read_anchors(daily.ANCHORS)
        except ValueError as error:
            screen.stop(str(error))
        verdict = chain.verify(anchors)
    for finding in verdict.findings:
        screen.say(finding)
    if verdict.findings:
        screen.warn(
            f"The audit trail was changed: {len(verdict.findings)} findings. Keep the database as it is, and look."
        )
        raise typer.Exit(screen.FAILED)
    screen.say(f"The audit trail is whole: {verdict.rows} rows, {verdict.anchors} anchors in {daily.ANCHORS}.")
    if not verdict.anchors:
        screen.warn("No anchor says where it ended before, so a cut end would not show: run `buoy audit anchor`.")


@app.command("anchor")
def anchor() -> None:
    """Write length and last hash to the file of anchors, and print them. Keep a copy elsewhere."""
    with _looking_at_all():
        from buoy.core import chain, clock, daily

        made = chain.anchor(daily.ANCHORS, now=clock.now())
    screen.say(f"{made.at} {made.number} {made.hash}")


@contextlib.contextmanager
def _looking_at_all() -> Iterator[None]:
    with opened(configured()):
        start_django()
        from buoy.core.actor import job_actor
        from buoy.core.scope import acting

        with acting(job_actor("buoy audit"), read_only=True):
            yield
