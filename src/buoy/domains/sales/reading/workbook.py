"""Rows of an XLSX workbook, read as a stream.

A workbook is a zip of XML. Libraries that read it whole need 700 MB for a million rows, and one that believes the
`dimension` of a sheet fills a table of 17 thousand million cells for a file of 5 KB. So the sheet is parsed as it is
unpacked: a row is made of the cells that are there, and is gone when the next one begins. Only the texts that cells share
are held in memory, up to a limit.

Before anything is unpacked the list of the zip is looked at: how many entries, how large they say they will be, and how
well they pack. What they say is held against what comes out. A document type, which is where XML keeps its entities, is
refused: no spreadsheet writes one.

Days are numbers with a format that shows days; which formats do stands in the styles. A cell holds a text, a `Decimal`, a
`date`, or nothing.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import IO, BinaryIO
from xml.parsers import expat

from buoy.domains.sales.reading.days import EXCEL_EPOCH
from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.limits import (
    LONGEST_ROW,
    MOST_COLUMNS,
    MOST_RATIO,
    MOST_SHARED,
    MOST_SHARED_TEXT,
    MOST_UNPACKED,
    MOST_ZIP_ENTRIES,
    SMALL_ENTRY,
)
from buoy.domains.sales.reading.numbers import NotANumber, from_cell

Cell = str | Decimal | date | None

_PIECE = 1 << 16
_DATE_FORMATS = {*range(14, 23), *range(45, 48)}
_OUTSIDE_WORDS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_BROKEN = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What the libraries raise for a damaged zip, damaged XML, and a number that is none."""


def sheet_names(stream: BinaryIO) -> list[str]:
    """The names of the sheets that can be seen, in their order. Raises Unreadable."""
    with _opened(stream) as book:
        return [name for name, _ in _sheets(book)]


