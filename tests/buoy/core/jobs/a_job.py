"""A job for the tests, and a worker that knows it: `python -m tests.buoy.core.jobs.a_job HOST FILE SECONDS`."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

DATABASE = "buoy_tests"


def make() -> Any:
    from buoy.core.jobs import job

    @job(queue="test")
    def write_a_line(path: str, seconds: str) -> None:
        with Path(path).open("a") as file:
            print("begun", file=file, flush=True)
            time.sleep(float(seconds))
            print("done", file=file)

    return write_a_line


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.db import connections

    django.setup()
    connections["default"].settings_dict.update(HOST=sys.argv[1], NAME=DATABASE)
    from procrastinate.contrib.django import app

    from tests.buoy.core.jobs import a_job

    a_job.make()  # Not this module's own: a job is named after the module that it stands in, which here is `__main__`.

    async def work() -> None:
        async with worker.open_async():
            await worker.run_worker_async(
                queues=["test"], wait=True, update_heartbeat_interval=1, stalled_worker_timeout=3
            )

    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        asyncio.run(work())
