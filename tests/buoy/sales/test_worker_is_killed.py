"""A worker is killed for real, at some moment of an import; the next one ends it, row for row (C1)."""

import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from django.db.models import Sum

from buoy.core.scope import acting
from buoy.domains.sales import jobs
from buoy.domains.sales.actions.moving import start_import
from buoy.domains.sales.models import Line, MonthTotal
from buoy.domains.sales.policy import State
from tests.buoy.sales.conftest import NOW, confirm, read, receive
from tests.cast import JOB, Cast
from tests.database import DATABASE
from tests.house.repository import ROOT

ROWS = 30_000
WORKER = """
import os, sys
sys.path[:0] = ["src", "."]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.db import connections
connections["default"].settings_dict.update(HOST=sys.argv[1], NAME=sys.argv[2])
from buoy.domains.sales import jobs, policy
policy.ROWS_A_TURN = 1000
print("ready", flush=True)
jobs.work_on(batch_id=sys.argv[3])
"""


def content() -> bytes:
    rows = "\n".join(f"A{n},1,P{n % 50},{n % 7},1.50,2026-0{n % 6 + 1}-05,C{n % 900}" for n in range(ROWS))
    return f"Invoice no,Line no,SKU,Qty,Unit price,Date,Customer\n{rows}\n".encode()


def killed_after(seconds: float, host: str, batch_id: str) -> None:
    """A worker in a process of its own that dies after so long, or has ended by then."""
    command = [sys.executable, "-c", WORKER, host, DATABASE, batch_id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
        time.sleep(seconds)
        worker.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("seconds", [0.2, 0.7, 1.3])
def test_a_worker_that_is_killed_loses_and_doubles_nothing(cast: Cast, postgres_host: str, seconds: float) -> None:
    batch_id = receive(cast.mei, "a.csv", content())
    confirm(cast.mei, batch_id)
    killed_after(seconds, postgres_host, str(batch_id))
    jobs.work_on(batch_id=str(batch_id))
    start_import(cast.mei, batch_id=batch_id, now=NOW)
    killed_after(seconds, postgres_host, str(batch_id))
    jobs.work_on(batch_id=str(batch_id))
    done = read(cast.mei, batch_id)
    assert (done.state, done.rows, done.new, done.same, done.corrected) == (State.DONE, ROWS, ROWS, 0, 0)
    expected = sum(n % 7 for n in range(ROWS)) * Decimal("1.50")
    with acting(JOB):
        assert Line.objects.aggregate(sum=Sum("amount")) == {"sum": expected}
        assert MonthTotal.objects.aggregate(sum=Sum("amount"), lines=Sum("lines")) == {"sum": expected, "lines": ROWS}
