"""What an installation can set: read from `buoy.toml` and from the environment, checked once, at the start.

An environment variable `BUOY_NAME` wins over the line `name = …` of the file; an empty one says nothing. The file is the
one that `BUOY_CONFIG` names, else `buoy.toml` in the current folder, else `buoy.toml` in the data folder; none is needed. A
name that is not known is refused, since a misspelt setting that is passed over is worse than a start that fails.

`docs/configuration.md` describes each setting; a house test keeps the two together.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    PostgresDsn,
    ValidationError,
    ValidationInfo,
    field_validator,
)

PREFIX = "BUOY_"
FILE = "buoy.toml"
LANGUAGES = ("en", "id", "pl", "ar", "nl")
NOT_SETTINGS = {"BUOY_CONFIG", "BUOY_DEBUG", "BUOY_TEST_DSN"}
"""Variables that begin like ours and are read elsewhere."""
LISTS = {"allowed_hosts", "saml_domains"}
"""Settings of several values, separated by commas in a variable."""
SECRETS = {
    "database_url",
    "database_owner_url",
    "database_backup_url",
    "secret_key",
    "email_url",
    "oidc_client_secret",
    "storage_url",
    "metrics_token",
}
"""Settings that are, or may hold, a secret: never printed, not even when they are wrong."""


class BadConfiguration(Exception):
    """A setting that cannot be used. The message has a line for each: where it stands, what was found, what is expected."""


def default_data_folder(*, is_demo: bool = False) -> Path:
    """Where an installation keeps its files unless told otherwise, a demo apart from what is real.

    Root's home cannot be used by PostgreSQL's account.
    """
    is_root = os.name != "nt" and os.geteuid() == 0
    parent = Path("/var/lib") if is_root else Path.home() / ".local" / "share"
    return parent / ("buoy-demo" if is_demo else "buoy")


class Configuration(BaseModel):
    """Every setting, with its default."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    demo: bool = False
    data: Path = Field(default_factory=lambda said: default_data_folder(is_demo=said.get("demo", False)))
    database_url: PostgresDsn | None = None
    database_owner_url: PostgresDsn | None = None
    database_backup_url: PostgresDsn | None = None
    pg_bin: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    url: AnyHttpUrl | None = None
    allowed_hosts: list[str] = []
    secret_key: str | None = Field(None, min_length=32)
    language: Literal["en", "id", "pl", "ar", "nl"] = "en"
    time_zone: str = "UTC"
    vendor_name: str = Field("Buoy", min_length=1, max_length=100)
    email_url: str = "console:"
    email_from: str = "Buoy <buoy@localhost>"
    oidc_issuer: AnyHttpUrl | None = None
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = Field("Single sign-on", min_length=1, max_length=40)
    oidc_addresses_are_verified: bool = False
    saml_metadata: Path | None = None
    saml_domains: list[str] = []
    saml_name: str = Field("Single sign-on", min_length=1, max_length=40)
    storage_url: str = "folder:"
    web_workers: int = Field(2, ge=1, le=64)
    web_threads: int = Field(4, ge=1, le=64)
    worker_concurrency: int = Field(2, ge=1, le=64)
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_token: str | None = Field(None, min_length=16)
    api_calls_per_minute: int = Field(600, ge=1, le=1_000_000)
    pages_per_minute: int = Field(600, ge=1, le=1_000_000)
    trusted_proxies: int = Field(0, ge=0, le=5)

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("expected the name of a time zone, such as Europe/Warsaw") from None
        return value

    @field_validator("email_url")
    @classmethod
    def _mail_scheme(cls, value: str) -> str:
        if not value.startswith(("console:", "folder:/", "smtp://", "smtps://", "smtp+tls://")):
            raise ValueError(
                "expected console:, folder:/a/path or smtp://user:password@host:port (smtps:// and smtp+tls:// encrypt)"
            )
        return value

    @field_validator("storage_url")
    @classmethod
    def _storage_scheme(cls, value: str) -> str:
        if not value.startswith(("folder:", "s3://", "s3+http://")):
            raise ValueError("expected folder: (in the data folder), folder:/a/path, or s3://key:secret@host/bucket")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value and (value.query or value.fragment or "/.well-known/" in str(value)):
            raise ValueError("expected the address below which /.well-known/openid-configuration is found, and no more")
        if value and value.scheme != "https" and value.host not in ("127.0.0.1", "localhost"):
            raise ValueError("expected an address that begins with https://")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def _with_an_issuer(cls, value: str, said: ValidationInfo) -> str:
        has_issuer = said.data.get("oidc_issuer") is not None
        if value and not has_issuer and "oidc_issuer" in said.data:
            raise ValueError("expected oidc_issuer to be set too: it says whose this is")
        if not value and has_issuer and said.field_name == "oidc_client_id":
            raise ValueError("expected the name of this installation at the provider, since oidc_issuer is set")
        return value

    @field_validator("saml_metadata")
    @classmethod
    def _with_its_extra(cls, value: Path | None) -> Path | None:
        if value and not value.is_file():
            raise ValueError("expected the path of a file: the metadata that the provider gives away")
        if value and importlib.util.find_spec("onelogin") is None:
            raise ValueError("expected the extra for it to be installed: pip install 'buoy[saml]'")
        return value

    @field_validator("saml_domains")
    @classmethod
    def _believed_for_some(cls, value: list[str], said: ValidationInfo) -> list[str]:
        if bool(value) != (said.data.get("saml_metadata") is not None) and "saml_metadata" in said.data:
            raise ValueError(
                "expected saml_metadata and saml_domains to be set together: the domains say for which"
                " e-mail addresses the provider is believed"
            )
        return [each.lower() for each in value]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, value) for name, value in super().__repr_args__() if name not in SECRETS]

    @property
    def mail(self) -> str:
        """How mail leaves. That of a demo, whose people are made up, stays in the data folder unless it is said where to."""
        return f"folder:{self.data / 'mail'}" if self.demo and self.email_url == "console:" else self.email_url

    @property
    def address(self) -> str:
        """The address that people type and that links in e-mails begin with; no slash at its end."""
        return str(self.url).rstrip("/") if self.url else f"http://{self.host}:{self.port}"


