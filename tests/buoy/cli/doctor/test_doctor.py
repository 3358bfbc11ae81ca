"""Whatever somebody has broken is found, and nothing is found where nothing is broken."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from buoy.cli.database import Database
from buoy.cli.doctor import database as examined
from buoy.cli.doctor import machine
from buoy.cli.doctor.finding import Finding, State
from buoy.core import clock
from buoy.core.configuration import Configuration
from buoy.core.postgres.binaries import find
from buoy.core.scope import acting
from buoy.core.storage import Folder
from buoy.domains.workspace import actions as workspace
from buoy.domains.workspace.models import StoredFile
from tests.buoy.cli.conftest import Buoy
from tests.cast import JOB, make_cast
from tests.database import DATABASE

Examine = Callable[[], dict[str, Finding]]
Broken = Callable[..., contextlib.AbstractContextManager[None]]


@pytest.fixture
def examine(committed: None, postgres_host: str, tmp_path: Path) -> Examine:
    """Runs the checks of the database on the tests' own, as the application's login."""
    url = f"postgresql://buoy_app@localhost/{DATABASE}?host={postgres_host}"
    configuration = Configuration(data=tmp_path, database_url=url)
    server = Database(configuration, find())
    return lambda: {finding.check: finding for finding in examined.checks(server)}


@pytest.fixture
def broken(postgres_host: str) -> Broken:
    """Breaks something as a superuser, and mends it again."""

    @contextlib.contextmanager
    def breaking(*, do: str, undo: str) -> Iterator[None]:
        with psycopg.connect(f"host={postgres_host} user=postgres dbname={DATABASE}", autocommit=True) as connection:
            connection.execute(do)
            try:
                yield
            finally:
                connection.execute(undo)

    return breaking


def test_nothing_is_wrong_with_a_fresh_installation(examine: Examine) -> None:
    # The tests' server is a fast one, which forgets what was acknowledged: that is found, and nothing else.
    wrong = [finding for finding in examine().values() if finding.state is State.WRONG]
    assert [finding.check for finding in wrong] == ["durability"]
    assert "fsync, full_page_writes, synchronous_commit is off" in wrong[0].found


@pytest.mark.parametrize(
    ("check", "words", "do", "undo"),
    [
        (
            "row-level security",
            "partners_partner has policies and can be reached by partners, and its rows are not held back",
            "alter table partners_partner disable row level security",
            "alter table partners_partner enable row level security",
        ),
        (
            "row-level security",
            "accounts_user has policies and has a column partner_id",
            "alter table accounts_user no force row level security",
            "alter table accounts_user force row level security",
        ),
        (
            "row-level security",
            "planted has a column partner_id, and its rows are not held back",
            "create table planted (partner_id uuid)",
            "drop table planted",
        ),
        (
            "row-level security",
            "planted can be reached by partners",
            "create table planted (secret text); grant select on planted to buoy_partner",
            "drop table planted",
        ),
        (
            "roles",
            "buoy_desk is not held by row-level security",
            "alter role buoy_desk bypassrls",
            "alter role buoy_desk nobypassrls",
        ),
        ("roles", "buoy_partner can log in", "alter role buoy_partner login", "alter role buoy_partner nologin"),
        (
            "roles",
            "buoy_backup is held by row-level security",
            "alter role buoy_backup nobypassrls",
            "alter role buoy_backup bypassrls",
        ),
        (
            "login",
            "buoy_app is not held by row-level security",
            "alter role buoy_app bypassrls",
            "alter role buoy_app nobypassrls",
        ),
        (
            "scopes",
            "buoy_app has the rights of buoy_desk without becoming it",
            "grant buoy_desk to buoy_app with inherit true",
            "grant buoy_desk to buoy_app with inherit false",
        ),
        (
            "tables",
            "1 migrations are missing, the first is partners.0001_initial",
            "update django_migrations set app = 'planted' where app = 'partners' and name = '0001_initial'",
            "update django_migrations set app = 'partners' where app = 'planted'",
        ),
    ],
)
def test_what_was_changed_by_hand_is_found(
    examine: Examine, broken: Broken, check: str, words: str, do: str, undo: str
) -> None:
    with broken(do=do, undo=undo):
        found = examine()[check]
    assert found.state is State.WRONG
    assert words in found.found
    assert examine()[check].state is State.FINE


@pytest.mark.parametrize(
    ("seconds", "state"), [(1, State.FINE), (-10, State.LOOK), (10, State.LOOK), (90, State.WRONG)]
)
def test_a_clock_that_differs_from_the_databases_is_found(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, seconds: int, state: State
) -> None:
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=seconds))
    assert examine()["clock"].state is state


def of_the_machine(data: Path, **settings: str) -> dict[str, Finding]:
    configuration = Configuration(data=data, **settings)
    return {finding.check: finding for finding in machine.checks(configuration)}


def test_a_folder_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = of_the_machine(tmp_path, storage_url=f"folder:{tmp_path / 'file'}")["files"]
    assert found.state is State.WRONG
    assert "BUOY_STORAGE_URL" in found.found
    assert of_the_machine(tmp_path / "file")["data folder"].state is State.WRONG
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize(("free", "state"), [(100, State.WRONG), (500, State.LOOK), (5000, State.FINE)])
def test_a_disk_that_is_nearly_full_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda folder: free << 20)
    assert of_the_machine(tmp_path)["disk"].state is state


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://127.0.0.1:8000", State.FINE),
        ("https://partners.example.org", State.FINE),
        ("http://partners.example.org", State.LOOK),
    ],
)
def test_an_address_without_encryption_is_mentioned(tmp_path: Path, url: str, state: State) -> None:
    assert of_the_machine(tmp_path, url=url)["configuration"].state is state


def test_findings_can_be_read_by_a_program_and_decide_the_exit_code(
    buoy: Buoy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUOY_DATA", str(tmp_path / "nothing"))
    said = buoy("doctor", "--json")
    assert said.code == 1
    states = {finding["check"]: finding["state"] for finding in said.json}
    assert (states["data folder"], states["database"]) == ("fine", "wrong")


def test_a_bad_setting_is_a_finding(buoy: Buoy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUOY_PORT", "none")
    said = buoy("doctor", "--json")
    assert said.code == 1
    assert [(each["check"], each["state"]) for each in said.json] == [("configuration", "wrong")]
    assert "BUOY_PORT: found 'none'" in json.dumps(said.json)


def test_a_file_whose_bytes_are_gone_is_found(examine: Examine, tmp_path: Path) -> None:
    cast = make_cast()
    kept = Folder(tmp_path / "files")
    for name in ("here.txt", "gone.txt"):
        workspace.add_file(
            cast.rita,
            storage=kept,
            subject_type="partner",
            subject_id=cast.alpha.id,
            name=name,
            size=4,
            content=io.BytesIO(b"text"),
            now=clock.now(),
        )
    assert examine()["stored files"].found == "all 2 are there"
    with acting(JOB):
        key = StoredFile.objects.get(name="gone.txt").key
    kept.delete(key)
    found = examine()["stored files"]
    assert found.state is State.WRONG
    assert found.found.startswith(f"1 of 2 are missing in the storage: {key}.")
