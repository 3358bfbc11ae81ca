"""What a row of a product file means, and what may be wrong with it.

A row says what a product is. A column that is not in the file leaves what it is about as it is; a cell that is empty empties
it. GTINs are only added: a file never takes a number from a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from buoy.domains.catalog.policy.codes import clean_code
from buoy.domains.catalog.policy.families import DEEPEST, path_of
from buoy.domains.catalog.policy.gtin import NotAGtin, read_gtin
from buoy.domains.catalog.policy.units import PIECE, UNITS

COLUMNS: dict[str, frozenset[str]] = {
    "code": frozenset({"code", "article number", "article no", "product code", "item number", "sku"}),
    "name": frozenset({"name", "product", "product name", "title"}),
    "family": frozenset({"family", "category", "product family", "product category"}),
    "kind": frozenset({"kind", "type", "product type"}),
    "unit": frozenset({"unit", "counted in", "unit of measure", "uom"}),
    "gtin": frozenset({"gtin", "ean", "upc", "barcode", "gtin-13", "gtin-14"}),
    "description": frozenset({"description"}),
    "is_active": frozenset({"in sale", "is active", "active", "state"}),
}
"""The columns that are understood, by any of their names; case, dashes and underscores do not matter."""
NEEDED = ("code", "name")
YES = frozenset({"yes", "y", "true", "1", "in sale", "active"})
NO = frozenset({"no", "n", "false", "0", "out of sale", "not active", "inactive"})
KINDS = frozenset({"goods", "service", "licence", "subscription"})
LONGEST = {"name": 200, "description": 4000}
LONGEST_FAMILY = 120
UNIT_NAMES = {"piece": PIECE, "pcs": PIECE, "each": PIECE, "ea": PIECE, "hour": "HUR", "day": "DAY", "month": "MON"}
UNIT_NAMES |= {
    "year": "ANN",
    "kg": "KGM",
    "kilogram": "KGM",
    "person": "IE",
    "pack": "XPK",
    "case": "XCS",
    "set": "SET",
}


@dataclass(frozen=True)
class RowProblem:
    """What is wrong: a word of `WORDS` in the actions, and what was found."""

    problem: str
    found: str = ""
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class ProductLine:
    """A product as a row tells it. None where the file has no such column."""

    code: str
    name: str
    path: tuple[str, ...] | None = None
    kind: str | None = None
    unit: str | None = None
    gtin: str = ""
    """With 14 digits."""
    description: str | None = None
    is_active: bool | None = None

    @property
    def said(self) -> dict[str, object]:
        """The columns of a product that the row tells, other than its family."""
        told = {name: getattr(self, name) for name in ("name", "kind", "unit", "description", "is_active")}
        return {name: value for name, value in told.items() if value is not None}


def understood(columns: Iterable[str]) -> dict[str, str]:
    """The column of the file for each of ours that it has."""
    found: dict[str, str] = {}
    for column in columns:
        plain = " ".join(column.casefold().replace("_", " ").split())
        for ours, names in COLUMNS.items():
            if plain in names:
                found.setdefault(ours, column)
    return found


def read_line(row: Mapping[str, str]) -> ProductLine | RowProblem:
    """Read a row whose cells stand under our own names of columns."""
    checks = (_code, _texts, _family, _kind, _unit, _state, _gtin)
    told: dict[str, object] = {}
    for check in checks:
        found = check(row)
        if isinstance(found, RowProblem):
            return found
        told |= found
    return ProductLine(**told)  # type: ignore[arg-type]


Told = dict[str, object] | RowProblem


def _code(row: Mapping[str, str]) -> Told:
    code = clean_code(row.get("code", ""))
    return {"code": code} if code else RowProblem("code", row.get("code", ""))


def _texts(row: Mapping[str, str]) -> Told:
    if not row.get("name"):
        return RowProblem("name")
    for name, most in LONGEST.items():
        if len(row.get(name, "")) > most:
            return RowProblem("too_long", name, str(most))
    return {name: row[name] for name in LONGEST if name in row}


def _family(row: Mapping[str, str]) -> Told:
    if "family" not in row:
        return {}
    path = path_of(row["family"])
    if len(path) > DEEPEST or any(len(name) > LONGEST_FAMILY for name in path):
        return RowProblem("family", row["family"])
    return {"path": path}


def _kind(row: Mapping[str, str]) -> Told:
    kind = row.get("kind", "").casefold()
    if not kind:
        return {}
    return {"kind": kind} if kind in KINDS else RowProblem("kind", row["kind"])


def _unit(row: Mapping[str, str]) -> Told:
    text = row.get("unit", "")
    if not text:
        return {}
    unit = UNIT_NAMES.get(text.casefold(), text.upper())
    return {"unit": unit} if unit in UNITS else RowProblem("unit", text)


def _state(row: Mapping[str, str]) -> Told:
    state = row.get("is_active", "").casefold()
    if not state:
        return {}
    return {"is_active": state in YES} if state in YES | NO else RowProblem("is_active", row["is_active"])


def _gtin(row: Mapping[str, str]) -> Told:
    text = row.get("gtin", "")
    if not text:
        return {}
    try:
        return {"gtin": read_gtin(text)}
    except NotAGtin as wrong:
        return RowProblem(f"gtin_{wrong.reason}", wrong.digits, wrong.expected)
