"""What can be wrong with a file, with a row, and what has to be asked. Words for people are made elsewhere, by code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SHOWN = 80
"""Characters of a value that a message repeats."""


class Unreadable(Exception):
    """The file as a whole cannot be read. `code` never changes; `params` fill its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(code, params)


@dataclass(frozen=True)
class Flaw:
    """Something wrong in one row: `field` is the fact, `found` the beginning of what stood there.

    A fatal one refuses the row; any other is shown, and the row is taken.
    """

    code: str
    field: str = ""
    found: str = ""
    is_fatal: bool = True


@dataclass(frozen=True)
class Question:
    """What the file leaves open: `about` is encoding, decimal, date_order or serial_dates; `choices` its answers.

    `examples` are values that can be read both ways.
    """

    about: str
    choices: tuple[str, ...]
    examples: tuple[str, ...] = field(default_factory=tuple)


def flaw(code: str, name: str = "", found: object = "", *, is_fatal: bool = True) -> Flaw:
    text = str(found)
    return Flaw(code, name, text if len(text) <= SHOWN else f"{text[:SHOWN]}…", is_fatal)
