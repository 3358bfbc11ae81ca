"""What is done before the programs start, in a process of its own, so that the supervisor stays small."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, TextIO

from buoy.cli import screen
from buoy.cli.configured import configured
from buoy.cli.database import Database, Login, opened
from buoy.cli.migrate import bring_up_to_date, missing_migrations, start_django
from buoy.core import catalogues


def prepare() -> None:
    """Bring database, translations and static files to this version of Buoy, and print as JSON what was done."""
    with _answer() as answer, opened(configured(), make=True) as database:
        applied = _tables(database)
        catalogues.compile_all()
        start_django()
        _static_files()
        _demo()
        json.dump({"applied": applied, "administrators": _administrators(), "first_link": _first_link()}, answer)


def _answer() -> TextIO:
    """Standard output, for the answer alone: what a library or a program prints goes to standard error from here on."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answer


def _demo() -> None:
    """Fill an installation that is to be a demo and has no partners yet."""
    from django.conf import settings

    from buoy.core import clock

    if settings.CONFIGURATION.demo:
        from buoy.cli import demo

        demo.make(settings.CONFIGURATION, now=clock.now())


def _tables(database: Database) -> list[str]:
    """Migrate where we have the owner's login. Where we have not, an administrator migrates, and we check that it is done."""
    if database.embedded is not None or database.configuration.database_owner_url is not None:
        return bring_up_to_date(database)
    with database.connect(Login.APP):
        missing = missing_migrations("default")
    if missing:
        screen.stop(
            f"the database is older than this version of Buoy: {len(missing)} migrations are missing, the first is "
            f"{missing[0]}. Run `buoy migrate` with BUOY_DATABASE_OWNER_URL, then start again.",
            screen.REFUSED,
        )
    return []


def _static_files() -> None:
    """Gather the files of all parts under names that hold their content's hash, unless that has been done."""
    from django.conf import settings
    from django.core.management import call_command

    folder = Path(settings.STATIC_ROOT)
    stamp = folder.with_suffix(".gathered")
    state = _state_of_sources()
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == state:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)


def _state_of_sources() -> str:
    from django.contrib.staticfiles.finders import get_finders

    state = hashlib.sha256()
    for finder in get_finders():
        listed: list[tuple[str, Any]] = sorted(finder.list([]), key=lambda pair: pair[0])
        for name, storage in listed:
            found = Path(storage.path(name)).stat()
            state.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return state.hexdigest()


def _administrators() -> list[str]:
    """The addresses of those who can sign in and let others in."""
    from buoy.core.actor import Actor, Face
    from buoy.core.scope import acting
    from buoy.domains.accounts import queries

    actor = Actor(face=Face.DESK, name="buoy serve", permissions=frozenset({"users.view"}))
    with acting(actor, read_only=True):
        return queries.administrators(actor)


def _first_link() -> str:
    """Where the first administrator makes their account; empty when somebody can sign in already."""
    from django.urls import reverse

    from buoy.domains.accounts.actions import first

    token = first.new_link_token()
    return reverse("accounts:start", args=[token]) if token else ""
