"""`buoy backup` and `buoy restore`: everything that an installation keeps, in one file and out of it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

import buoy
from buoy.cli import screen
from buoy.cli.backup import archive
from buoy.cli.backup.archive import BadArchive, Manifest
from buoy.cli.backup.dump import count_rows, dump, load, tables
from buoy.cli.configured import configured
from buoy.cli.database import Database, Login, opened
from buoy.cli.migrate import bring_up_to_date, make_database
from buoy.core import clock
from buoy.core.configuration import Configuration
from buoy.core.storage import Folder, storage

_ENDING = ".buoy-backup"


def backup(
    target: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The file, or the folder to put it in.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was saved as JSON.")] = False,
) -> None:
    """Save the database and the files into one file, while Buoy runs or not.

    Without FILE it goes to `backups` in the data folder. A bucket's files (storage_url) are not in it.
    """
    configuration = configured()
    path = _target(configuration, target)
    files = _files_folder(configuration)
    with opened(configuration) as database, _work_folder(configuration) as work:
        rows = dump(database, work / archive.DUMP)
        manifest = archive.write(
            path,
            version=buoy.__version__,
            made_at=clock.now().isoformat(timespec="seconds"),
            rows=rows,
            dump=work / archive.DUMP,
            files=files,
            data=configuration.data,
        )
    if as_json:
        screen.as_json({"file": str(path), **_figures(manifest)})
        return
    screen.say(f"{path}: {_told(manifest)}, {path.stat().st_size:,} bytes.")
    if files is None:
        screen.warn("The files lie in a bucket and are not in this backup: see docs/how-to/run-in-production.md.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `buoy backup` has made.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was restored as JSON.")] = False,
) -> None:
    """Fill an empty installation from a backup, and bring it to this version of Buoy. A full one is refused.

    A restore that was interrupted can be repeated: files come first, the database last, all of it or nothing.
    """
    configuration = configured()
    try:
        manifest = archive.check(source)
    except BadArchive as error:
        screen.stop(str(error), screen.REFUSED)
    with opened(configuration, make=True) as database, _work_folder(configuration) as work:
        if database.embedded is not None:
            make_database(database.embedded)
        _refuse_full(configuration, database)
        _unpack(source, configuration, work)
        load(database, work / archive.DUMP)
        _compare(database, manifest)
        bring_up_to_date(database)
    if as_json:
        screen.as_json({"file": str(source), **_figures(manifest)})
    else:
        screen.say(f"Restored what {source} holds: {_told(manifest)}, saved at {manifest.made_at}.")


def _target(configuration: Configuration, target: Path | None) -> Path:
    folder = target if target is not None and target.is_dir() else configuration.data / "backups"
    if target is None or target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{clock.now():%Y-%m-%d-%H%M%S}{_ENDING}"
    if not target.parent.is_dir():
        screen.stop(f"there is no folder {target.parent} for the backup; make it first", screen.REFUSED)
    if target.exists():
        screen.stop(f"{target} is there already, and backups are not written over; choose another name", screen.REFUSED)
    return target


def _files_folder(configuration: Configuration) -> Path | None:
    kept = storage(configuration.storage_url, configuration.data)
    return kept.root if isinstance(kept, Folder) else None


@contextlib.contextmanager
def _work_folder(configuration: Configuration) -> Iterator[Path]:
    """A private folder beside the data, where there is room for a dump, that goes away at the end."""
    configuration.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=configuration.data) as folder:
        yield Path(folder)


def _refuse_full(configuration: Configuration, database: Database) -> None:
    with database.connect(Login.OWNER) as connection:
        found = tables(connection)
    if found:
        screen.stop(
            f"this installation is not empty: its database has {len(found)} tables. Restore into a new one: an empty "
            f"data folder (BUOY_DATA; this one is {configuration.data}), or with a real server an empty database.",
            screen.REFUSED,
        )


def _unpack(source: Path, configuration: Configuration, work: Path) -> None:
    kept = storage(configuration.storage_url, configuration.data)

    def put(name: str, content: BinaryIO) -> None:
        if name == archive.DUMP:
            _copy(content, work / name)
        elif name in archive.KEPT:
            _copy(content, configuration.data / name)
        elif name.startswith(archive.FILES):
            kept.put(name.removeprefix(archive.FILES), content)

    archive.visit(source, put)


def _copy(content: BinaryIO, target: Path) -> None:
    target.touch(mode=0o600)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out)


def _compare(database: Database, manifest: Manifest) -> None:
    """Hold the database against what the backup counted."""
    with database.connect(Login.BACKUP) as connection:
        found = count_rows(connection)
    if found != manifest.rows:
        different = sorted(name for name in found.keys() | manifest.rows if found.get(name) != manifest.rows.get(name))
        screen.stop(f"the restored tables do not hold the rows of the backup: {', '.join(different)}", screen.FAILED)


def _figures(manifest: Manifest) -> dict[str, object]:
    files = sum(name.startswith(archive.FILES) for name in manifest.members)
    return {"made_at": manifest.made_at, "version": manifest.version, "rows": dict(manifest.rows), "files": files}


def _told(manifest: Manifest) -> str:
    files = sum(name.startswith(archive.FILES) for name in manifest.members)
    return f"{len(manifest.rows)} tables with {sum(manifest.rows.values()):,} rows, {files:,} files"
