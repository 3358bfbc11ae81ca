"""What the SQL of exact money never holds: binary division, averages, floating point, bare decimals."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_INEXACT = {
    "binary division": re.compile(r"(?<![/*])/(?![/*])"),
    "a decimal without quotes": re.compile(r"(?<![\w.])\d*\.\d+|\b\d+[eE][+-]?\d+\b"),
    "floating point": re.compile(r"\b(?:DOUBLE|FLOAT\d?|REAL)\b", re.IGNORECASE),
    "an average": re.compile(r"\bAVG\s*\(", re.IGNORECASE),
    "the sign of a number": re.compile(r"\bSIGN\s*\(", re.IGNORECASE),
}


def inexact(text: str) -> list[str]:
    """What is wrong in a text of SQL, each with the place; texts and names in quotes are passed over."""
    bare = _QUOTED.sub("''", text)
    return [
        f"{what}: …{bare[max(0, found.start() - 40) : found.end() + 40]}…"
        for what, pattern in _INEXACT.items()
        for found in pattern.finditer(bare)
    ]
