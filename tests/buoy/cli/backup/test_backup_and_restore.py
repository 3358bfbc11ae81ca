"""What is restored is what was saved."""

import json
import stat
from pathlib import Path

from tests.buoy.cli.backup.conftest import FILES, contents, run


def test_a_restored_installation_equals_the_saved_one(full: Path, saved: Path, place: Path) -> None:
    other = place / "equal"
    done = run(other, "restore", saved)
    assert done.returncode == 0, done.stderr
    before, after = contents(full), contents(other)
    assert len(before) > 10
    assert after == before
    assert {key: (other / "files" / key).read_bytes() for key in FILES} == FILES
    for name in ("secret-key", "audit-anchors"):
        assert (other / name).read_text() == (full / name).read_text()


def test_a_full_installation_is_refused_and_left_as_it_is(full: Path, saved: Path) -> None:
    before = contents(full)
    (full / "secret-key").write_text("another")
    done = run(full, "restore", saved)
    assert done.returncode == 3
    assert "this installation is not empty: its database has" in done.stderr
    assert (full / "secret-key").read_text() == "another"
    (full / "secret-key").write_text("a secret that signs")
    assert contents(full) == before


def test_a_backup_counts_what_it_holds_and_only_its_owner_may_read_it(full: Path, place: Path) -> None:
    path = place / "counted.buoy-backup"
    done = run(full, "backup", path, "--json")
    told = json.loads(done.stdout)
    assert (told["rows"]["django_session"], told["rows"]["partners_partner"], told["files"]) == (1000, 50, len(FILES))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_backup_without_a_name_goes_to_the_data_folder(full: Path) -> None:
    done = run(full, "backup")
    assert done.returncode == 0, done.stderr
    [path] = (full / "backups").iterdir()
    assert str(path) in done.stdout


def test_a_backup_is_never_written_over(full: Path, saved: Path) -> None:
    before = saved.read_bytes()
    done = run(full, "backup", saved)
    assert done.returncode == 3
    assert "is there already" in done.stderr
    assert saved.read_bytes() == before


def test_a_folder_without_an_installation_has_nothing_to_save(place: Path) -> None:
    done = run(place / "nothing", "backup")
    assert done.returncode == 3
    assert "there is no installation in" in done.stderr
    assert not (place / "nothing" / "postgres").exists()
