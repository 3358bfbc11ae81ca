"""How a file is laid out: what its first rows tell, what a person has chosen, and what is still to be asked.

The head is the first row, among the first thirty, that names columns: it has more words of a known head than any other,
or, where no head is known, it is the first row that is as wide as the rows below it and holds no number and no day. A
file without a head gets columns named by their letters, as a spreadsheet names them.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from buoy.domains.sales.reading import columnar, delimited, edi, workbook
from buoy.domains.sales.reading.charset import charset_of
from buoy.domains.sales.reading.days import date_order, looks_like_day, serials_asked
from buoy.domains.sales.reading.flaws import Question, Unreadable
from buoy.domains.sales.reading.limits import SAMPLE_BYTES, SAMPLE_ROWS
from buoy.domains.sales.reading.mapping import DAYS, NUMBERS, suggest
from buoy.domains.sales.reading.numbers import decimal_mark, looks_like_number
from buoy.domains.sales.reading.source import FileKind, kind_of, rows_of
from buoy.domains.sales.reading.workbook import Cell

_HEAD_WITHIN = 30
Rows = list[tuple[int, list[Cell]]]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """`head` is the number of the row with the names (0: there is none). `decimal`, `date_order` and `serial_dates` are
    empty as long as nothing tells; `chosen` names what a person has said, which no detection changes."""

    kind: str
    encoding: str = ""
    separator: str = ","
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    head: int = 0
    columns: tuple[str, ...] = ()
    decimal: str = ""
    date_order: str = ""
    serial_dates: str = ""
    chosen: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: Map[str, Any]) -> Layout:
        """A layout as it was kept in JSON."""
        lists = ("sheets", "columns", "chosen")
        values: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in kept.items()}
        return cls(**values)

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    def rows(self, stream: BinaryIO) -> Any:
        """The rows below the head."""
        found = rows_of(stream, FileKind(self.kind), encoding=self.encoding, separator=self.separator, sheet=self.sheet)
        return ((number, row) for number, row in found if number > self.head or not self._has_head_row)

    @property
    def _has_head_row(self) -> bool:
        return self.kind in (FileKind.CSV.value, FileKind.XLSX.value)

    def choosing(self, answers: Map[str, str]) -> Layout:
        """This layout with what a person says about it."""
        known: dict[str, Any] = {
            name: value
            for name, value in answers.items()
            if name in ("encoding", "separator", "sheet", "decimal", "date_order", "serial_dates") and value
        }
        chosen = tuple(dict.fromkeys((*self.chosen, *known)))
        return replace(self, **known, chosen=chosen)


def detect(stream: BinaryIO, chosen: Map[str, str] | None = None) -> tuple[Layout, list[Question], Rows]:
    """The layout of a file, what it leaves open before its columns are known, and its first rows below the head.

    `chosen` holds what a person has said before. Raises Unreadable.
    """
    chosen = {name: value for name, value in (chosen or {}).items() if value}
    stream.seek(0)
    head = stream.read(SAMPLE_BYTES)
    kind = kind_of(head)
    layout = Layout(kind=kind.value).choosing(chosen)
    questions: list[Question] = []
    if kind is FileKind.CSV:
        layout, questions = _text(layout, head, chosen)
    elif kind is FileKind.XLSX:
        names = workbook.sheet_names(stream)
        layout = replace(layout, sheet=chosen.get("sheet") or names[0], sheets=tuple(names))
    rows = list(islice(_all_rows(stream, layout), SAMPLE_ROWS))
    if kind is FileKind.PARQUET:
        return replace(layout, columns=_distinct(columnar.columns_of(stream))), questions, rows
    if kind is FileKind.X12:
        return replace(layout, columns=edi.COLUMNS, decimal=".", chosen=("decimal",)), questions, rows
    place = _place_of_head(rows)
    if place is None:
        width = max((len(row) for _, row in rows), default=0)
        if not width:
            raise Unreadable("empty")
        return replace(layout, head=0, columns=tuple(_letters(each) for each in range(width))), questions, rows
    number, names_row = rows[place]
    columns = _distinct([_words(cell) for cell in names_row])
    return replace(layout, head=number, columns=columns), questions, rows[place + 1 :]


def settle(layout: Layout, mapping: Map[str, str], rows: Rows) -> tuple[Layout, list[Question]]:
    """How numbers and days are written in the mapped columns, and the questions that their values leave."""
    places = {name: layout.columns.index(column) for name, column in mapping.items() if column in layout.columns}
    questions: list[Question] = []
    if "decimal" not in layout.chosen:
        mark, question = decimal_mark(_texts(rows, [places[name] for name in NUMBERS if name in places]))
        layout = replace(layout, decimal=mark)
        questions += [question] if question else []
    days = _texts(rows, [places[name] for name in DAYS if name in places])
    if "date_order" not in layout.chosen:
        order, question = date_order(days)
        layout = replace(layout, date_order=order)
        questions += [question] if question else []
    numbers = [*days, *_decimals(rows, [places[name] for name in DAYS if name in places])]
    if "serial_dates" not in layout.chosen and (question := serials_asked(numbers)):
        questions.append(question)
    return layout, questions


def _text(layout: Layout, head: bytes, chosen: Map[str, str]) -> tuple[Layout, list[Question]]:
    questions = []
    encoding = chosen.get("encoding", "")
    if not encoding:
        charset = charset_of(head)
        encoding = charset.encoding
        if charset.choices:
            questions.append(Question("encoding", charset.choices))
    try:
        text = head.decode(encoding, "ignore")
    except LookupError:
        raise Unreadable("wrong-encoding", line=1, encoding=encoding, found=0) from None
    separator = chosen.get("separator") or delimited.separator_of(text.lstrip("\ufeff"))
    return replace(layout, encoding=encoding, separator=separator), questions


def _all_rows(stream: BinaryIO, layout: Layout) -> Any:
    kind = FileKind(layout.kind)
    return rows_of(stream, kind, encoding=layout.encoding, separator=layout.separator, sheet=layout.sheet)


def _place_of_head(rows: Rows) -> int | None:
    """The place of the row with the names; None when there is none."""
    first = rows[:_HEAD_WITHIN]
    known = [(len(suggest([_words(cell) for cell in row])), -place) for place, (_, row) in enumerate(first)]
    if known and max(known)[0] >= 2:
        return -max(known)[1]
    width = max((sum(1 for cell in row if _words(cell)) for _, row in rows), default=0)
    for place, (_, row) in enumerate(first):
        words = [_words(cell) for cell in row]
        if sum(map(bool, words)) >= max(1, width * 0.6):
            is_head = all(isinstance(cell, str | None) for cell in row) and not any(map(_is_value, words))
            return place if is_head else None
    return None


def _is_value(text: str) -> bool:
    return looks_like_number(text) or looks_like_day(text)


def _words(cell: Cell) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, each once: a second `Name` is `Name (2)`, an empty one its letter."""
    found: list[str] = []
    for place, name in enumerate(names):
        base = (name or _letters(place))[:100]
        count = 1
        while (wanted := base if count == 1 else f"{base} ({count})") in found:
            count += 1
        found.append(wanted)
    return tuple(found)


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _texts(rows: Rows, places: Sequence[int]) -> list[str]:
    values = (row[place] for _, row in rows for place in places if place < len(row))
    return [value for value in values if isinstance(value, str) and value.strip()]


def _decimals(rows: Rows, places: Sequence[int]) -> list[str]:
    values = (row[place] for _, row in rows for place in places if place < len(row))
    return [str(value) for value in values if value is not None and not isinstance(value, str)]
