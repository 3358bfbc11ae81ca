"""A job is done after the commit, by a worker, and again when that worker was killed."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from procrastinate.contrib.django import app

from buoy.core import jobs
from buoy.core.actor import job_actor
from buoy.core.jobs import enqueue, nudge
from buoy.core.scope import NoScope, acting
from tests.buoy.core.jobs import a_job
from tests.house.repository import ROOT

pytestmark = pytest.mark.usefixtures("committed")
JOB = job_actor("tests")


@pytest.fixture(scope="module")
def write_a_line() -> Iterator[Any]:
    task = a_job.make()
    yield task
    app.tasks.pop(task.name)


def states() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select status::text, attempts from procrastinate_jobs where queue_name = 'test' order by id")
        return cursor.fetchall()


@contextlib.contextmanager
def worker(host: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "src"))
    process = subprocess.Popen([sys.executable, "-m", "tests.buoy.core.jobs.a_job", host], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_job_waits_for_the_commit(write_a_line: Any, tmp_path: Path) -> None:
    with acting(JOB):
        enqueue(write_a_line, path=str(tmp_path / "out"), seconds="0")
    assert states() == [("todo", 0)]


def test_a_use_case_that_fails_enqueues_nothing(write_a_line: Any) -> None:
    with contextlib.suppress(ZeroDivisionError), acting(JOB):
        enqueue(write_a_line, path="nowhere", seconds="0")
        raise ZeroDivisionError
    assert states() == []


def test_outside_of_an_action_nothing_is_enqueued(write_a_line: Any) -> None:
    with pytest.raises(NoScope):
        enqueue(write_a_line, path="nowhere", seconds="0")


def test_no_scope_reads_the_queue() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), acting(JOB):
        states()


def test_a_job_of_a_killed_worker_is_done_by_the_next(
    write_a_line: Any, postgres_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    nudge(write_a_line, path=str(out), seconds="2")
    with worker(postgres_host):
        wait_until(lambda: text(out) == "begun\n")
    assert states() == [("doing", 0)]
    monkeypatch.setattr(jobs, "STALLED_SECONDS", 2)
    time.sleep(2.5)
    put_back()
    assert states()[0][0] == "todo"
    with worker(postgres_host):
        wait_until(lambda: text(out) == "begun\nbegun\ndone\n")
        wait_until(lambda: states()[0][0] == "succeeded")


def test_a_job_that_kills_its_workers_is_given_up(
    write_a_line: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nudge(write_a_line, path="nowhere", seconds="0")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing', attempts = %s", [jobs.ATTEMPTS - 1])
    put_back()
    assert states()[0][0] == "failed"
    assert "given up after 5 attempts" in caplog.text


def put_back() -> None:
    """What the worker does every ten seconds."""

    async def go() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as own:  # type: ignore[attr-defined]
            async with own.open_async():
                await jobs.put_back(own.job_manager)

    asyncio.run(go())
