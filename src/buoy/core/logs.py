"""What a process says while it works: one line for each event, with the request and the actor that it belongs to.

`about` holds what is known of the request or job at hand; every line written meanwhile carries it, from whatever
library it comes. The JSON form is for programs that collect lines, the text form for people. Names, addresses of mail
and other words that people typed are not logged: ids are enough to find them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed in place
EXTRAS = ("method", "path", "route", "status", "ms", "queries")
"""What a line may carry besides, as `extra`."""


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Every line within carries these words."""
    outside = _about.set({**_about.get(), **what})
    try:
        yield
    finally:
        _about.reset(outside)


def also_about(**what: str) -> None:
    """Add words that became known later, until the `about` around ends."""
    _about.set({**_about.get(), **what})


class JsonLines(logging.Formatter):
    """A JSON object for each line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get(),
            **{name: getattr(record, name) for name in EXTRAS if hasattr(record, name)},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A line for people: time, level, message, then what it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        words = {**_about.get(), **{name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}}
        tail = " ".join(f"{name}={value}" for name, value in words.items())
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()}  {tail}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def logging_settings(*, style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, in one form."""
    formatter = JsonLines if style == "json" else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{formatter.__module__}.{formatter.__qualname__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            # Our own line for each request says it already.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
        },
    }
