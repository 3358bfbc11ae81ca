"""Codes of products: article numbers of plain letters, digits and signs, the same in any case."""

from __future__ import annotations

import re
import unicodedata

CODE = r"^[!-~]([ -~]*[!-~])?$"
"""Printable ASCII: a regular expression for Python and for PostgreSQL."""
_CODE = re.compile(CODE)
LONGEST = 60


def clean_code(text: str) -> str:
    """The code that was meant: full-width letters become plain ones, runs of blanks one. Nothing for what is no code."""
    code = " ".join(unicodedata.normalize("NFKC", text).split())
    return code if len(code) <= LONGEST and _CODE.fullmatch(code) else ""
