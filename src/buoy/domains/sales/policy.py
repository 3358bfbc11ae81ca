"""Decisions about sales: how an import moves, what it may ask, whom a reported name means, what kind of sale it is."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

# --- An import and its states ----------------------------------------------------------------------------------


class State(enum.Enum):
    """Where an import stands.

    ASKING: a person has something to choose. READING: rows are read and checked. READY: the preview waits for a yes.
    WRITING: lines are written. DONE, FAILED (the file cannot be read), CANCELLED (somebody stopped it).
    """

    ASKING = "asking"
    READING = "reading"
    READY = "ready"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = (State.READING, State.WRITING)
"""States in which a worker has something to do."""
MAY_BE_CANCELLED = (State.ASKING, State.READING, State.READY, State.WRITING)
MAY_BE_READ_AGAIN = (State.ASKING, State.READY, State.FAILED)
"""States in which other answers may be given: nothing has been written yet."""

ROWS_A_TURN = 10_000
"""Rows that are read, checked and written in one transaction: about a second's work, so that a cancel is soon heard."""
HOPELESS_AFTER = 5_000
"""When so many rows were read and all of them refused, the file was not meant as it was read."""
LEFT_BEHIND_SECONDS = 45
"""An import that should move and has not for so long is taken up again."""
PREVIEWED = 100
"""Rows with flaws that a page shows."""

# --- Whom a reported name means --------------------------------------------------------------------------------


class Why(enum.Enum):
    """The reason of a match, in the order in which the rules are tried."""

    BY_HAND = "by_hand"
    ID = "id"
    CODE = "code"
    IDENTIFIER = "identifier"
    NAME = "name"
    REPORTER = "reporter"
    NONE = "none"


@dataclass(frozen=True)
class Reported:
    """A partner as a file names it."""

    code: str
    name: str


@dataclass(frozen=True)
class Known:
    """Somebody who may be meant: `identifiers` are numbers that are one organisation's only."""

    id: UUID
    name: str
    identifiers: tuple[str, ...] = ()


def match(reported: Reported, known: Iterable[Known]) -> tuple[UUID | None, Why]:
    """Whom a file means: by our id, by an identifier, by the name. A rule that fits two decides nothing."""
    return Matcher(known)(reported)


class Matcher:
    """The rules over one list of those who are known: made once, asked for every name of a file."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.ids: dict[str, set[UUID]] = {}
        self.identifiers: dict[str, set[UUID]] = {}
        self.names: dict[str, set[UUID]] = {}
        for each in known:
            self.ids.setdefault(str(each.id), set()).add(each.id)
            self.names.setdefault(plain_name(each.name), set()).add(each.id)
            for identifier in each.identifiers:
                self.identifiers.setdefault(plain_name(identifier), set()).add(each.id)

    def __call__(self, reported: Reported) -> tuple[UUID | None, Why]:
        code, name = plain_name(reported.code), plain_name(reported.name)
        tries = (
            (self.ids, reported.code.strip().lower(), Why.ID),
            (self.identifiers, code, Why.IDENTIFIER),
            (self.names, name, Why.NAME),
            (self.names, code, Why.NAME),
        )
        for table, wanted, why in tries:
            found = table.get(wanted, set()) if wanted else set()
            if len(found) == 1:
                return next(iter(found)), why
        return None, Why.NONE


def plain_name(text: str) -> str:
    """A name as it is compared: without accents, capitals, signs and double spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    letters = (each if each.isalnum() else " " for each in bare if not unicodedata.combining(each))
    return " ".join("".join(letters).split())


class Similar:
    """Names that look like another, by the pieces of three letters that they share (Dice's measure)."""

    LEAST = 0.35
    MOST = 3

    def __init__(self, known: Iterable[Known]) -> None:
        self.names: dict[UUID, str] = {}
        self.sizes: dict[UUID, int] = {}
        self.places: dict[str, list[UUID]] = {}
        for each in known:
            pieces = _pieces(each.name)
            self.names[each.id], self.sizes[each.id] = each.name, len(pieces)
            for piece in pieces:
                self.places.setdefault(piece, []).append(each.id)

    def __call__(self, name: str) -> list[tuple[UUID, str]]:
        """Those that look most like it, best first."""
        pieces = _pieces(name)
        shared: dict[UUID, int] = {}
        for piece in pieces:
            for id_ in self.places.get(piece, ()):
                shared[id_] = shared.get(id_, 0) + 1
        measure = {id_: 2 * count / (len(pieces) + self.sizes[id_]) for id_, count in shared.items()}
        best = sorted(measure, key=lambda id_: (-measure[id_], self.names[id_]))[: self.MOST]
        return [(id_, self.names[id_]) for id_ in best if measure[id_] >= self.LEAST]


def _pieces(name: str) -> set[str]:
    text = f"  {plain_name(name)} "
    return {text[place : place + 3] for place in range(len(text) - 2)}


# --- What kind of sale it is -----------------------------------------------------------------------------------


class Novelty(enum.Enum):
    """A sale beside what its customer has bought before (L5)."""

    NEW_CUSTOMER = "new_customer"
    SAME_PRODUCT = "same_product"
    OTHER_PRODUCT = "other_product"


def novelty(*, sale_date: date, first_sale: date, first_of_product: date) -> Novelty:
    """The kind of a sale, told by days alone, so that the order in which files arrive does not matter.

    Everything that a customer buys on its first day is the sale to a new customer.
    """
    if sale_date <= first_sale:
        return Novelty.NEW_CUSTOMER
    return Novelty.SAME_PRODUCT if sale_date > first_of_product else Novelty.OTHER_PRODUCT


# --- Exchange rates --------------------------------------------------------------------------------------------


class RateKind(enum.Enum):
    """Where a rate comes from. A manual one wins over a published one of the same day."""

    PUBLISHED = "published"
    MANUAL = "manual"


OLDEST_RATE_DAYS = 10
"""A rate serves on the days after it until the next one; one that is older than this says that a rate is missing."""
