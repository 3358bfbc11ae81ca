"""What the journeys of people need: a database, their mails, and pages that wait for the next one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page


def code_of(secret: str, steps: int = 0) -> str:
    """What an authenticator app with this secret shows now, or so many half-minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def enter(page: Page, email: str, password: str) -> None:
    """Fill in the page of signing in."""
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form[action='/account/login/'] button[type=submit]").click()


def in_a_thread(do: Callable[[], None]) -> None:
    """Playwright has a loop in this thread, and the worker wants one of its own."""
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
