"""`buoy user`: who may sign in, for those who have the machine: the first administrator, and the way back in."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.database import opened
from buoy.cli.migrate import start_django

if TYPE_CHECKING:
    from buoy.core.actor import Actor
    from buoy.domains.accounts.queries import Person

app = typer.Typer(help="Make, list and change the accounts of people.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address that the person signs in with.")]
Roles = Annotated[
    list[str], typer.Argument(metavar="ROLE…", help="One or more roles; a wrong one names those there are.")
]


@app.command("create")
def create(
    email: Email,
    name: Annotated[str, typer.Option("--name", help="What the person is called.")],
    role: Annotated[list[str], typer.Option("--role", help="A role; may be repeated.")],
    partner: Annotated[
        UUID | None, typer.Option("--partner", help="The partner's id; none for the vendor's own.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="en, id, pl, ar or nl.")] = "en",
) -> None:
    """Make an account. The password is asked for, or read from a pipe; empty, the person signs in by a code.

    `buoy user create ana@example.org --name Ana --role administrator` makes the first administrator.
    """
    with _acting_here() as actor:
        from buoy.core import clock
        from buoy.domains.accounts.actions import people

        people.create_user(
            actor,
            email=email,
            name=name,
            roles=role,
            partner_id=partner,
            password=_password(email=email, name=name),
            language=language,
            now=clock.now(),
        )
    screen.say(f"{name} <{email.lower()}> can sign in as {', '.join(role)}.")


@app.command("list")
def list_(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Only names and addresses that hold this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the people as JSON.")] = False,
) -> None:
    """List who can sign in, and who could before."""
    with _acting_here() as actor:
        people = _people(actor, words)
    if as_json:
        screen.as_json([_for_a_program(person) for person in people])
        return
    rows = [
        (
            each.email,
            each.name,
            each.partner_name,
            ", ".join(each.roles),
            "yes" if each.has_second_factor else "no",
            "" if each.is_active else "disabled",
        )
        for each in people
    ]
    screen.table(None, ["e-mail", "name", "partner", "roles", "2nd factor", "state"], rows)


@app.command("role")
def role(email: Email, roles: Roles) -> None:
    """Give somebody exactly these roles. Ends their sessions and tells them by e-mail."""
    with _acting_here() as actor:
        from buoy.core import clock
        from buoy.domains.accounts.actions import people

        people.change_roles(actor, user_id=_person(actor, email).id, roles=roles, now=clock.now())
    screen.say(f"{email} has the roles {', '.join(roles)}.")


@app.command("disable")
def disable(email: Email) -> None:
    """Keep somebody out, and end their sessions. What they did stays."""
    _do("disable_user", email)
    screen.say(f"{email} cannot sign in any more.")


@app.command("enable")
def enable(email: Email) -> None:
    """Let somebody in again."""
    _do("enable_user", email)
    screen.say(f"{email} can sign in again.")


@app.command("reset-second-factor")
def reset_second_factor(email: Email) -> None:
    """Take a lost second factor and its recovery codes away, end their sessions, and tell them by e-mail.

    Be sure that it is they who ask. A role that demands a second factor has it set up at the next sign-in.
    """
    _do("reset_second_factor", email)
    screen.say(f"{email} signs in without a second factor, until they set up another.")


@app.command("unlink")
def unlink(email: Email) -> None:
    """Part an account from the single sign-on; the next sign-in from there finds it by its address again."""
    _do("unlink_single_sign_on", email)
    screen.say(f"{email} is not linked to a single sign-on any more.")


@app.command("sign-out")
def sign_out(email: Email) -> None:
    """End all sessions of somebody."""
    _do("end_sessions", email)
    screen.say(f"{email} is signed out everywhere.")


def _do(action: str, email: str) -> None:
    """Do something about somebody that needs no more to be said."""
    with _acting_here() as actor:
        from buoy.core import clock
        from buoy.domains.accounts.actions import people

        getattr(people, action)(actor, user_id=_person(actor, email).id, now=clock.now())


@contextlib.contextmanager
def _acting_here() -> Iterator[Actor]:
    """An actor for whoever has the machine; the audit trail knows them by their account on it.

    Ends the command with what a use case refuses.
    """
    with opened(configured()):
        start_django()
        from buoy.core.actor import Actor, Face
        from buoy.core.errors import DomainError

        may = frozenset({"users.view", "users.manage"})
        try:
            yield Actor(face=Face.DESK, name=f"command line: {getpass.getuser()}", permissions=may)
        except DomainError as error:
            screen.stop(str(error), screen.REFUSED)


def _people(actor: Actor, words: str) -> list[Person]:
    from buoy.core.scope import acting
    from buoy.domains.accounts import queries

    with acting(actor, read_only=True):
        return queries.people(actor, words=words)


def _person(actor: Actor, email: str) -> Person:
    found = [person for person in _people(actor, email) if person.email == email.lower()]
    if not found:
        screen.stop(f"found nobody with the address {email}; `buoy user list` shows who there is", screen.REFUSED)
    return found[0]


def _password(*, email: str, name: str) -> str | None:
    """From the terminal, twice and unseen, or one line of a pipe. None when it is empty."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from buoy.domains.accounts.models import User

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, default="", show_default=False)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        return None
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        screen.stop(f"this password cannot be taken. {' '.join(error.messages)}", screen.REFUSED)
    return password


def _for_a_program(person: Person) -> dict[str, object]:
    return {
        "email": person.email,
        "name": person.name,
        "partner": person.partner_name,
        "roles": list(person.roles),
        "has_second_factor": person.has_second_factor,
        "is_active": person.is_active,
    }
