"""The chain of the audit trail and its anchors outside of the database: how they are calculated and checked.

`buoy.core.audit` tells why there are both. The verifier trusts no column: it calculates every hash again from the rows, in
Python, and compares.

    hash of a row = SHA-256( hash of the row before ‖ the row's columns as JSON in one form )
    details_hash  = SHA-256( salt ‖ details as JSON in one form )

An anchor is a line of JSON: `{"at": …, "hash": …, "number": …}`. It proves everything up to its number. Who can change the
database and the file has nothing left to be found out by: keep copies of the log or of the file elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from buoy.core.models import AuditEvent
from buoy.core.scope import require_scope

START = b"\0" * 32
"""What stands before the first row."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Anchor:
    """The chain had `number` rows at a moment, the last of them with this hash (in hexadecimal)."""

    at: str
    number: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What the verifier found. `findings` are sentences; there are none for a chain that holds."""

    rows: int
    anchors: int
    findings: tuple[str, ...]


def details_hash(details: Any, salt: bytes) -> bytes:
    """The hash that stands in the chain for what may tell of people."""
    return hashlib.sha256(salt + _canonical(details)).digest()


def row_hash(row: AuditEvent, head: bytes) -> bytes:
    """The hash of a row that follows a row whose hash is `head`."""
    told = {
        "number": row.number,
        "id": str(row.id),
        "at": row.at.isoformat(timespec="microseconds"),
        "action": row.action,
        "object_type": row.object_type,
        "object_id": row.object_id,
        "partner_id": row.partner_id and str(row.partner_id),
        "face": row.face,
        "user_id": row.user_id and str(row.user_id),
        "on_behalf_of": row.on_behalf_of and str(row.on_behalf_of),
        "api_client_id": row.api_client_id and str(row.api_client_id),
        "request_id": row.request_id,
        "details_hash": bytes(row.details_hash).hex(),
    }
    return hashlib.sha256(head + _canonical(told)).digest()


def _canonical(value: Any) -> bytes:
    """JSON in one form only: names sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verify(anchors: list[Anchor]) -> Verdict:
    """Calculate the whole chain again and hold it against the anchors. Needs a scope that sees all rows."""
    require_scope()
    rows, head = 0, START
    findings: list[str] = []
    known = {anchor.number: "" for anchor in anchors}
    for row in AuditEvent.objects.order_by("number").iterator(chunk_size=2000):
        rows += 1
        findings += _wrong(row, rows if not findings else None, head)
        head = bytes(row.hash)
        if row.number in known:
            known[row.number] = head.hex()
    findings += [
        f"the anchor of {anchor.at} knows row {anchor.number} by another hash than the one it has now"
        if known[anchor.number]
        else f"the anchor of {anchor.at} knows {anchor.number} rows, and row {anchor.number} is not there"
        for anchor in anchors
        if anchor.number and known[anchor.number] != anchor.hash
    ]
    return Verdict(rows=rows, anchors=len(anchors), findings=tuple(findings))


def _wrong(row: AuditEvent, expected: int | None, head: bytes) -> Iterator[str]:
    """What does not fit in this row; `expected` is its number as long as nothing was wrong before."""
    if expected is not None and row.number != expected:
        yield f"row {row.number} stands where row {expected} is expected: rows were taken out, put in or moved"
    if row_hash(row, head) != bytes(row.hash):
        yield f"row {row.number} ({row.action} at {row.at:%Y-%m-%d %H:%M:%S}) does not fit the row before, or was changed"
    if details_hash(row.details, bytes(row.salt)) != bytes(row.details_hash):
        yield f"the details of row {row.number} ({row.action} at {row.at:%Y-%m-%d %H:%M:%S}) were changed"


def anchor(path: Path, *, now: datetime) -> Anchor:
    """Write the head of the chain to the file of anchors and to the log. Needs a scope that sees all rows."""
    require_scope()
    last = AuditEvent.objects.order_by("-number").first()
    made = Anchor(
        at=now.isoformat(timespec="seconds"),
        number=last.number if last else 0,
        hash=bytes(last.hash if last else START).hex(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(_canonical(vars(made)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("audit anchor: %d rows, head %s", made.number, made.hash)
    return made


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors of a file, none when there is no file. Raises ValueError that names a line which is none."""
    if not path.exists():
        return []
    anchors = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            anchors.append(Anchor(**json.loads(line)))
        except (ValueError, TypeError):
            raise ValueError(
                f"{path}:{number}: found {line!r}, expected an anchor, such as"
                ' {"at": "2026-11-25T03:00:00+00:00", "hash": "…", "number": 42}; restore the file from a copy'
            ) from None
    return anchors
