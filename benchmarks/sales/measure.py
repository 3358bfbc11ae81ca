"""What an import costs, and what the lines cost afterwards, on a real installation with an embedded PostgreSQL.

    PYTHONPATH=src python benchmarks/sales/measure.py --lines 200000 --data /tmp/bench-sales

It makes the demo in that folder unless it is there, writes a CSV of so many lines with names of their own, brings it in as a
person does, brings it in again, and asks for lines and totals. Wall is with whatever else the machine does; CPU is that of
this process and of PostgreSQL's together, which is what can be compared. With `--fill` so many lines are written behind the
application's back first, so that the questions are asked of a large table.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).resolve().parent
MEI, DANA = "mei@nimbus.example", "dana@delta.example"
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--lines", type=int, default=200_000, help="Lines of the file.")
    words.add_argument("--fill", type=int, default=0, help="Lines that are there before, once for an installation.")
    words.add_argument("--data", type=Path, required=True, help="Folder of the installation; a short path.")
    said = words.parse_args()
    os.environ.update(BUOY_DATA=str(said.data), BUOY_DEMO="true", BUOY_CONFIG=os.devnull, BUOY_LOG_LEVEL="warning")
    os.environ["DJANGO_SETTINGS_MODULE"] = "buoy.config.settings"
    with installation() as dsn:
        if said.fill:
            with psycopg.connect(dsn, autocommit=True) as connection:
                fill = (HERE / "fill.sql").read_text(encoding="utf-8").replace(":lines", str(said.fill))
                connection.execute(fill)
        bring_in(said.lines, dsn)
        ask()


@contextlib.contextmanager
def installation() -> Iterator[str]:
    """A running database with the demo, and how its superuser connects."""
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

        demo.make(settings.CONFIGURATION, now=clock.now())
        assert database.embedded
        yield make_conninfo(database.embedded, dbname=NAME)


def content(lines: int, *, names: Any) -> bytes:
    """Invoices of ten lines, of four thousand customers and two hundred products, over two years."""
    draw = random.Random(1)
    made = io.StringIO()
    made.write("Invoice no,Line no,Partner name,SKU,Quantity,Unit price,Currency,Date,Customer code,Customer name\n")
    first = date(2024, 1, 1)
    for number in range(lines):
        invoice, line = divmod(number, 10)
        day = first + timedelta(days=invoice * 700 // max(lines // 10, 1))
        made.write(
            f"B{invoice},{line},{names[invoice % len(names)]},P{draw.randrange(200)},{draw.randrange(1, 40)},"
            f"{draw.randrange(100, 90000) / 100:.2f},EUR,{day},C{draw.randrange(4000)},Customer {invoice % 4000}\n"
        )
    return made.getvalue().encode()


def bring_in(lines: int, dsn: str) -> None:
    from buoy.core.scope import acting
    from buoy.domains.partners.models import Partner

    actor = actor_of(MEI)
    with acting(actor, read_only=True):
        names = list(Partner.objects.values_list("name", flat=True))
    file = content(lines, names=names)
    print(f"{lines:,} lines, {len(file):,} bytes\n\n| import | read | write | lines/s wall | lines per CPU s | RSS |")
    print("|---|---|---|---|---|---|")
    for label in ("the first time", "the same file again"):
        print(f"| {label} {imported(actor, file, lines, dsn)}", flush=True)


def imported(actor: Any, file: bytes, lines: int, dsn: str) -> str:
    from django.conf import settings

    from buoy.core import clock
    from buoy.core.scope import acting
    from buoy.core.storage import storage
    from buoy.domains.sales import jobs
    from buoy.domains.sales.actions.moving import start_import
    from buoy.domains.sales.actions.receiving import receive_file
    from buoy.domains.sales.models import ImportBatch

    place = storage(settings.CONFIGURATION.storage_url, settings.CONFIGURATION.data)
    began, cpu = time.perf_counter(), burnt(dsn)
    made = receive_file(
        actor,
        storage=place,
        source_name="benchmark",
        partner_id=None,
        name="benchmark.csv",
        size=len(file),
        content=io.BytesIO(file),
        defaults={},
        now=clock.now(),
    )
    with acting(actor):
        ImportBatch.objects.filter(id=made).update(state="reading")
    jobs.work_on(batch_id=str(made))
    read = time.perf_counter()
    start_import(actor, batch_id=made, now=clock.now())
    jobs.work_on(batch_id=str(made))
    done, spent = time.perf_counter(), burnt(dsn) - cpu
    with acting(actor):
        batch = ImportBatch.objects.get(id=made)
    assert (batch.state, batch.new + batch.same) == ("done", lines), batch.state
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {read - began:.1f} s | {done - read:.1f} s | {lines / (done - began):,.0f} | {lines / spent:,.0f} | {rss} MB |"


def burnt(dsn: str) -> float:
    """CPU seconds of this process and of all of PostgreSQL's."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
    assert row
    server = parent_of(row[0])
    everybody = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    ticks = sum(cpu_of(pid) for pid in everybody if parent_of(pid) == server)
    return time.process_time() + (ticks + cpu_of(server)) / TICKS


