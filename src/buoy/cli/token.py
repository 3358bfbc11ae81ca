"""`buoy token`: a token for a program, for those who have the machine and no browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.database import opened
from buoy.cli.migrate import start_django

app = typer.Typer(help="Make a token for a program that calls the API.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `create` a word of its own while it is the only one."""


@app.command("create")
def create(
    email: Annotated[str, typer.Argument(help="Whose token it is: it can do what that user may.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="read, write, or a single right; may be repeated.")],
    days: Annotated[int, typer.Option(help="After how many days it ends.")] = 90,
) -> None:
    """Make a token and print it. It is shown this once."""
    with opened(configured()):
        start_django()
        from buoy.core import clock
        from buoy.core.errors import DomainError
        from buoy.domains.accounts.actions.tokens import create_token
        from buoy.domains.accounts.models import User
        from buoy.domains.partners.queries import actor_of

        now = clock.now()
        user = User.objects.filter(email=email.lower(), is_active=True).first()
        if user is None:
            screen.stop(f"found no active user with the address {email}")
        actor = actor_of(user, on=now.date(), address="command line")
        try:
            _, text = create_token(actor, name=name, scopes=scope, expires_at=now + timedelta(days=days), now=now)
        except DomainError as error:
            screen.stop(str(error))
    screen.say(text)
