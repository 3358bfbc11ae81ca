"""Text files: how one is encoded, and what separates its columns.

A file is UTF-8, or UTF-16 when it begins with the mark that says so. Everything else is refused with what was found: a
wrong guess would turn `Café` into `CafÃ©` and make two partners of one. A separator is a comma, a semicolon or a tab,
whichever the first line has most of outside quotes.
"""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

from buoy_engine.kernel.problems import Problem, Severity

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_SHOWN = 40


def encoding_of(path: Path) -> str | Problem:
    """`utf-8` or `utf-16`, or what is wrong. Reads the whole file once, in pieces."""
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    name = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if name == "utf-32":
        return _refused(path, "UTF-32", None)
    if name is None and b"\0" in start:
        return _refused(path, "zero bytes: UTF-16 without its mark, or no text at all", None)
    encoding = name or "utf-8"
    return _first_bad_byte(path, encoding) or encoding


def _first_bad_byte(path: Path, encoding: str) -> Problem | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line, rest = 1, b""
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return _bad_byte(path, encoding, line, error, rest)
            if not chunk:
                return None
            rest = chunk[-_SHOWN:]


def _bad_byte(path: Path, encoding: str, line: int, error: UnicodeDecodeError, before: bytes) -> Problem:
    data, at = bytes(error.object), error.start
    if encoding == "utf-16":
        return _refused(path, "UTF-16 that is cut off or damaged", None)
    row = line + data[:at].count(b"\n")
    begin = data.rfind(b"\n", 0, at) + 1
    head = data[begin:at] if begin or len(data) > _SHOWN else before.rpartition(b"\n")[2] + data[:at]
    tail = data[at:].split(b"\n", 1)[0]
    shown = (head[-_SHOWN:] + tail[:_SHOWN]).strip().decode("cp1252", errors="replace")
    return _refused(path, f"byte 0x{data[at]:02X}, which is not UTF-8; as Windows-1252 it reads {shown!r}", row)


def _refused(path: Path, found: str, line: int | None) -> Problem:
    return Problem(
        code="file-encoding",
        severity=Severity.BLOCKING,
        where=path.name,
        line=line,
        found=found,
        expected="UTF-8 (with or without a mark), or UTF-16 with a mark",
        fix="save the file as CSV UTF-8; it is not converted by guessing, because a wrong guess changes names and ids",
    )


def header_of(path: Path, encoding: str) -> tuple[list[str], str] | Problem:
    """The column names as written, and the separator."""
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        first = file.readline()
        counts = {separator: _outside_quotes(first, separator) for separator in ",;\t"}
        separator = max(counts, key=lambda found: counts[found])
        if not first.strip():
            return _shape(path, "an empty first line", "a first line with the names of the columns", "add it")
        if not counts[separator] and "|" in first:
            return _shape(path, "columns separated by |", "a comma, a semicolon or a tab", "save it with one of these")
        file.seek(0)
        return next(csv.reader(file, delimiter=separator)), separator


def _outside_quotes(text: str, separator: str) -> int:
    return sum(part.count(separator) for part in text.split('"')[::2])


def _shape(path: Path, found: str, expected: str, fix: str) -> Problem:
    return Problem(
        code="file-shape", severity=Severity.BLOCKING, where=path.name, line=1, found=found, expected=expected, fix=fix
    )
