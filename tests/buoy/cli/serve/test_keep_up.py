"""What ends is started again, and nothing that was acknowledged is lost."""

import contextlib
import random
import threading
import time
import uuid

import psycopg

from tests.buoy.cli.serve.conftest import PARTS, Served, below
from tests.buoy.core.postgres.conftest import eventually, kill


def kill_part(served: Served, name: str) -> None:
    """`kill -9` one part, and wait for its successor."""
    killed = served.part(name)
    if killed is not None:
        kill(killed)
        assert eventually(lambda: served.part(name) not in (None, killed), seconds=90), served.said


class Traffic(threading.Thread):
    """Somebody who writes all the time, as the application's login, and remembers what was acknowledged."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self.served = served
        self.acknowledged: set[str] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(psycopg.OperationalError), self.served.connect("buoy_app") as connection:
                self.write(connection)
            time.sleep(0.05)

    def write(self, connection: psycopg.Connection) -> None:
        while not self.over.is_set():
            key = uuid.uuid4().hex
            connection.execute("insert into django_session values (%s, '', now() + interval '1 day')", [key])
            self.acknowledged.add(key)


def crash(served: Served, *, rounds: int) -> None:
    """Kill a part at a random moment, again and again, while somebody writes."""
    chance = random.Random(20261125)
    traffic = Traffic(served)
    traffic.start()
    try:
        for round_ in range(rounds):
            time.sleep(chance.uniform(0.1, 1.0))
            kill_part(served, list(PARTS)[round_ % len(PARTS)])
            assert eventually(served.is_ready, seconds=90), served.said
    finally:
        traffic.over.set()
        traffic.join()
    with served.connect("buoy_app") as connection:
        kept = {key for (key,) in connection.execute("select session_key from django_session")}
    assert len(traffic.acknowledged) > 10 * rounds
    assert traffic.acknowledged <= kept


def test_web_worker_and_database_come_back_when_killed_and_no_acknowledged_row_is_lost(served: Served) -> None:
    crash(served, rounds=3)
    for name in ("The web server", "The worker", "PostgreSQL"):
        assert f"{name} ended" in served.said


def test_requests_wait_while_the_web_server_is_started_again(served: Served) -> None:
    web = served.part("web")
    assert web
    kill(web, *below(web))
    assert served.status("/healthz") == 200
