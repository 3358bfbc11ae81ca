"""What can be checked without a database: the configuration and the folders."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from buoy.cli.doctor.finding import Finding, State
from buoy.core.configuration import Configuration
from buoy.core.storage import Folder, storage

ENOUGH_BYTES = 2 << 30
TOO_FEW_BYTES = 200 << 20


def checks(configuration: Configuration) -> Iterator[Finding]:
    """Configuration, folders, room."""
    yield _configuration(configuration)
    yield _mail(configuration)
    yield _writable("data folder", configuration.data, "BUOY_DATA")
    yield _files(configuration)
    yield _room(configuration.data)


def _configuration(configuration: Configuration) -> Finding:
    address = urlsplit(configuration.address)
    if address.scheme == "https":
        return Finding("configuration", State.FINE, f"{configuration.address}")
    if address.hostname in ("127.0.0.1", "localhost", "::1"):
        return Finding("configuration", State.FINE, f"{configuration.address}, for this machine only")
    return Finding(
        "configuration",
        State.LOOK,
        f"{configuration.address} is not encrypted: passwords and cookies can be read on the way. Put a proxy with a "
        "certificate before it and set BUOY_URL to an address with https://.",
    )


def _mail(configuration: Configuration) -> Finding:
    if configuration.mail == "console:":
        return Finding("mail", State.LOOK, "mails are printed and reach nobody; set BUOY_EMAIL_URL")
    return Finding("mail", State.FINE, urlsplit(configuration.mail).hostname or configuration.mail)


def _files(configuration: Configuration) -> Finding:
    kept = storage(configuration.storage_url, configuration.data)
    if isinstance(kept, Folder):
        return _writable("files", kept.root, "BUOY_STORAGE_URL")
    return Finding("files", State.LOOK, "in a bucket, which `buoy backup` does not save")


def _writable(check: str, folder: Path, setting: str) -> Finding:
    probe = folder / f"probe-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        return Finding(
            check,
            State.WRONG,
            f"{folder} cannot be written: {error.strerror}. Give it to the account that Buoy runs as, or set {setting}.",
        )
    return Finding(check, State.FINE, f"{folder} can be written")


def free_bytes(folder: Path) -> int:
    """The room on the disk of a folder, which need not exist yet."""
    near = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(near).free


def _room(folder: Path) -> Finding:
    free = free_bytes(folder)
    found = f"{free / (1 << 30):,.1f} GB free where the data is"
    if free < TOO_FEW_BYTES:
        return Finding("disk", State.WRONG, f"{found}; PostgreSQL stops when there is none. Make room.")
    return Finding("disk", State.FINE if free >= ENOUGH_BYTES else State.LOOK, found)
