"""Every answer, failures and files too, forbids what a browser should not do with it, and what others should not keep."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests.buoy.access import table
from tests.buoy.access.crawl import addresses
from tests.buoy.access.world import World
from tests.buoy.cli.conftest import environment_of
from tests.cast import make_cast

FORBIDDEN = re.compile(r"unsafe-inline|unsafe-eval|\*|https?:")
DEMANDED = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'none'")
FILE = "default-src 'none'; sandbox"
"""The policy of what somebody uploaded: nothing in it runs, and it belongs to no site."""
OPEN_TO_ALL = re.compile(r"^/(static/|prefetch.json|look/brand.css)")
"""The same for everybody, so it may be kept."""


def wrong(path: str, answer: Any) -> list[str]:
    policy = answer.get("Content-Security-Policy", "")
    found = []
    if policy != FILE and (FORBIDDEN.search(policy) or not all(part in policy for part in DEMANDED)):
        found.append(f"policy {policy!r}")
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if answer.get(name) != value:
            found.append(f"{name} {answer.get(name)!r}")
    if not OPEN_TO_ALL.match(path) and "no-store" not in answer.get("Cache-Control", ""):
        found.append(f"may be kept: {answer.get('Cache-Control')!r}")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("identity", ["nobody", "administrator"])
def test_every_route_answers_with_safe_headers(identity: str) -> None:
    world = World.of(make_cast())
    found = {}
    for row in table.read():
        # With a thing, and with one that does not exist.
        there, *others = addresses(world, row)
        for path in (there, *others[-1:]):
            answer = world.ask(identity, row.route.method, path, row.send)
            if mistakes := wrong(path, answer):
                found[f"{row.route.method} {path} ({answer.status_code})"] = mistakes
    assert found == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/no/such/page/", "/static/buoy/buoy.css", "/static/no-such-file", "/desk/../etc"])
def test_what_is_not_there_and_what_is_a_file_too(path: str) -> None:
    answer = Client().get(path)
    assert wrong(path, answer) == []
    answer.close()


@pytest.mark.django_db
def test_a_failure_of_ours_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()

    def broken(*args: Any, **more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("buoy.domains.workspace.queries.notifications", broken)
    client = Client(raise_request_exception=False)
    client.force_login(cast.users["mei"])
    answer = client.get("/desk/")
    assert answer.status_code == 500
    assert wrong("/desk/", answer) == []


def test_over_https_the_browser_is_told_to_stay_there(tmp_path: Any) -> None:
    script = (
        "from django.conf import settings as s;"
        "print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE)"
    )
    environment = environment_of(
        tmp_path, BUOY_URL="https://buoy.example", DJANGO_SETTINGS_MODULE="buoy.config.settings"
    )
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    seconds, *others = said.stdout.split()
    assert int(seconds) >= 365 * 24 * 60 * 60
    assert others == ["True", "True", "True"]
