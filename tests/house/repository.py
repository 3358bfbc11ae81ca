"""The files of the repository, found without git: a machine that runs the tests may have none."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _ignored_folders() -> list[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [".git", *(line.strip("/") for line in lines if line.endswith("/"))]


def _is_ignored(folder: Path, ignored: list[str]) -> bool:
    """A line of .gitignore names a folder anywhere, or the way to one."""
    return any(fnmatch(folder.name, out) or short(folder) == out for out in ignored)


def files(pattern: str = "*") -> Iterator[Path]:
    """Every file that git would offer to add, whose name fits the pattern."""
    ignored = _ignored_folders()
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if not _is_ignored(Path(folder, name), ignored)]
        yield from (Path(folder, name) for name in sorted(names) if fnmatch(name, pattern))


def read_text(path: Path) -> str:
    """The text of a file; nothing for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
