"""Server time, statements and bytes of the application's pages, with many rows and row-level security on.

    PYTHONPATH=src python benchmarks/app/measure.py --partners 10000 --data /tmp/bench-app

The first run makes an installation with an embedded PostgreSQL there: the demo, and beside it what seed.sql writes. Pages
are asked for in this process, through every middleware, by people who have signed in; there is no network. CPU is what
this process burns for an answer, beside it stands what its connection burns in PostgreSQL (the mean), and the goal is for
the two together at the 95th percentile. Wall is what a visitor waits for, with whatever else the machine does in it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Ask:
    """A page as somebody asks for it. `part` is the element that htmx wants."""

    who: str
    path: str
    label: str
    goal_ms: int
    part: str = ""
    times: int = 40


DESK, PORTAL = "mei@nimbus.example", "dana@delta.example"
ADMINISTRATOR = "ada@nimbus.example"


def questions(ids: dict[str, str]) -> list[Ask]:
    """What is asked. `ids` are the partners of the demo by name."""
    delta = ids["Delta Distribution"]
    return [
        Ask(DESK, "/desk/", "desk: home", 150),
        Ask(DESK, "/desk/partners/", "desk: partners", 150),
        Ask(DESK, "/desk/partners/?page=200", "desk: partners, page 200", 150),
        Ask(DESK, "/desk/partners/?sort=country&state=yes&country=PL", "desk: partners, filtered and sorted", 150),
        Ask(DESK, "/desk/partners/?q=river", "desk: partners, searched", 150),
        Ask(DESK, "/desk/partners/?q=river", "desk: partners, searched, the rows alone", 80, part="div#rows"),
        Ask(DESK, f"/desk/partners/{delta}/", "desk: a partner with 200 comments and 500 partners below", 150),
        Ask(DESK, f"/desk/partners/{ids['Rijnmond IT']}/", "desk: a partner", 150),
        Ask(DESK, f"/desk/partners/{delta}/chain/", "desk: whom a partner buys from", 150),
        Ask(DESK, "/desk/users/", "desk: people", 150),
        Ask(ADMINISTRATOR, "/desk/audit/", "desk: audit trail of 200,000", 150),
        Ask(ADMINISTRATOR, "/desk/audit/?q=partner", "desk: audit trail, searched", 150, times=20),
        Ask(DESK, "/find/?q=river", "desk: search everywhere", 80),
        Ask(DESK, "/notifications/", "desk: notifications", 150),
        Ask(DESK, "/desk/partners/?export=csv", "desk: all partners as CSV", 3000, times=5),
        Ask(DESK, "/desk/partners/?export=xlsx", "desk: all partners for Excel", 5000, times=5),
        Ask(PORTAL, "/p/", "portal: home", 100),
        Ask(PORTAL, f"/p/partners/{delta}/", "portal: own company, 500 partners below", 100),
        Ask(PORTAL, f"/p/partners/{ids['Alpha Networks']}/", "portal: a partner below", 100),
        Ask(PORTAL, "/p/team/", "portal: team", 100),
        Ask(PORTAL, "/find/?q=river", "portal: search everywhere", 60),
        Ask(PORTAL, "/notifications/", "portal: notifications", 100),
    ]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--partners", type=int, default=10_000)
    words.add_argument("--data", type=Path, required=True, help="Folder of the installation; a short path.")
    said = words.parse_args()
    os.environ.update(BUOY_DATA=str(said.data), BUOY_DEMO="true", BUOY_CONFIG=os.devnull, BUOY_LOG_LEVEL="warning")
    os.environ["DJANGO_SETTINGS_MODULE"] = "buoy.config.settings"
    with installation(said.partners):
        measure()


@contextlib.contextmanager
def installation(partners: int) -> Iterator[None]:
    """A running database with the rows, made unless it is there."""
    from buoy.cli.configured import configured
    from buoy.cli.database import NAME, opened
    from buoy.cli.migrate import bring_up_to_date, start_django

    with opened(configured(), make=True) as database:
        bring_up_to_date(database)
        start_django()
        from django.conf import settings
        from psycopg.conninfo import make_conninfo

        from buoy.cli import demo
        from buoy.core import clock

        if demo.make(settings.CONFIGURATION, now=clock.now()):
            print(f"seeding {partners:,} partners", flush=True)
            seed = (HERE / "seed.sql").read_text(encoding="utf-8").replace(":partners", str(partners))
            assert database.embedded
            with psycopg.connect(make_conninfo(database.embedded, dbname=NAME), autocommit=True) as connection:
                connection.execute(seed)
        yield


def measure() -> None:
    from django.core.management import call_command

    from buoy.cli.demo import MAKER
    from buoy.core.scope import acting
    from buoy.domains.partners.models import Partner

    call_command("collectstatic", interactive=False, verbosity=0)
    with acting(MAKER, read_only=True):
        ids = {name: str(id_) for name, id_ in Partner.objects.values_list("name", "id") if name[-1:].isalpha()}
        count = Partner.objects.count()
    print(f"{count:,} partners\n")
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (database,) = cursor.fetchone()
    print("| page | CPU p50 | CPU p95 | in PostgreSQL | goal | wall p50 | statements | bytes, gzip |")
    print("|---|---|---|---|---|---|---|---|")
    visitors: dict[str, Any] = {}
    for ask in questions(ids):
        client = visitors.get(ask.who) or visitors.setdefault(ask.who, signed_in(ask.who))
        print(row(ask, lambda ask=ask, client=client: client.get(ask.path, headers=headers(ask)), database), flush=True)


def headers(ask: Ask) -> dict[str, str]:
    part = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": ask.part} if ask.part else {}
    return {"Accept-Encoding": "gzip", "Host": "localhost", **part}


def signed_in(email: str) -> Any:
    from django.test import Client

    from buoy.domains.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def row(ask: Ask, get: Callable[[], Any], database: int) -> str:
    """One line of the table; `database` is the process of PostgreSQL that serves this one."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    get()
    with connection.execute_wrapper(note):
        answer = get()
    size = len(body(answer))
    assert answer.status_code == 200, (ask, answer.status_code)
    walls, burnt = [], []
    begun = processor_ms(database)
    for _ in range(ask.times):
        wall, cpu = time.perf_counter(), time.process_time()
        body(get())
        walls.append((time.perf_counter() - wall) * 1000)
        burnt.append((time.process_time() - cpu) * 1000)
    in_database = (processor_ms(database) - begun) / ask.times
    busy = statistics.quantiles(burnt, n=20)[-1] + in_database
    return (
        f"| {ask.label} | {statistics.median(burnt):.0f} ms | {statistics.quantiles(burnt, n=20)[-1]:.0f} ms"
        f" | {in_database:.0f} ms | {ask.goal_ms} ms{'' if busy <= ask.goal_ms else ' (missed)'}"
        f" | {statistics.median(walls):.0f} ms | {len(statements)} | {size:,} |"
    )


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def processor_ms(process: int) -> float:
    """What a process has used of the processors so far; the kernel counts in hundredths of a second."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
