"""Work that is done later, in another process: a queue in PostgreSQL (procrastinate).

    @job(queue="mail")
    def send_mail(notification_id: str) -> None:
        actions.send_mail(job_actor("send_mail"), notification_id=…, now=clock.now())

    enqueue(send_mail, notification_id=str(notification.id))      # inside an action

A job is a nudge and carries ids only; what is to be done stands in a row of its own. It is put into the queue after the
commit, by the login and not by the scope, so that no partner's role can touch the queue. Between the commit and the
queue a crash can lose the nudge, never the row: a sweep finds rows that were left behind and nudges again.

A job runs at least once. One whose worker died is found by its missing heartbeat and put back, `ATTEMPTS` times at most;
then it is marked as failed and shown to the administrators. So what a job calls must not mind being called twice: it
claims its row by a conditional update.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.tasks import Task

from buoy.core import clock
from buoy.core.scope import after_commit

ATTEMPTS = 5
STALLED_SECONDS = 30
KEPT_HOURS = 7 * 24

Job = Task[Any, Any, Any]
log = logging.getLogger(__name__)


def job(*, queue: str = "default", cron: str | None = None) -> Callable[[Callable[..., None]], Job]:
    """Make a function a job, under the name of its room and its own; `cron` (with seconds last) repeats it.

    A repeated job is given the moment of its turn and waits in the queue at most once.
    """

    def decorate(do: Callable[..., None]) -> Job:
        name = f"{do.__module__.removeprefix('buoy.').removeprefix('domains.').removesuffix('.jobs')}.{do.__name__}"
        if cron is None:
            return app.task(name=name, queue=queue)(do)
        task = app.task(name=name, queue=queue, queueing_lock=name)(do)
        return app.periodic(cron=cron)(task)

    return decorate


def enqueue(what: Job | str, **ids: str) -> None:
    """Put a job into the queue once the action's transaction has been committed.

    An action gives its name, `accounts.send_invitation`, since jobs stand above actions.
    """
    after_commit(lambda: nudge(what, **ids))


def nudge(what: Job | str, **ids: str) -> None:
    """Put a job into the queue now; for sweeps, which are in no transaction. Two of the same run one after the other."""
    name = what if isinstance(what, str) else what.name
    app.configure_task(name, allow_unknown=False, lock="/".join([name, *ids.values()])).defer(**ids)


@app.periodic(cron="* * * * * */10")
@app.task(name="core.put_back_stalled_jobs", queue="builtin", queueing_lock="put_back_stalled_jobs", pass_context=True)
async def put_back_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Look for workers that died."""
    await put_back(context.app.job_manager)


async def put_back(manager: JobManager) -> None:
    """Find the jobs of workers that died, and let another worker take them."""
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        assert stalled.id is not None
        if stalled.attempts + 1 >= ATTEMPTS:
            log.error("job %s (%s) was given up after %d attempts", stalled.id, stalled.task_name, stalled.attempts + 1)
            await manager.finish_job_by_id_async(stalled.id, status=Status.FAILED, delete_job=False)
        else:
            log.warning("job %s (%s) lost its worker and is put back", stalled.id, stalled.task_name)
            await manager.retry_job(stalled)
    await manager.prune_stalled_workers(STALLED_SECONDS)


@app.periodic(cron="0 * * * *")
@app.task(name="core.forget_finished_jobs", queue="builtin", queueing_lock="forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs that went well are of no interest after a week; those that failed stay until somebody looks."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)


@dataclass(frozen=True)
class FailedJob:
    """A job that was given up."""

    id: int
    task: str
    attempts: int
    failed_at: datetime | None


def queue_lengths() -> list[tuple[str, str, int]]:
    """Queue, state and number of jobs, of those that have not ended. One query, by the login."""
    return _rows(
        "select queue_name, status::text, count(*) from procrastinate_jobs where status in ('todo', 'doing')"
        " group by 1, 2 order by 1, 2"
    )


def failed_jobs(limit: int = 50) -> list[FailedJob]:
    """The newest jobs that were given up. One query, by the login."""
    rows = _rows(
        "select job.id, job.task_name, job.attempts, max(event.at) from procrastinate_jobs job"
        " left join procrastinate_events event on event.job_id = job.id where job.status = 'failed'"
        " group by job.id order by job.id desc limit %s",
        limit,
    )
    return [FailedJob(*row) for row in rows]


def repeat(job_id: int) -> bool:
    """Put a failed job back into the queue; False when there is none of this number."""
    if not _rows("select id from procrastinate_jobs where id = %s and status = 'failed'", job_id):
        return False
    app.job_manager.retry_job_by_id(job_id, retry_at=clock.now())
    return True


def _rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
