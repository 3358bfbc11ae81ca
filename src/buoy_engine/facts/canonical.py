"""A name for the facts of a run, computed from their content.

The same files, or the same rows in any order, have the same name on every machine; one changed byte gives another.
Together with the plan and the version of the kernel it names the run: what has this name can be calculated again.

A table in files is named by the bytes of the files, in the order of their names. A table in memory is named by its rows
in canonical form, sorted: the order in which rows arrive means nothing. Where a file lies and what it is called beyond
its table does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from buoy_engine.facts.files import FileTable
from buoy_engine.facts.tables import Facts, Table

_CHUNK = 1 << 20


def snapshot_id(facts: Facts) -> str:
    """SHA-256 over all tables, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for name, digest in sorted(snapshot_ids(facts).items()):
        whole.update(f"{name} {digest}\n".encode())
    return whole.hexdigest()


def snapshot_ids(facts: Facts) -> Mapping[str, str]:
    """Table → SHA-256 of its content."""
    return {name: table_id(table) for name, table in facts.tables.items()}


def table_id(table: Table) -> str:
    """SHA-256 of one table's content."""
    if isinstance(table, FileTable):
        return _of_files(table.inputs)
    return _of_files((table.path,)) if table.path is not None else _of_rows(table)


def _of_files(paths: tuple[str, ...]) -> str:
    """One file: its bytes. Several: the digests of each, so that bytes moved from one to the next make a difference."""
    digests = [_of_file(Path(path)) for path in paths]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _of_file(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            made.update(chunk)
    return made.hexdigest()


def _of_rows(table: Table) -> str:
    """Columns in the order of their names, without those that are empty everywhere; rows sorted as text."""
    records = [
        {name: _word(value) for name, value in record.items() if value is not None} for record in table.records()
    ]
    rows = sorted("\t".join(f"{name}={record[name]}" for name in sorted(record)) for record in records)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _word(value: Any) -> str:
    """A value by its meaning: 1.50 is 1.5, and text cannot look like the end of a column or row."""
    if isinstance(value, bool):
        return f"b{value}"
    if isinstance(value, int | Decimal):
        plain = f"{Decimal(value):f}"
        return "n" + (plain.rstrip("0").rstrip(".") if "." in plain else plain)
    if isinstance(value, datetime):
        return f"m{value.isoformat()}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    return "t" + str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
