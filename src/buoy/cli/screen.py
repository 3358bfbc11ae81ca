"""How commands speak: tables for people, JSON for programs, problems one a line, and exit codes.

The codes are part of the interface: a script may rely on them.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

FINE = 0
FAILED = 1
"""Findings or failures: what was asked for was done, and the answer is bad news."""
UNREADABLE = 2
"""Wrong use, or an input that cannot be read."""
REFUSED = 3
"""Nothing was calculated or written, because a problem stands in the way."""

BROKEN = 70
"""A mistake in Buoy itself."""

_PIPE_WIDTH = 200
"""Wide enough that nothing is folded in a file or a pipe."""


def out() -> Console:
    """The console of the answer."""
    return _console(sys.stdout, stderr=False)


def err() -> Console:
    """The console of everything that is not the answer."""
    return _console(sys.stderr, stderr=True)


def _console(stream: Any, *, stderr: bool) -> Console:
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def say(text: str = "") -> None:
    """One line of the answer, never folded."""
    print(text)


def warn(text: str) -> None:
    """One line beside the answer."""
    print(text, file=sys.stderr)


def as_json(value: Any) -> None:
    """The answer for a program. Amounts are texts, so that no reader makes binary fractions of them."""
    print(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def stop(message: str, code: int = UNREADABLE) -> NoReturn:
    """Ends the command with a message on the error stream."""
    warn(f"buoy: {message}")
    raise typer.Exit(code)


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[str] = ()
) -> None:
    """A table; the columns named in `right` hold figures."""
    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    figures = set(right)
    for column in columns:
        made.add_column(column, justify="right" if column in figures else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out().print(made)


def money(value: Decimal | None) -> str:
    """1,234.50; nothing for nothing."""
    if value is None:
        return ""
    exponent = value.as_tuple().exponent
    digits = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{value:,.{digits}f}"


@contextlib.contextmanager
def working(what: str) -> Iterator[Any]:
    """A moving sign on the error stream while long work is done; nothing unless a person is watching.

    Yields a function that takes what is being done just now.
    """
    console = err()
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status(what) as status:
        yield lambda text: status.update(f"{what}: {text}")
