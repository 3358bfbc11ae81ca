"""A visitor of the tests: Django's client with the words of our pages."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from buoy.domains.accounts.models import User
from tests.cast import PASSWORD

Mails = list[EmailMessage]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BROWSER = "Mozilla/5.0 (the browser of the tests)"


def visitor(address: str = "192.0.2.1", browser: str = BROWSER) -> Client:
    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=browser)


def try_password(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def give_second_factor(user: User) -> Authenticator:
    """An authenticator app whose secret the tests know."""
    return TOTP.activate(user, SECRET).instance


def code(steps: int = 0) -> str:
    """What the app shows now, or so many half-minutes from now."""
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + steps)))


def sign_in(user: User, client: Client | None = None) -> Client:
    """A visitor who has come in by password and, where the account has one, by the second factor."""
    client = client or visitor()
    answer = try_password(client, user.email)
    assert answer.status_code == 302, answer.content.decode()
    if answer["Location"].startswith("/account/2fa/authenticate/"):
        assert client.post("/account/2fa/authenticate/", {"code": code()}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Does the visitor's session live? The home page says it at once."""
    return not client.get("/")["Location"].startswith("/account/login/")


def link_in(text: str, begins: str) -> str:
    """The first link of a mail below `begins`, as a path."""
    found = re.search(rf"https?://[^/\s]+({re.escape(begins)}\S*)", text)
    assert found, text
    return found[1]
