"""Rows of an X12 867 (product transfer and resale report), the file that distributors send in North America.

The standard wraps a report three times (ISA…IEA, GS…GE, ST…SE), and every wrapper says at its end how much was in it. A
count that does not fit means that something was lost or put in on the way, so the file is refused with both numbers. A
report may also come bare, from ST to SE. The three separators stand in the first segment; a bare report is read with the
usual ones.

A report becomes rows of one column for each fact: each QTY within a PTD (or LIN within it) is a row. What stands above it
counts for it until something nearer says otherwise: the date of the report, the parties in its head, the invoice.

Left aside: inventory reports (quantities on hand), prices per contract, taxes and charges. The type of a transfer (PTD01)
does not change a sign; a returned quantity (QTY*76) is negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from buoy.domains.sales.reading.days import NotADay, parse_day
from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import LONGEST_ROW, MOST_SHARED_TEXT
from buoy.domains.sales.reading.workbook import Cell

COLUMNS = (
    "partner_code",
    "partner_name",
    "sale_date",
    "document_no",
    "order_no",
    "product_code",
    "product_name",
    "quantity",
    "unit_price",
    "amount",
    "currency",
    "customer_code",
    "customer_name",
    "customer_country",
    "deal_ref",
)
_SOLD, _RETURNED = ("32", "38", "39", "1N"), ("76",)
_SELLERS = ("DS", "DB", "SE", "BY", "RS")
"""Parties in the head that report: distributor, branch, seller, or who buys from the supplier."""
_BUYERS = ("EC", "ST", "BY", "BT", "MA", "UP")
_PRODUCT_CODES = ("VP", "VN", "N4", "UP", "UK", "EN", "MG", "SK", "BP", "ND")
_DATES = ("011", "003", "514", "090", "035", "004")
"""Shipped, invoiced, transferred, report begins, delivered, ordered."""

Segment = list[str]


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    """The number of the segment that each row comes from, and its values by `COLUMNS`. Raises Unreadable."""
    segments = _segments(stream)
    for place, segment in enumerate(segments):
        if segment[0] == "ST" and _at(segment, 1) != "867":
            raise Unreadable("not-867", found=_at(segment, 1), line=place + 1)
    _check_counts(segments)
    yield from _reports(segments)


def _segments(stream: BinaryIO) -> list[Segment]:
    data = stream.read(MOST_SHARED_TEXT + 1)
    if len(data) > MOST_SHARED_TEXT:
        raise Unreadable("x12-too-long", most=MOST_SHARED_TEXT)
    text = data.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    element, end = "*", "~"
    if text.startswith("ISA"):
        parts = text[:400].split(text[3:4] or "*", 16)
        # The sixteenth element is the mark within elements; what ends the segment comes right after it. Its place is
        # counted in elements, since senders do not always fill them to their full length.
        if len(parts) < 17 or len(parts[16]) < 2:
            raise Unreadable("x12-envelope", segment="ISA")
        element, end = text[3], parts[16][1]
    found = [part.strip("\r\n\t ").split(element) for part in text.split(end)]
    segments = [part for part in found if part != [""]]
    if not segments or segments[0][0] not in ("ISA", "ST"):
        raise Unreadable("x12-envelope", segment="ISA")
    if any(len(value) > LONGEST_ROW for part in segments for value in part):
        raise Unreadable("line-too-long", line=1, most=LONGEST_ROW)
    return segments


def _check_counts(segments: list[Segment]) -> None:
    """Every wrapper says how much it holds, and repeats its number at its end."""
    began: dict[str, tuple[int, Segment]] = {}
    inside = {"ISA": 0, "GS": 0}
    holder = {"GS": "ISA", "ST": "GS"}
    ends = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
    for place, segment in enumerate(segments, start=1):
        name = segment[0]
        if name in ("ISA", "GS", "ST"):
            if name in began:
                raise Unreadable("x12-envelope", segment=name)
            began[name] = (place, segment)
            inside[holder.get(name, "")] = inside.get(holder.get(name, ""), 0) + 1
            if name in inside:
                inside[name] = 0
        elif name in ends:
            if ends[name] not in began:
                raise Unreadable("x12-envelope", segment=name)
            first, head = began.pop(ends[name])
            found = place - first + 1 if name == "SE" else inside[ends[name]]
            if _at(segment, 1) != str(found):
                raise Unreadable("x12-count", segment=name, said=_at(segment, 1)[:20], found=found)
            number = {"SE": 2, "GE": 6, "IEA": 13}[name]
            if _at(segment, 2).strip() != _at(head, number).strip():
                raise Unreadable("x12-number", segment=name, said=_at(segment, 2)[:20], found=_at(head, number)[:20])
    if began:
        raise Unreadable("x12-envelope", segment=next(iter(began)))


def _reports(segments: list[Segment]) -> Iterator[tuple[int, list[Cell]]]:
    """Walk through the segments, remembering what holds for the report, the transfer and the item."""
    report: dict[str, Cell] = {}
    transfer: dict[str, Cell] = {}
    item: dict[str, Cell] = {}
    pending: tuple[int, dict[str, Cell]] | None = None
    level = "report"
    for place, segment in enumerate(segments, start=1):
        name = segment[0]
        if name in ("ST", "PTD", "SII", "LIN", "QTY", "SE") and pending and not (name == "LIN" and level == "quantity"):
            yield pending[0], _row(report, transfer, item, pending[1])
            pending = None
        if name == "ST":
            report, transfer, item, level = {}, {}, {}, "report"
        elif name == "BPT":
            report["sale_date"] = _day(_at(segment, 3))
        elif name == "PTD":
            transfer, item, level = {}, {}, "transfer"
        elif name in ("SII", "LIN"):
            _item(segment, pending[1] if pending else item)
        elif name == "QTY" and level != "report":
            if _at(segment, 1) in _SOLD + _RETURNED:
                quantity = _number(_at(segment, 2), negative=_at(segment, 1) in _RETURNED)
                pending, level = (place, {"quantity": quantity}), "quantity"
        else:
            here = report if level == "report" else pending[1] if pending else transfer
            _note(segment, here, is_head=level == "report")


def _note(segment: Segment, here: dict[str, Cell], *, is_head: bool) -> None:
    """What a segment adds to the level that it stands in."""
    name, first, second = segment[0], _at(segment, 1), _at(segment, 2)
    if name == "N1":
        if is_head and first in _SELLERS and "partner_code" not in here:
            here["partner_code"], here["partner_name"] = _at(segment, 4) or None, second or None
        elif not is_head and first in _BUYERS and "customer_code" not in here:
            here["customer_code"], here["customer_name"] = _at(segment, 4) or None, second or None
    elif name == "N4" and not is_head:
        here.setdefault("customer_country", _at(segment, 4) or None)
    elif name == "CUR":
        here["currency"] = second or None
    elif name == "DTM" and not is_head and first in _DATES:
        here["sale_date"] = _day(second)
    elif name == "REF" and not is_head:
        target = {"IV": "document_no", "PO": "order_no", "CT": "deal_ref"}.get(first)
        if target:
            here[target] = second or None
    elif name == "PRF":
        here["order_no"] = first or None
    elif name == "UIT":
        here["unit_price"] = _number(second)
    elif name == "CTP":
        here["unit_price"] = _number(_at(segment, 3))
    elif name == "AMT" and first == "TT" and not is_head:
        here["amount"] = _number(second)
    elif name == "PID":
        here["product_name"] = _at(segment, 5) or None


def _item(segment: Segment, here: dict[str, Cell]) -> None:
    """SII*VP*code*quantity*unit*price, or LIN*number*VP*code*…"""
    if segment[0] == "SII":
        here["product_code"] = _at(segment, 2) or None
        if _at(segment, 5):
            here["unit_price"] = _number(_at(segment, 5))
        return
    pairs = dict(zip(segment[2::2], segment[3::2], strict=False))
    code = next((pairs[each] for each in _PRODUCT_CODES if pairs.get(each)), None)
    here["product_code"] = code or next(iter(pairs.values()), None)


def _row(*levels: dict[str, Cell]) -> list[Cell]:
    values: dict[str, Cell] = {}
    for level in levels:
        values |= {name: value for name, value in level.items() if value is not None}
    return [values.get(name) for name in COLUMNS]


def _at(segment: Segment, place: int) -> str:
    return segment[place] if place < len(segment) else ""


def _day(text: str) -> Cell:
    """A day, or the text when it is none: the row is then refused for it."""
    try:
        return parse_day(text, "")
    except NotADay:
        return text or None


def _number(text: str, *, negative: bool = False) -> Cell:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text or None
    if not value.is_finite():
        return text
    return -abs(value) if negative else value
