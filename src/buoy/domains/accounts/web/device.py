"""Browsers that somebody has signed in with before.

Such a browser holds a signed cookie that names the account (as a digest) and a number of its own. Guesses from it are
counted apart, so that strangers who guess at an account do not slow its owner down.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SALT = "accounts.device"
_LASTS = timedelta(days=180)


def remember(request: HttpRequest, response: HttpResponse, *, email: str) -> None:
    """Mark the browser as one that this account has signed in with; renews the mark that it has."""
    number = of(request, email=email) or secrets.token_hex(8)
    response.set_signed_cookie(
        _cookie(),
        f"{_digest(email)}.{number}",
        salt=_SALT,
        max_age=_LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def of(request: HttpRequest, *, email: str) -> str | None:
    """The number of a browser that this account has signed in with; none for a browser that it has not."""
    value = request.get_signed_cookie(_cookie(), default="", salt=_SALT, max_age=_LASTS)
    digest, _, number = (value or "").partition(".")
    return number if number and secrets.compare_digest(digest, _digest(email)) else None


def _cookie() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"


def _digest(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:32]