def _stat(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def parent_of(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat else 0


def cpu_of(pid: int) -> int:
    """Ticks of a process and of its children that have ended."""
    stat = _stat(pid)
    return sum(map(int, stat[11:15])) if stat else 0


# --- Questions -------------------------------------------------------------------------------------------------


def ask() -> None:
    from buoy.core.scope import acting
    from buoy.domains.sales.queries import lines
    from buoy.domains.sales.queries.lines import Wanted

    mei, dana = actor_of(MEI), actor_of(DANA)
    with acting(mei, read_only=True):
        count = sum(total.lines for total in lines.totals(mei, Wanted()))
        rows, _ = lines.line_page(mei, Wanted(), after=None)
    deep = (date(2025, 1, 1), rows[-1].id)
    month = date(2025, 1, 1)
    questions: list[tuple[str, Any, Callable[[Any], Any]]] = [
        ("the newest lines", mei, lambda who: lines.line_page(who, Wanted(), after=None)),
        ("a page in the middle", mei, lambda who: lines.line_page(who, Wanted(), after=deep)),
        ("a document", mei, lambda who: lines.line_page(who, Wanted(words="B77"), after=None)),
        ("a product", mei, lambda who: lines.line_page(who, Wanted(words="P7"), after=None)),
        (
            "a month and a kind",
            mei,
            lambda who: lines.line_page(who, Wanted(from_month=month, kind="return"), after=None),
        ),
        ("totals", mei, lambda who: lines.totals(who, Wanted())),
        ("months by channel", mei, lambda who: lines.by_channel(who, Wanted(), currency="EUR")),
        ("a distributor's newest lines", dana, lambda who: lines.line_page(who, Wanted(), after=None)),
        ("a distributor's page in the middle", dana, lambda who: lines.line_page(who, Wanted(), after=deep)),
        ("a distributor's totals", dana, lambda who: lines.totals(who, Wanted())),
    ]
    print(f"\n{count:,} lines\n\n| question | p50 | p95 |\n|---|---|---|")
    for label, who, do in questions:
        print(f"| {label} {timed(who, do)}", flush=True)


def timed(who: Any, do: Callable[[Any], Any]) -> str:
    from buoy.core.scope import acting

    walls = []
    for _ in range(30):
        began = time.perf_counter()
        with acting(who, read_only=True):
            do(who)
        walls.append((time.perf_counter() - began) * 1000)
    return f"| {statistics.median(walls):.0f} ms | {statistics.quantiles(walls, n=20)[-1]:.0f} ms |"


def actor_of(email: str) -> Any:
    from buoy.core import clock
    from buoy.domains.accounts.models import User
    from buoy.domains.partners.queries import actor_of

    return actor_of(User.objects.get(email=email), on=clock.now().date())


if __name__ == "__main__":
    main()
