"""How e-mail leaves: one address for the way, `smtp://user:password@host:port`, turned into Django's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit


def mail_settings(url: str) -> dict[str, Any]:
    """`console:` prints mails instead of sending them, `folder:/path` writes them there; `smtps://` encrypts at once,
    `smtp+tls://` by STARTTLS.
    """
    where = urlsplit(url)
    if where.scheme == "folder":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": where.path}
    if where.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": where.hostname or "localhost",
        "EMAIL_PORT": where.port or (465 if where.scheme == "smtps" else 587 if where.scheme == "smtp+tls" else 25),
        "EMAIL_HOST_USER": unquote(where.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(where.password or ""),
        "EMAIL_USE_SSL": where.scheme == "smtps",
        "EMAIL_USE_TLS": where.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 20,
    }
