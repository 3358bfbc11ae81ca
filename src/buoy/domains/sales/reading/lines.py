"""From a row of a file to a sales line, or to the list of its flaws.

    row of the file → values by fact → checked and written in one way → key and content

**The key** says which line it is, so that a file may be sent again: the id of the line, else the document with the number
of its line, else the whole content. In the last case two rows that are the same in everything are two lines (a till sells
two of something, one after the other); they are told apart by counting them, and a row that was changed is another line.

**The content** is a hash over everything that is kept: the same key with another content is a correction.

A negative amount is a return. An amount that is not in the file is quantity times unit price, exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from buoy.domains.sales.reading import days, numbers
from buoy.domains.sales.reading.delimited import DAMAGED
from buoy.domains.sales.reading.flaws import Flaw, flaw
from buoy.domains.sales.reading.layout import Layout
from buoy.domains.sales.reading.limits import LONGEST_VALUE
from buoy.domains.sales.reading.mapping import CODES, FIELDS, NUMBERS, missing
from buoy.domains.sales.reading.workbook import Cell

KEPT = (*FIELDS, "kind", "event")
"""The facts of a line, in the order in which they are kept."""
CHANNELS = ("direct", "indirect", "online", "retail", "direct_mail", "in_person")
TIERS = ("vendor", "agent", "distributor", "reseller", "retailer", "customer")
EVENTS = ("order", "invoice", "shipment", "point_of_sale")
SALE, RETURN = "sale", "return"
_LISTS = {"channel": CHANNELS, "tier_from": TIERS, "tier_to": TIERS}
_LONGEST = {"product_name": 300, "customer_name": 300, "partner_name": 300}
_LONGEST_CODE = 100

_WHOLE = re.compile(r"(\d+)\.0+")
_LONG_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d+")
_ERRORS = re.compile(r"#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|#{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ROOM = 1 << 13
"""Values of a column whose meaning is remembered; most columns repeat themselves."""


@dataclass(frozen=True)
class Read:
    """`values` follow `KEPT`, written as PostgreSQL reads them; there are none when a flaw is fatal."""

    values: tuple[str | None, ...] | None
    key: bytes
    content: bytes
    flaws: tuple[Flaw, ...]


class Unmapped(ValueError):
    """Facts without which no line can be made have no column. `lacking` names them."""

    def __init__(self, lacking: Sequence[str]) -> None:
        self.lacking = tuple(lacking)
        super().__init__(", ".join(lacking))


class LineReader:
    """Reads the rows of one file: `reader(cells)` gives a `Read`."""

    def __init__(
        self,
        *,
        layout: Layout,
        mapping: Map[str, str],
        defaults: Map[str, str],
        currencies: frozenset[str],
        latest: date,
    ) -> None:
        """`defaults` fill facts that the file does not have; no sale is later than `latest`. Raises Unmapped."""
        if lacking := missing(mapping, has_currency=bool(defaults.get("currency"))):
            raise Unmapped(lacking)
        self.width = len(layout.columns)
        self.is_text = layout.kind == "csv"
        self.defaults = {name: defaults[name] for name in KEPT if defaults.get(name)}
        self.currencies = currencies
        self.latest = latest
        places = [(name, layout.columns.index(column)) for name, column in mapping.items() if column in layout.columns]
        self.places = [(name, place, self._parser(name, layout)) for name, place in places]

    def __call__(self, cells: Sequence[Cell]) -> Read:
        flaws: list[Flaw] = []
        if self.is_text and (damage := self._shape(cells)):
            return Read(None, b"", b"", (damage,))
        found: dict[str, str | None] = dict(self.defaults)
        for name, place, parse in self.places:
            cell = cells[place] if place < len(cells) else None
            if cell is None or cell == "":
                continue
            if isinstance(cell, str) and len(cell) > LONGEST_VALUE:
                flaws.append(flaw("too-long", name, cell))
                continue
            value, flaw_ = parse(cell)
            if flaw_:
                flaws.append(flaw_)
            if value is not None:
                found[name] = value
        self._complete(found, flaws)
        if any(each.is_fatal for each in flaws):
            return Read(None, b"", b"", tuple(flaws))
        values = tuple(found.get(name) for name in KEPT)
        content = _hash(*values)
        return Read(values, _key(found) or content, content, tuple(flaws))

    def _shape(self, cells: Sequence[Cell]) -> Flaw | None:
        if len(cells) == 1 and cells[0] == DAMAGED:
            return Flaw("damaged-quotes")
        if len(cells) > self.width and any(cells[self.width :]):
            return flaw("too-many-values", found=len(cells))
        if len(cells) < self.width and len(cells) <= max((place for _, place, _ in self.places), default=0):
            return flaw("too-few-values", found=len(cells))
        return None

    def _complete(self, found: dict[str, str | None], flaws: list[Flaw]) -> None:
        """What follows from the values: amount, kind, and what must be there."""
        flawed = {each.field for each in flaws if each.is_fatal}
        if not found.get("amount") and "amount" not in flawed:
            quantity, price = found.get("quantity"), found.get("unit_price")
            if quantity and price:
                try:
                    found["amount"] = _plain(numbers.within_limits(Decimal(quantity) * Decimal(price)))
                except numbers.NotANumber as error:
                    flaws.append(flaw(str(error), "amount", f"{quantity} × {price}"))
            elif not flawed & {"quantity", "unit_price"}:
                flaws.append(Flaw("missing", "amount"))
        for name in ("sale_date", "currency"):
            if not found.get(name) and name not in flawed:
                flaws.append(Flaw("missing", name))
        if (day := found.get("sale_date")) and date.fromisoformat(day) > self.latest:
            flaws.append(flaw("date-future", "sale_date", day))
        amount, quantity = found.get("amount"), found.get("quantity")
        is_return = (amount or "").startswith("-") or (amount in (None, "0") and (quantity or "").startswith("-"))
        found["kind"] = RETURN if is_return else SALE

    # --- A parser for each fact ------------------------------------------------------------------------------------

    def _parser(self, name: str, layout: Layout) -> Callable[[Cell], tuple[str | None, Flaw | None]]:
        if name == "sale_date":
            parse = self._day(layout)
        elif name in NUMBERS:
            parse = self._number(name, layout)
        elif name == "currency":
            parse = self._currency
        elif name in _LISTS:
            parse = _word_of(name, _LISTS[name])
        else:
            parse = _text(name)
        return lru_cache(maxsize=_ROOM)(parse)

    def _day(self, layout: Layout) -> Callable[[Cell], tuple[str | None, Flaw | None]]:
        are_serials = layout.serial_dates == "yes"

        def parse(cell: Cell) -> tuple[str | None, Flaw | None]:
            if isinstance(cell, date):
                return _checked(cell)
            text = str(cell)
            if broken := _broken("sale_date", text):
                return None, broken
            try:
                return days.parse_day(text, layout.date_order, are_serials=are_serials).isoformat(), None
            except days.NotADay as error:
                return None, flaw(str(error), "sale_date", text)

        def _checked(day: date) -> tuple[str | None, Flaw | None]:
            if day < days.EARLIEST:
                return None, flaw("date-implausible", "sale_date", day)
            return day.isoformat(), None

        return parse

    def _number(self, name: str, layout: Layout) -> Callable[[Cell], tuple[str | None, Flaw | None]]:
        def parse(cell: Cell) -> tuple[str | None, Flaw | None]:
            if isinstance(cell, str) and (broken := _broken(name, cell)):
                return None, broken
            if isinstance(cell, str) and not cell.strip():
                return None, None
            try:
                if isinstance(cell, Decimal):
                    return _plain(numbers.within_limits(cell)), None
                return _plain(numbers.parse_number(str(cell), layout.decimal)), None
            except numbers.NotANumber as error:
                return None, flaw(str(error), name, cell)

        return parse

    def _currency(self, cell: Cell) -> tuple[str | None, Flaw | None]:
        text = str(cell).strip().upper()
        if text and text not in self.currencies:
            return None, flaw("currency-unknown", "currency", cell)
        return text or None, None


def _text(name: str) -> Callable[[Cell], tuple[str | None, Flaw | None]]:
    longest = _LONGEST.get(name, _LONGEST_CODE)
    is_code = name in CODES

    def parse(cell: Cell) -> tuple[str | None, Flaw | None]:
        if isinstance(cell, date):
            return cell.isoformat(), flaw("code-damaged", name, cell, is_fatal=False)
        text = _plain(cell) if isinstance(cell, Decimal) else " ".join(str(cell).split(" ")).strip()
        if broken := _broken(name, text):
            return None, broken
        if len(text) > longest:
            return None, flaw("too-long", name, text)
        if is_code:
            text = _WHOLE.sub(r"\1", text) if _WHOLE.fullmatch(text) else text
            if days.is_mangled(text) or _LONG_NUMBER.fullmatch(text):
                return text, flaw("code-damaged", name, text, is_fatal=False)
        if "\ufffd" in text:
            return text, flaw("broken-text", name, text, is_fatal=False)
        return text or None, None

    return parse


def _word_of(name: str, words: Sequence[str]) -> Callable[[Cell], tuple[str | None, Flaw | None]]:
    known = {re.sub(r"[\W_]", "", word): word for word in words}

    def parse(cell: Cell) -> tuple[str | None, Flaw | None]:
        bare = re.sub(r"[\W_]", "", str(cell).lower())
        if bare and bare not in known:
            return None, flaw("word-unknown", name, cell)
        return known.get(bare), None

    return parse


def _broken(name: str, text: str) -> Flaw | None:
    """What no value may be: with characters that no database keeps, or an error of a spreadsheet."""
    if _CONTROL.search(text):
        return flaw("control-character", name, _CONTROL.sub("�", text))
    if text[:1] == "#" and _ERRORS.fullmatch(text):
        return flaw("spreadsheet-error", name, text)
    return None


def _plain(value: Decimal) -> str:
    """One way to write each number: no exponent, no zeros at the end, no minus before nothing."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def _key(found: Map[str, str | None]) -> bytes:
    """Nothing when the file does not name its lines."""
    if line := found.get("line_id"):
        return _hash("id", line)
    if (document := found.get("document_no")) and (line := found.get("line_no")):
        return _hash("line", document, line)
    return b""


def _hash(*values: str | None) -> bytes:
    return blake2b("\x1f".join(value or "" for value in values).encode(errors="replace"), digest_size=16).digest()
