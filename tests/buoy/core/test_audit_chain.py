"""Whoever changes the audit trail behind its back is found out: 300 random edits by a superuser, all of them."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.models import BinaryField, DateTimeField
from psycopg.types.json import Jsonb

from buoy.core.audit import record
from buoy.core.chain import START, Anchor, anchor, read_anchors, row_hash, verify
from buoy.core.ids import new_id
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from tests.cast import JOB

ROWS = 40
NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
COLUMNS = [field.attname for field in AuditEvent._meta.concrete_fields]

Superuser = psycopg.Connection[Any]


@pytest.fixture
def trail(committed: None, tmp_path: Path, postgres_host: str) -> Iterator[tuple[Superuser, list[Anchor]]]:
    """A chain with its anchor, and somebody who can do everything and wants to leave no trace."""
    for step in range(ROWS):
        with acting(JOB):
            record(JOB, action="thing.changed", object_type="thing", object_id=str(step % 7), after={"step": step})
    with acting(JOB):
        anchor(tmp_path / "anchors", now=NOW)
    with psycopg.connect(f"host={postgres_host} user=postgres dbname=buoy_tests", autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")  # No trigger fires, no constraint is in the way.
        superuser.execute("create temporary table kept as select * from core_auditevent")
        yield superuser, read_anchors(tmp_path / "anchors")


def restore(superuser: Superuser) -> None:
    superuser.execute("truncate core_auditevent")
    superuser.execute("insert into core_auditevent select * from kept")


def other(column: str, rng: random.Random) -> Any:
    """A value of the column's type that no row has."""
    field = next(field for field in AuditEvent._meta.concrete_fields if field.attname == column)
    if column == "details":
        return Jsonb({"name": "somebody else", "step": rng.random()})
    if isinstance(field, BinaryField):
        return rng.randbytes(32)
    if isinstance(field, DateTimeField):
        return NOW - timedelta(seconds=rng.randrange(1, 10**8))
    if column == "number":
        return rng.randrange(ROWS + 1, 10**6)
    return new_id() if "UUID" in field.get_internal_type() else f"x{rng.random()}"[: field.max_length]


def update(superuser: Superuser, rng: random.Random) -> None:
    column = rng.choice(COLUMNS)
    superuser.execute(
        f"update core_auditevent set {column} = %s where number = %s", [other(column, rng), rng.randint(1, ROWS)]
    )


def delete(superuser: Superuser, rng: random.Random) -> None:
    superuser.execute("delete from core_auditevent where number = %s", [rng.randint(1, ROWS)])


def delete_and_close_the_gap(superuser: Superuser, rng: random.Random) -> None:
    gone = rng.randint(1, ROWS - 1)
    superuser.execute("delete from core_auditevent where number = %s", [gone])
    for number in range(gone + 1, ROWS + 1):
        superuser.execute("update core_auditevent set number = number - 1 where number = %s", [number])


def insert(superuser: Superuser, rng: random.Random) -> None:
    """A made-up row in the middle or at the end, the others moved up."""
    place = rng.randint(1, ROWS + 1)
    for number in range(ROWS, place - 1, -1):
        superuser.execute("update core_auditevent set number = number + 1 where number = %s", [number])
    columns = ", ".join(column for column in COLUMNS if column not in ("id", "number"))
    superuser.execute(
        f"insert into core_auditevent (id, number, {columns}) select %s, %s, {columns} from kept where number = %s",
        [new_id(), place, rng.randint(1, ROWS)],
    )


def swap(superuser: Superuser, rng: random.Random) -> None:
    one, two = rng.sample(range(1, ROWS + 1), 2)
    for old, new in ((one, 0), (two, one), (0, two)):
        superuser.execute("update core_auditevent set number = %s where number = %s", [new, old])


def truncate_the_tail(superuser: Superuser, rng: random.Random) -> None:
    superuser.execute("delete from core_auditevent where number > %s", [rng.randint(0, ROWS - 1)])


def rewrite_the_whole_chain(superuser: Superuser, rng: random.Random) -> None:
    """Change a row and calculate every hash again: the chain itself is then without fault."""
    superuser.execute(
        "update core_auditevent set action = 'nothing.happened' where number = %s", [rng.randint(1, ROWS)]
    )
    head = START
    with acting(JOB):
        rows = list(AuditEvent.objects.order_by("number"))
    for row in rows:
        head = row_hash(row, head)
        superuser.execute("update core_auditevent set hash = %s where number = %s", [head, row.number])


EDITS: list[Callable[[Superuser, random.Random], None]] = [
    update,
    update,
    delete,
    delete_and_close_the_gap,
    insert,
    swap,
    truncate_the_tail,
    rewrite_the_whole_chain,
]
ONLY_BY_THE_ANCHOR = {truncate_the_tail, rewrite_the_whole_chain}


def test_every_one_of_300_edits_is_found(trail: tuple[Superuser, list[Anchor]]) -> None:
    superuser, anchors = trail
    rng = random.Random(20261125)
    missed = []
    for number in range(300):
        edit = EDITS[number % len(EDITS)]
        edit(superuser, rng)
        with acting(JOB):
            found, by_the_chain = bool(verify(anchors).findings), bool(verify([]).findings)
        if not found or by_the_chain == (edit in ONLY_BY_THE_ANCHOR):
            missed.append((number, edit.__name__, found, by_the_chain))
        restore(superuser)
    assert missed == []
    with acting(JOB):
        assert verify(anchors).findings == ()


def test_what_comes_after_the_anchor_is_no_finding(trail: tuple[Superuser, list[Anchor]]) -> None:
    _, anchors = trail
    with acting(JOB):
        record(JOB, action="thing.changed", object_type="thing", object_id="1")
    with acting(JOB):
        verdict = verify(anchors)
    assert (verdict.rows, verdict.anchors, verdict.findings) == (ROWS + 1, 1, ())


def test_the_finding_names_the_row_and_the_anchor(trail: tuple[Superuser, list[Anchor]]) -> None:
    superuser, anchors = trail
    superuser.execute("delete from core_auditevent where number = 12 or number = 40")
    with acting(JOB):
        findings = verify(anchors).findings
    assert findings[0] == "row 13 stands where row 12 is expected: rows were taken out, put in or moved"
    assert findings[-1] == "the anchor of 2026-06-01T03:00:00+00:00 knows 40 rows, and row 40 is not there"


def test_the_triggers_refuse_the_owner_too(trail: tuple[Superuser, list[Anchor]], postgres_host: str) -> None:
    with psycopg.connect(f"host={postgres_host} user=postgres dbname=buoy_tests", autocommit=True) as superuser:
        for change in (
            "update core_auditevent set action = 'x'",
            "delete from core_auditevent",
            "truncate core_auditevent",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
                superuser.execute(change)


def test_a_broken_line_of_the_file_of_anchors_is_named(tmp_path: Path) -> None:
    (tmp_path / "anchors").write_text('{"at": "x", "hash": "y", "number": 1}\n{"at": 3}\n')
    with pytest.raises(ValueError, match=r"anchors:2: found .* expected an anchor"):
        read_anchors(tmp_path / "anchors")
