"""Numbers for Prometheus, in its text format: what this process did, and what waits in the database.

Web processes do not share memory, and a scrape reaches one of them, so counts of requests are kept where all of them can
add to them: in small files of the Prometheus client (its multi-process mode). What the database knows (jobs that wait
or failed, work that is open) is asked when the scrape comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter("buoy_requests_total", "Requests answered.", ["method", "route", "status"])
duration = Histogram("buoy_request_seconds", "How long an answer took.", ["method", "route"], buckets=SECONDS)
queries = Counter("buoy_request_queries_total", "SQL queries made for requests.", ["route"])


class Waiting:
    """What the queue holds now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        jobs = GaugeMetricFamily("buoy_jobs", "Jobs by state.", labels=["queue", "state"])
        oldest = GaugeMetricFamily("buoy_oldest_job_seconds", "Age of the job that has waited longest.")
        with connection.cursor() as cursor:
            cursor.execute("select queue_name, status::text, count(*) from procrastinate_jobs group by 1, 2")
            for queue, state, count in cursor.fetchall():
                jobs.add_metric([queue, state], count)
            cursor.execute(
                "select coalesce(extract(epoch from now() - min(event.at)), 0) from procrastinate_jobs job"
                " join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'"
                " where job.status = 'todo' and coalesce(job.scheduled_at, now()) <= now()"
            )
            oldest.add_metric([], float(cursor.fetchone()[0]))
        yield jobs
        yield oldest


def page() -> bytes:
    """Everything, in Prometheus' text format. Two queries."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    registry.register(Waiting())
    return generate_latest(registry)