def rows_of(stream: BinaryIO, *, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
    """The number of each row as the spreadsheet shows it, and its cells. Rows without values are left out."""
    with _opened(stream) as book:
        path = dict(_sheets(book)).get(sheet)
        if path is None:
            raise Unreadable("no-such-sheet", sheet=sheet)
        reader = _Sheet(texts=_shared_texts(book), is_day=_day_styles(book), epoch=_epoch(book))
        with _entry(book, path) as file:
            yield from reader.rows(file)


def _opened(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        book = zipfile.ZipFile(stream)
        entries = book.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Unreadable("broken-zip") from None
    if len(entries) > MOST_ZIP_ENTRIES:
        raise Unreadable("zip-entries", found=len(entries), most=MOST_ZIP_ENTRIES)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable("zip-size", most=MOST_UNPACKED)
    for entry in entries:
        if entry.file_size > SMALL_ENTRY and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Unreadable("zip-ratio", most=MOST_RATIO)
    return book


def _entry(book: zipfile.ZipFile, path: str) -> IO[bytes]:
    try:
        return book.open(path)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise Unreadable("not-a-workbook") from None


def _feed(parser: expat.XMLParserType, file: IO[bytes]) -> Iterator[None]:
    """Parse a piece at a time; the caller looks what its handlers have gathered after each."""

    def refuse(*_: object) -> None:
        raise Unreadable("xml-entities")

    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        while piece := file.read(_PIECE):
            parser.Parse(piece)
            yield
        parser.Parse(b"", True)
        yield
    except _BROKEN as error:
        raise Unreadable("broken-workbook") from error


# --- What stands beside the sheets -----------------------------------------------------------------------------


def _elements(book: zipfile.ZipFile, path: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part of the workbook, with its attributes; nothing when the part is not there."""
    if path not in book.namelist():
        return []
    if book.getinfo(path).file_size > 32 * SMALL_ENTRY:
        raise Unreadable("zip-size", most=32 * SMALL_ENTRY)
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((_local(name), attributes))
    with _entry(book, path) as file:
        for _ in _feed(parser, file):
            pass
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _sheets(book: zipfile.ZipFile) -> list[tuple[str, str]]:
    targets = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for name, attributes in _elements(book, "xl/_rels/workbook.xml.rels")
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
    }
    found = []
    for name, attributes in _elements(book, "xl/workbook.xml"):
        reference = next((value for key, value in attributes.items() if _local(key) == "id"), "")
        if name == "sheet" and reference in targets and attributes.get("state", "visible") == "visible":
            target = targets[reference]
            found.append((attributes.get("name", ""), target.lstrip("/") if target[:1] == "/" else f"xl/{target}"))
    if not found:
        raise Unreadable("not-a-workbook")
    return found


def _epoch(book: zipfile.ZipFile) -> date:
    """Day 0: most workbooks count from 1899-12-30, those of old Macintoshes from 1904."""
    for name, attributes in _elements(book, "xl/workbook.xml"):
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            return date(1904, 1, 1)
    return EXCEL_EPOCH


def _day_styles(book: zipfile.ZipFile) -> list[bool]:
    """For each style of a cell, whether it shows a number as a day."""
    shows_day: dict[str, bool] = {}
    styles: list[bool] = []
    is_in_cells = False
    for name, attributes in _elements(book, "xl/styles.xml"):
        if name == "numFmt":
            code = _OUTSIDE_WORDS.sub("", attributes.get("formatCode", "")).lower()
            shows_day[attributes.get("numFmtId", "")] = any(letter in code for letter in "dy") or "mm" in code
        elif name in ("cellXfs", "cellStyles", "cellStyleXfs"):
            is_in_cells = name == "cellXfs"
        elif name == "xf" and is_in_cells:
            number = attributes.get("numFmtId", "0")
            styles.append(shows_day.get(number, number.isdecimal() and int(number) in _DATE_FORMATS))
    return styles


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    texts: list[str] = []
    if "xl/sharedStrings.xml" not in book.namelist():
        return texts
    parts: list[str] = []
    state = {"reads": False, "phonetic": False, "size": 0}

    def start(name: str, _: dict[str, str]) -> None:
        local = _local(name)
        if local == "si":
            parts.clear()
        elif local == "rPh":  # How a text is spoken in Japanese, which is not part of it.
            state["phonetic"] = True
        state["reads"] = local == "t" and not state["phonetic"]

    def end(name: str) -> None:
        local = _local(name)
        state["reads"] = False
        if local == "rPh":
            state["phonetic"] = False
        elif local == "si":
            texts.append("".join(parts))
            state["size"] += len(texts[-1])
            if state["size"] > MOST_SHARED_TEXT or len(texts) > MOST_SHARED:
                raise Unreadable("shared-texts", most=MOST_SHARED)

    def words(data: str) -> None:
        if state["reads"]:
            parts.append(data)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    with _entry(book, "xl/sharedStrings.xml") as file:
        for _ in _feed(parser, file):
            pass
    return texts


# --- The sheet -------------------------------------------------------------------------------------------------


@dataclass
class _Sheet:
    """The handlers of the parser, and the row that they are in."""

    texts: list[str]
    is_day: list[bool]
    epoch: date
    done: list[tuple[int, list[Cell]]] = field(default_factory=list)
    number: int = 0
    cells: list[Cell] = field(default_factory=list)
    kind: str = ""
    style: int = 0
    column: int = 0
    parts: list[str] = field(default_factory=list)
    reads: bool = False
    length: int = 0

    def rows(self, file: IO[bytes]) -> Iterator[tuple[int, list[Cell]]]:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.words
        for _ in _feed(parser, file):
            yield from self.done
            self.done.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
            if self.column > MOST_COLUMNS:
                raise Unreadable("too-many-columns", line=self.number, found=self.column, most=MOST_COLUMNS)
            self.parts.clear()
            self.length = 0
        elif name in ("v", "t"):
            self.reads = True
        elif name == "row":
            self.number = int(attributes.get("r", self.number + 1))
            self.cells, self.column = [], 0

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.reads = False
        elif name == "c":
            if self.parts:
                self.cells.extend([None] * (self.column - len(self.cells)))
                self.cells[self.column - 1] = self._value("".join(self.parts))
        elif name == "row" and any(cell not in (None, "") for cell in self.cells):
            self.done.append((self.number, self.cells))

    def words(self, data: str) -> None:
        if self.reads:
            self.parts.append(data)
            self.length += len(data)
            if self.length > LONGEST_ROW:
                raise Unreadable("line-too-long", line=self.number, most=LONGEST_ROW)

    def _value(self, text: str) -> Cell:
        if self.kind == "s":
            place = int(text)
            if not 0 <= place < len(self.texts):
                raise Unreadable("broken-workbook")
            return self.texts[place]
        if self.kind in ("str", "inlineStr", "e"):
            return text
        if self.kind == "b":
            return "true" if text == "1" else "false"
        if self.kind == "d":
            return date.fromisoformat(text[:10])
        return self._number(text)

    def _number(self, text: str) -> Cell:
        value = float(text)
        if self.style < len(self.is_day) and self.is_day[self.style] and 0 < value < 100_000:
            return self.epoch + timedelta(days=int(value))
        try:
            return from_cell(value)
        except NotANumber:
            return text


def _column(reference: str) -> int:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise Unreadable("broken-workbook")
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number
