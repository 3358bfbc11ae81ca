"""A backup that is not as it was written is refused before anything is touched."""

import random
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from buoy.cli.backup import archive
from buoy.cli.backup.archive import BadArchive
from tests.buoy.cli.backup.conftest import run


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(saved, tmp_path / "copy"))


def spans(path: Path) -> list[tuple[int, int]]:
    """Where the contents of an archive's members begin and end."""
    with tarfile.open(path) as opened:
        return [(member.offset_data, member.offset_data + member.size) for member in opened if member.size]


def test_every_flipped_byte_of_a_member_is_found(saved: Path, copy: Path) -> None:
    chance = random.Random(20261125)
    whole = saved.read_bytes()
    for begin, end in spans(saved):
        for _ in range(10):
            damaged = bytearray(whole)
            damaged[chance.randrange(begin, end)] ^= 1 << chance.randrange(8)
            copy.write_bytes(damaged)
            with pytest.raises(BadArchive):
                archive.check(copy)


def test_a_whole_backup_is_accepted(saved: Path) -> None:
    assert archive.DUMP in archive.check(saved).members


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9])
def test_a_backup_that_was_cut_off_is_refused(saved: Path, copy: Path, part: float) -> None:
    copy.write_bytes(saved.read_bytes()[: int(saved.stat().st_size * part)])
    with pytest.raises(BadArchive, match="no backup of Buoy"):
        archive.check(copy)


def rewrite(source: Path, target: Path, **changes: Any) -> None:
    """Write an archive again with another manifest, sealed as it should be."""
    manifest = replace(archive.check(source), **changes)
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            if not member.name.startswith("manifest"):
                new.addfile(member, old.extractfile(member))
        archive.close(new, manifest)


def test_a_backup_of_a_newer_buoy_names_the_version(saved: Path, copy: Path) -> None:
    rewrite(saved, copy, format=2, version="7.1")
    with pytest.raises(BadArchive, match=r"was made by Buoy 7\.1, which is newer"):
        archive.check(copy)


def test_a_missing_member_is_named(saved: Path, copy: Path) -> None:
    rewrite(saved, copy, members={**archive.check(saved).members, "files/lost": "00"})
    with pytest.raises(BadArchive, match="files/lost is not as written"):
        archive.check(copy)


def test_a_damaged_backup_changes_nothing(saved: Path, copy: Path, place: Path) -> None:
    begin, _ = spans(saved)[0]
    damaged = bytearray(saved.read_bytes())
    damaged[begin] ^= 1
    copy.write_bytes(damaged)
    done = run(place / "untouched", "restore", copy)
    assert done.returncode == 3
    assert f"{copy} is damaged: database.dump is not as written" in done.stderr
    assert not (place / "untouched").exists()


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, place: Path) -> None:
    (tmp_path / "letter").write_text("Dear partner, " * 1000)
    done = run(place / "untouched", "restore", tmp_path / "letter")
    assert done.returncode == 3
    assert "no backup of Buoy" in done.stderr
