"""Django's settings, all of them derived from the configuration of the installation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import PostgresDsn

from buoy.config import sign_in
from buoy.core import configuration
from buoy.core.logs import logging_settings
from buoy.core.mail import mail_settings
from buoy.core.postgres.sockets import socket_folder

CONFIGURATION = configuration.read()
PACKAGE = Path(__file__).resolve().parents[1]

SECRET_KEY = configuration.secret_key(CONFIGURATION)
DEBUG = False
HTTPS = urlsplit(CONFIGURATION.address).scheme == "https"
# This machine's own names too: `buoy serve` and those who watch an installation ask by them whether it is ready.
ALLOWED_HOSTS = [
    *CONFIGURATION.allowed_hosts,
    urlsplit(CONFIGURATION.address).hostname or "",
    "127.0.0.1",
    "localhost",
]
ROOT_URLCONF = "buoy.config.urls"
WSGI_APPLICATION = "buoy.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "buoy.api",
    "buoy.domains.accounts",
    "buoy.domains.workspace",
    "buoy.domains.sales",
    "buoy.domains.partners",
    "buoy.domains.vendor",
    "buoy.domains.catalog",
    "buoy.ui",
    "buoy.core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *sign_in.APPS,
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "buoy.config.middleware.observed",
    "buoy.config.middleware.kept_by_nobody",
    "buoy.config.middleware.wait_a_minute",
    # Before what serves files: they are answers too.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # It adds random bytes, so that the length of an answer tells nothing about the secrets in it.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "buoy.ui.prefetch.offer_prefetch",
    "allauth.account.middleware.AccountMiddleware",
    "buoy.domains.accounts.web.session.limits",
    "buoy.config.middleware.actor",
    "buoy.config.middleware.language_and_zone",
    "buoy.config.middleware.Errors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "buoy.config.frame.frame",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "buoy.ui.templatetags.ui",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
        },
    }
]

# --- Database --------------------------------------------------------------------------------------------------


def _database(url: PostgresDsn | None, *, embedded_user: str) -> dict[str, Any]:
    """Where the address says, else the embedded server's socket in the data folder."""
    if url is None:
        return {"HOST": str(socket_folder(CONFIGURATION.data / "postgres")), "NAME": "buoy", "USER": embedded_user}
    host = url.hosts()[0]
    return {
        "HOST": host["host"] or "",
        "PORT": str(host["port"] or ""),
        "USER": host["username"] or "",
        "PASSWORD": host["password"] or "",
        "NAME": (url.path or "/buoy").lstrip("/"),
    }


DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database(CONFIGURATION.database_url, embedded_user="buoy_app"),
        # The pool checks a connection before it lends it: after a restart of the server no request fails.
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": CONFIGURATION.web_threads + 2}},
    },
}
if CONFIGURATION.database_url is None or CONFIGURATION.database_owner_url:
    # For migrations only: `migrate --database owner`.
    DATABASES["owner"] = {
        "ENGINE": "django.db.backends.postgresql",
        **_database(CONFIGURATION.database_owner_url, embedded_user="buoy_owner"),
    }

# --- Jobs ------------------------------------------------------------------------------------------------------

EVENT_HANDLERS = "buoy.wiring.HANDLERS"
SUBJECT_FINDERS = "buoy.wiring.SUBJECTS"
SAVED_VIEWS = "buoy.wiring.VIEWS"
KINDS_OF_WORK = "buoy.wiring.WORK"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": CONFIGURATION.worker_concurrency, "delete_jobs": "never"}

# Rate limits are counted here, for all processes together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- People ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
globals().update(sign_in.sign_in_settings(CONFIGURATION, https=HTTPS))
# Everybody knows the passwords of a demo, which stands on one machine.
SECOND_FACTOR_IS_OPTIONAL = CONFIGURATION.demo
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.address] if HTTPS else []

# --- Language --------------------------------------------------------------------------------------------------

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = CONFIGURATION.language
LANGUAGES = [
    ("en", _("English")),
    ("id", _("Indonesian")),
    ("pl", _("Polish")),
    ("ar", _("Arabic")),
    ("nl", _("Dutch")),
]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [PACKAGE / "locale"]

# --- Logs and numbers ------------------------------------------------------------------------------------------

LOGGING = logging_settings(style=CONFIGURATION.log_format, level=CONFIGURATION.log_level)
# The Prometheus client reads where its files lie from the environment, when it is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(CONFIGURATION.data / "metrics"))
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)

# --- The style guide -------------------------------------------------------------------------------------------

# It shows invented data only; it is there where a demo is.
STYLEGUIDE = CONFIGURATION.demo

# --- Files, mail, headers --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = CONFIGURATION.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
globals().update(mail_settings(CONFIGURATION.mail))
DEFAULT_FROM_EMAIL = CONFIGURATION.email_from

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.trusted_proxies else None
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
