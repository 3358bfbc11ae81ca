"""Which characters the bytes of a text file stand for.

A byte order mark, or bytes that are UTF-8 and not only ASCII, leave no doubt. Anything else can be read in many ways
that all give letters; a guess is offered then, and a person confirms it by looking at the names.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from buoy.domains.sales.reading.flaws import Unreadable

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = bytes({*range(9), *range(14, 32)})
OFFERED = ("cp1252", "cp1250", "iso8859-2", "cp1256", "cp932", "gb18030", "cp1251", "utf-8")
"""What people may choose when the bytes leave it open."""


@dataclass(frozen=True)
class Charset:
    """`encoding` is Python's name; `choices` are given when it is a guess, likeliest first."""

    encoding: str
    choices: tuple[str, ...] = ()


def charset_of(head: bytes) -> Charset:
    """The character set of a file that begins with `head`. Raises Unreadable for what is not text."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return Charset(encoding)
    if b"\x00" in head and (wide := _without_mark(head)):
        return Charset(wide)
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50:
        raise Unreadable("not-text")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _guess(head)
    return Charset("utf-8")


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: in the text of most files every second byte is zero."""
    even, odd, pairs = head[0::2].count(0), head[1::2].count(0), len(head) // 2
    if odd > pairs * 0.4 and even < pairs * 0.05:
        return "utf-16-le"
    if even > pairs * 0.4 and odd < pairs * 0.05:
        return "utf-16-be"
    return ""


def _guess(head: bytes) -> Charset:
    best = from_bytes(head[:65536], cp_isolation=list(OFFERED)).best()
    guessed = codecs.lookup(best.encoding).name if best else OFFERED[0]
    names = [codecs.lookup(each).name for each in OFFERED]
    return Charset(guessed, tuple(dict.fromkeys([guessed, *names])))
