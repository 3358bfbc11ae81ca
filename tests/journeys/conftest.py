"""A real browser in front of a real server.

The browser is the Chromium of `BUOY_CHROMIUM`, or one on the path; `python3 go.py test` installs Debian's where it can.
A test fails when its page writes an error to the console, asks another host, or meets a mistake in a script.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.buoy.accounts.browsing import BROWSER
from tests.buoy.accounts.conftest import mails, work  # noqa: F401
from tests.house.repository import ROOT

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def chromium() -> str:
    found = os.environ.get("BUOY_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        raise RuntimeError("no Chromium is on the path: install one, or set BUOY_CHROMIUM to its program")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while it lives, an event loop runs in this thread, which Django refuses to work beside unless
    it is told that this is meant, and which keeps other tests from running one of their own."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a server with the tests' settings."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def loop_beside_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps a loop in this thread, in which Django would refuse to ask the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@dataclass
class Reader:
    """Somebody with a browser: opens pages in their language, theme and size."""

    browser: Browser
    site: str
    expected: list[str] = field(default_factory=list)
    """Patterns of errors that the test causes on purpose."""
    visits: list[str] = field(default_factory=list)
    """Addresses of other servers of this machine that the test leads to on purpose."""
    complaints: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def open(
        self,
        path: str,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = 1280,
        scripts: bool = True,
        session: Client | None = None,
    ) -> Page:
        """A page in a browser of its own. With a `session` somebody has signed in there, as that visitor."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            has_touch=width < 500,
            reduced_motion="reduce",
            user_agent=BROWSER if session else None,  # A session belongs to the browser that it began in.
        )
        theirs = {name: cookie.value for name, cookie in session.cookies.items()} if session else {}
        for name, value in (theirs | {"language": language, "theme": theme}).items():
            context.add_cookies([{"name": name, "value": value, "url": self.site}])
        page = context.new_page()
        page.on("console", lambda said: self._hear(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._hear(str(error)))
        page.on("request", self._watch)
        self.pages.append(page)
        page.goto(self.site + path)
        if scripts:
            page.locator("html[data-ready]").wait_for(state="attached")
        return page

    def _hear(self, said: str) -> None:
        if not any(re.search(pattern, said) for pattern in self.expected):
            self.complaints.append(said)

    def _watch(self, request: Request) -> None:
        known = {urlsplit(each).netloc for each in (self.site, *self.visits)}
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc not in known:
            self.complaints.append(f"asked another host: {request.url}")


@pytest.fixture
def reader(browser: Browser, site: str) -> Iterator[Reader]:
    reader = Reader(browser=browser, site=site)
    yield reader
    for page in reader.pages:
        page.context.close()
    assert reader.complaints == []


@pytest.fixture(scope="session")
def barriers() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page for people with disabilities, as WCAG 2.2 AA counts it."""

    def find(page: Page) -> list[str]:
        # Evaluated by the debugger and not by the page: it works under the strictest policy.
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    return find