def read(environment: Mapping[str, str] | None = None) -> Configuration:
    """The configuration of this installation. Raises BadConfiguration with every mistake, not just the first."""
    environment = os.environ if environment is None else environment
    given, places = _from_file(environment)
    for name, value in environment.items():
        if value and name.startswith(PREFIX) and name not in NOT_SETTINGS:
            key = name.removeprefix(PREFIX).lower()
            given[key] = _list_or_text(key, value)
            places[key] = name
    if "DATABASE_URL" in environment and "database_url" not in given:
        given["database_url"], places["database_url"] = environment["DATABASE_URL"], "DATABASE_URL"
    try:
        return Configuration(**given)
    except ValidationError as error:
        raise BadConfiguration("\n".join(_said(each, places) for each in error.errors())) from None


def secret_key(configuration: Configuration) -> str:
    """The key that signs sessions and links: the one that is set, else one made once and kept in the data folder."""
    if configuration.secret_key:
        return configuration.secret_key
    path = configuration.data / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # Fails when another process was first, whose key then counts.
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def _from_file(environment: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    path = _file(environment)
    if path is None:
        return {}, {}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfiguration(f"{path}: cannot be read: {error}") from None
    return given, {key: f"{path}: {key}" for key in given}


def _file(environment: Mapping[str, str]) -> Path | None:
    if named := environment.get("BUOY_CONFIG"):
        return Path(named)
    is_demo = environment.get("BUOY_DEMO", "").lower() == "true"
    data = Path(environment.get("BUOY_DATA", default_data_folder(is_demo=is_demo)))
    return next((path for path in (Path(FILE), data / FILE) if path.is_file()), None)


def _list_or_text(key: str, value: str) -> str | list[str]:
    return [part.strip() for part in value.split(",") if part.strip()] if key in LISTS else value


def _said(error: Any, places: Mapping[str, str]) -> str:
    key = str(error["loc"][0])
    place = places.get(key, key)
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(Configuration.model_fields))
        return f"{place}: is not a setting. Known are: {known}. See docs/configuration.md."
    found = "what is not shown here, since it may hold a secret" if key in SECRETS else repr(error["input"])
    return f"{place}: found {found}. {error['msg'].removeprefix('Value error, ').capitalize()}."
