"""Every address that the application answers, read from its URL conf: `GET /api/v1/partners/{partner_id}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def paths() -> list[str]:
    """Every path of the URL conf, with the names of its parameters in braces."""
    return sorted(set(_walk("/", get_resolver().url_patterns)))


def _walk(before: str, patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        path = before + _plain(pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(path, pattern.url_patterns)
        else:
            yield path


def _plain(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    if isinstance(pattern.pattern, RegexPattern):
        text = text.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        return re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"{\1}", text).replace("\\", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)


@dataclass(frozen=True)
class Route:
    """One method at one path."""

    method: str
    path: str

    @classmethod
    def read(cls, text: str) -> Route:
        method, path = text.split()
        return cls(method, path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)
