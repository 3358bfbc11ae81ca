"""Where the bytes of files lie: a folder, or a bucket that speaks the protocol of S3. One port, `Storage`.

A key is made here, never from what a person typed; a file is written once under its key and never changed. In a folder
it is written beside its place and then renamed, so that a crash leaves no half of one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from buoy.core.configuration import BadConfiguration

CHUNK = 1 << 20


class Storage(Protocol):
    """Keys are relative paths of letters, digits, `-` and `/`."""

    def put(self, key: str, content: BinaryIO) -> None:
        """Store what can be read from `content`."""

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces. Raises FileNotFoundError."""

    def has(self, key: str) -> bool:
        """Is there something under the key?"""

    def delete(self, key: str) -> None:
        """Remove it; nothing happens when it is not there."""


class Folder:
    """Files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, content: BinaryIO) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("xb") as file:
                while piece := content.read(CHUNK):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        finally:
            beside.unlink(missing_ok=True)

    def read(self, key: str) -> Iterator[bytes]:
        with self._path(key).open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece

    def has(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError(f"the key {key!r} leads out of the folder")
        return path


def storage(url: str, data: Path) -> Storage:
    """The storage that `storage_url` names; `data` is the installation's folder."""
    if url.startswith("folder:"):
        return Folder(Path(url.removeprefix("folder:") or data / "files"))
    try:
        from buoy.core.s3 import Bucket
    except ImportError as error:
        raise BadConfiguration(f"storage_url: {error}. A bucket needs more packages: pip install 'buoy[s3]'") from None
    return Bucket(url)
