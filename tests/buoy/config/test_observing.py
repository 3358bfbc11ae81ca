"""Each request has a number, a line in the log, and counts in the metrics; none of them says what a person typed."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from buoy.core import logs
from tests.cast import make_cast


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What a process with `log_format = "json"` writes."""
    written: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(logs.JsonLines())
    logging.getLogger("buoy").addHandler(handler)
    yield written
    logging.getLogger("buoy").removeHandler(handler)


@pytest.mark.django_db
def test_a_request_is_written_down_with_its_number_and_its_user(client: Client, lines: list[dict[str, Any]]) -> None:
    cast = make_cast()
    client.force_login(cast.users["rita"])
    answer = client.get("/nowhere?secret=word")
    (line,) = [line for line in lines if line["message"] == "answered"]
    assert line["request"] == answer.headers["X-Request-ID"]
    assert line["user"] == str(cast.rita.user_id)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/nowhere", "404")
    assert "word" not in json.dumps(line)


def test_programs_that_watch_are_not_written_down(client: Client, lines: list[dict[str, Any]]) -> None:
    client.get("/healthz")
    assert lines == []


@pytest.mark.django_db
def test_requests_are_counted_by_route(client: Client) -> None:
    client.get("/healthz")
    page = client.get("/metrics").content.decode()
    assert 'buoy_requests_total{method="GET",route="healthz",status="200"}' in page
    assert "buoy_oldest_job_seconds 0.0" in page


@pytest.mark.django_db
def test_strangers_find_no_numbers(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404


def test_a_line_carries_what_it_is_about_and_no_longer() -> None:
    text = logs.TextLines()
    record = logging.LogRecord("buoy", logging.INFO, "", 0, "done", None, None)
    with logs.about(job="7"):
        logs.also_about(user="u")
        assert text.format(record).endswith("done  job=7 user=u")
    assert text.format(record).endswith("done")
