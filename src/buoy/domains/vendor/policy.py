"""Which pictures are taken for a vendor's logo."""

from __future__ import annotations

import enum
import struct
import zlib

LARGEST_LOGO = 200 * 1024
LONGEST_SIDE_PX = 2000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAME = 12
"""Bytes of a chunk around its content: length, name, checksum."""


class Refusal(enum.Enum):
    """Why a picture is not taken."""

    TOO_LARGE = "too_large"
    NOT_A_PNG = "not_a_png"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"


def refuse_logo(content: bytes) -> Refusal | None:
    """Why not to take this content as a logo; None to take it.

    Only PNG: an SVG can hold scripts, and a picture that only looks like one could be read as a page. The file is read to its
    end, chunk by chunk with its checksums, so that nothing hides behind a picture.
    """
    if len(content) > LARGEST_LOGO:
        return Refusal.TOO_LARGE
    if not content.startswith(_SIGNATURE):
        return Refusal.NOT_A_PNG
    names: list[bytes] = []
    at = len(_SIGNATURE)
    while at < len(content) and names[-1:] != [b"IEND"]:
        chunk = _chunk(content, at)
        if chunk is None:
            return Refusal.DAMAGED
        names.append(chunk)
        at += _FRAME + int.from_bytes(content[at : at + 4], "big")
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names or at != len(content):
        return Refusal.DAMAGED
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= LONGEST_SIDE_PX and 0 < height <= LONGEST_SIDE_PX):
        return Refusal.TOO_MANY_PIXELS
    return None


def _chunk(content: bytes, at: int) -> bytes | None:
    """The name of the chunk that begins there; None when it is cut off or its checksum is wrong."""
    end = at + _FRAME + int.from_bytes(content[at : at + 4], "big")
    if end > len(content):
        return None
    named, checksum = content[at + 4 : end - 4], content[end - 4 : end]
    return named[:4] if zlib.crc32(named) == int.from_bytes(checksum, "big") else None
