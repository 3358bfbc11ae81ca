"""`kill -9` of web server, worker and PostgreSQL at random moments, while programs write through the API.

They do what docs/api.md tells programs to do: each call has a key, and one without an answer is made again with its key
until there is one. In the end everything that was acknowledged is there, once, and the audit trail holds.
"""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.buoy.cli.conftest import environment_of
from tests.buoy.cli.serve.conftest import PARTS, Served, free_port
from tests.buoy.cli.serve.test_keep_up import kill_part
from tests.buoy.core.postgres.conftest import eventually

WRITERS = ("mei@nimbus.example", "ada@nimbus.example", "ramon@alpha.example")


@pytest.fixture
def demo(place: Path) -> Iterator[Served]:
    settings = {"BUOY_DEMO": "true", "BUOY_API_CALLS_PER_MINUTE": "1000000"}
    served = Served(place / "demo", free_port(), settings).start().wait()
    yield served
    if served.is_running():
        served.stop()


def buoy(served: Served, *words: str) -> str:
    """What a command says that is run beside the server."""
    done = subprocess.run(
        [sys.executable, "-m", "buoy", *words],
        env=environment_of(served.data, **served.settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@dataclass
class Program(threading.Thread):
    """Says one thing after the other about a partner, and remembers what was acknowledged, by its words."""

    port: int
    token: str
    partner_id: str
    over: threading.Event
    acknowledged: dict[str, str] = field(default_factory=dict)
    repeated: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.over.is_set():
            words, key = f"@Rita Evans, {uuid.uuid4().hex}", uuid.uuid4().hex
            while (made := self.say(words, key)) is None:
                self.repeated += 1
                time.sleep(0.1)
            self.acknowledged[words] = made
            time.sleep(0.02)

    def say(self, words: str, key: str) -> str | None:
        """The id of the comment; None when there is no answer, or one that says to try again."""
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": "localhost",
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        path = f"/api/v1/subjects/partner/{self.partner_id}/comments"
        try:
            door.request("POST", path, json.dumps({"text": words}), headers)
            answer = door.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            door.close()
        assert answer.status == 201 or answer.status >= 500, body
        return json.loads(body)["id"] if answer.status == 201 else None


def crash(served: Served, programs: list[Program], *, rounds: int) -> None:
    chance = random.Random(20261125)
    for program in programs:
        program.start()
    try:
        for round_ in range(rounds):
            time.sleep(chance.uniform(0.5, 3.0))
            kill_part(served, list(PARTS)[round_ % len(PARTS)])
            assert eventually(served.is_ready, seconds=90), served.said
    finally:
        programs[0].over.set()
        for program in programs:
            program.join()


def told_of(served: Served, comments: Collection[str]) -> dict[str, int]:
    """How often Rita was told of each. What a crash left untold, a sweep tells after a minute."""
    with served.connect("postgres") as database:
        rows = database.execute(
            "select split_part(key, '/', 2), count(*) from workspace_notification where key like 'comment/%' group by 1"
        ).fetchall()
    return {comment: count for comment, count in rows if comment in comments}


@pytest.mark.long
def test_thirty_crashes_lose_nothing_and_do_nothing_twice(
    demo: Served, record_property: Callable[[str, object], None]
) -> None:
    with demo.connect("postgres") as database:
        found = database.execute("select id from partners_partner where name = 'Alpha Networks'").fetchone()
    assert found
    over = threading.Event()
    programs = [
        Program(
            demo.port, buoy(demo, "token", "create", who, "--name", "traffic", "--scope", "write"), str(found[0]), over
        )
        for who in WRITERS
    ]
    crash(demo, programs, rounds=30)

    acknowledged = {words: made for program in programs for words, made in program.acknowledged.items()}
    with demo.connect("postgres") as database:
        said = database.execute(
            "select text, id::text from workspace_comment where text like '@Rita Evans, %'"
        ).fetchall()
        recorded = Counter(
            key
            for (key,) in database.execute(
                "select object_id from core_auditevent where action = 'comment.added'"
            ).fetchall()
        )
    once = dict.fromkeys(acknowledged.values(), 1)
    assert eventually(lambda: told_of(demo, once) == once, seconds=120), Counter(told_of(demo, once).values())
    record_property("figures", f"{len(acknowledged)} acknowledged, {sum(each.repeated for each in programs)} repeated")
    assert len(acknowledged) > 300
    assert dict(said) == acknowledged
    assert len(said) == len(acknowledged)
    assert {made: recorded[made] for made in once} == once
    buoy(demo, "audit", "verify")
