"""The file of a backup: a tar with the database's dump, the files, and what else the data folder must keep.

Its last members are the manifest (the version of Buoy, the time, the number of rows of each table, the SHA-256 of every
member before it) and the manifest's own SHA-256. An archive without them was not finished, and one whose members differ
from them was damaged; neither is restored. That finds accidents; who can write the file can also write its sums.

The archive is written beside its place and renamed when it is complete. It holds everybody's data, so that only its
owner may read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

FORMAT = 1
DUMP = "database.dump"
FILES = "files/"
KEPT = ("secret-key", "audit-anchors")
"""Files of the data folder without which an installation would not be the same: signatures and the trail's anchors."""
_MANIFEST = "manifest.json"
_SEAL = "manifest.sha256"
_CHUNK = 1 << 20


class BadArchive(Exception):
    """A file that is not restored. The message says what is wrong with it."""


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself."""

    version: str
    made_at: str
    rows: Mapping[str, int]
    """The number of rows of each table."""
    members: Mapping[str, str]
    """The SHA-256 of each member."""
    format: int = FORMAT


def write(
    path: Path, *, version: str, made_at: str, rows: Mapping[str, int], dump: Path, files: Path | None, data: Path
) -> Manifest:
    """Make an archive. `files` is None when they do not lie in a folder."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                manifest = Manifest(version, made_at, rows, _add_all(archive, _sources(dump, files, data)))
                close(archive, manifest)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def close(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Add the manifest and its seal."""
    content = json.dumps(asdict(manifest), indent=1).encode()
    _add_bytes(archive, _MANIFEST, content)
    _add_bytes(archive, _SEAL, hashlib.sha256(content).hexdigest().encode())


def check(path: Path) -> Manifest:
    """The manifest, after every member has been held against it. Raises BadArchive."""
    found: dict[str, str] = {}
    last: dict[str, bytes] = {}

    def look(name: str, content: BinaryIO) -> None:
        if name in (_MANIFEST, _SEAL):
            last[name] = content.read()
        else:
            found[name] = _digest(content)

    visit(path, look)
    manifest = _sealed_manifest(path, last)
    if manifest.format > FORMAT:
        raise BadArchive(
            f"{path} was made by Buoy {manifest.version}, which is newer than this one. Install that version first."
        )
    wrong = sorted(name for name in found.keys() | manifest.members if found.get(name) != manifest.members.get(name))
    if wrong:
        raise BadArchive(
            f"{path} is damaged: {', '.join(wrong[:5])} {'is' if len(wrong) == 1 else 'are'} not as written"
        )
    return manifest


def visit(path: Path, look: Callable[[str, BinaryIO], None]) -> None:
    """Show name and content of each file in an archive, in its order. Raises BadArchive."""
    try:
        with tarfile.open(path, mode="r:") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    raise BadArchive(f"{path} holds {member.name}, which is no file; Buoy writes files only")
                look(member.name, cast(BinaryIO, content))
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(f"{path} cannot be read to its end: {error}. It is damaged, or no backup of Buoy.") from error
    except FileNotFoundError as error:
        raise BadArchive(f"{path} is not there") from error


def _sources(dump: Path, files: Path | None, data: Path) -> Iterator[tuple[str, Path]]:
    yield DUMP, dump
    for name in KEPT:
        if (data / name).is_file():
            yield name, data / name
    if files is not None:
        for file in sorted(files.rglob("*")):
            if file.is_file():
                yield FILES + file.relative_to(files).as_posix(), file


def _add_all(archive: tarfile.TarFile, sources: Iterator[tuple[str, Path]]) -> dict[str, str]:
    """Add files, and return their digests. One that is deleted meanwhile is left out."""
    added = {}
    for name, source in sources:
        with contextlib.suppress(FileNotFoundError):
            added[name] = _add(archive, name, source)
    return added


def _add(archive: tarfile.TarFile, name: str, source: Path) -> str:
    """Add a file as it is now, and return its digest. One that grows meanwhile is cut where it ended at first."""
    with source.open("rb") as content:
        member = tarfile.TarInfo(name)
        member.size = os.fstat(content.fileno()).st_size
        member.mode = 0o600
        reader = _Hashing(content)
        archive.addfile(member, reader)
        return reader.digest


class _Hashing(io.RawIOBase):
    """Passes on what it reads, and knows the digest of it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._sha = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(size)
        self._sha.update(piece)
        return piece

    @property
    def digest(self) -> str:
        return self._sha.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content))


def _digest(content: IO[bytes]) -> str:
    sha = hashlib.sha256()
    while piece := content.read(_CHUNK):
        sha.update(piece)
    return sha.hexdigest()


def _sealed_manifest(path: Path, last: Mapping[str, bytes]) -> Manifest:
    if _SEAL not in last or _MANIFEST not in last:
        raise BadArchive(f"{path} has no manifest: it was not finished, or it is no backup of Buoy")
    if hashlib.sha256(last[_MANIFEST]).hexdigest().encode() != last[_SEAL]:
        raise BadArchive(f"{path} is damaged: its manifest is not as written")
    return Manifest(**json.loads(last[_MANIFEST]))
