"""A server is made, started, joined and stopped."""

import os
import shutil
import stat
from pathlib import Path

import psycopg
import pytest

from buoy.core.postgres.cluster import Cluster
from buoy.core.postgres.failures import Busy
from tests.buoy.core.postgres.conftest import Program, connect, eventually, servers_of


def setting(cluster: Cluster, name: str) -> str:
    with connect(cluster) as connection:
        row = connection.execute(f"show {name}").fetchone()
    assert row
    return str(row[0])


def test_a_new_server_is_durable_sorts_by_code_point_and_listens_on_no_port(folder: Path) -> None:
    with Cluster(folder / "new").running() as cluster, connect(cluster) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert setting(cluster, name) == "on"
        assert setting(cluster, "listen_addresses") == ""
        assert setting(cluster, "timezone") == "UTC"
        row = connection.execute(
            "select upper('łódź'), array_agg(w order by w) from unnest('{a,Ą,Z}'::text[]) w"
        ).fetchone()
        assert row == ("ŁÓDŹ", ["Z", "a", "Ą"])
    assert servers_of(folder) == []


def test_a_second_start_finds_what_was_written(root: Path) -> None:
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        connection.execute("insert into kept values (1)")
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        assert connection.execute("select number from kept").fetchall() == [(1,)]


def test_only_our_accounts_reach_the_socket(root: Path) -> None:
    with Cluster(root, durable=False).running() as cluster:
        folder = cluster.root / "socket"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with connect(cluster) as connection:
            rules = connection.execute("select distinct type, auth_method from pg_hba_file_rules").fetchall()
            accounts = connection.execute("select sys_name from pg_ident_file_mappings").fetchall()
    assert rules == [("local", "peer")]
    assert len(accounts) <= 3


def test_a_folder_with_a_long_path_puts_its_socket_elsewhere(root: Path) -> None:
    far = root.parent / ("far" * 40)
    root.rename(far)
    with Cluster(far, durable=False).running() as cluster:
        with connect(cluster) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        dsn = cluster.dsn(user="postgres", database="postgres")
    assert str(far) not in dsn
    shutil.rmtree(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))


def test_small_shared_memory_is_not_used(root: Path, folder: Path) -> None:
    from buoy.core.postgres.settings import server_settings

    roomy = server_settings(durable=True, shared_memory=Path("/"))
    assert "dynamic_shared_memory_type" not in roomy
    with Cluster(root, durable=False, settings={"dynamic_shared_memory_type": "mmap"}).running() as cluster:
        assert setting(cluster, "dynamic_shared_memory_type") == "mmap"


def test_programs_that_start_at_once_share_one_server_and_none_loses_it_under_way(root: Path, program: Program) -> None:
    started = [
        program(
            root,
            "with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:",
            '    server = connection.execute("select pg_postmaster_start_time()::text").fetchone()[0]',
            f"    connection.execute('insert into kept values ({number})')",
            # None leaves before all have come, on however slow a machine; then they leave one by one.
            "    while connection.execute('select count(*) from kept').fetchone()[0] < 4: time.sleep(0.05)",
            f"    time.sleep({0.3 * number})",
            "    say(server)",
        )
        for number in range(4)
    ]
    said = [child.communicate(timeout=60) for child in started]
    assert [err for _, err in said if err] == []
    assert len({out for out, _ in said}) == 1
    assert servers_of(root) == []
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (4,)


def test_an_owner_waits_for_a_command_that_has_the_server(root: Path, program: Program) -> None:
    command = program(root, "with Cluster(root, durable=False).running():", "    say('has it'); time.sleep(1)")
    assert command.stdout
    command.stdout.readline()
    cluster = Cluster(root, durable=False)
    with pytest.raises(Busy, match=rf"held by process {command.pid}"):
        cluster.start(as_owner=True, patience=0.2)
    cluster.start(as_owner=True)
    assert command.wait(5) == 0
    assert cluster.is_alive()
    cluster.stop()


def test_an_owner_that_must_stop_does_not_wait_for_those_that_joined(root: Path, program: Program) -> None:
    cluster = Cluster(root, durable=False)
    cluster.start(as_owner=True)
    joined = program(root, "with Cluster(root, durable=False).running():", "    say('joined'); time.sleep(60)")
    assert joined.stdout
    joined.stdout.readline()
    cluster.stop(at_once=True)
    assert servers_of(root) == []


def test_nothing_is_left_when_the_owner_is_killed(root: Path, program: Program) -> None:
    owner = program(root, "with Cluster(root, durable=False).running():", "    say('ready'); time.sleep(60)")
    assert owner.stdout
    owner.stdout.readline()
    assert servers_of(root)
    owner.kill()
    assert eventually(lambda: servers_of(root) == [])


def test_a_start_follows_at_once_on_the_death_of_an_owner(root: Path, program: Program) -> None:
    owner = program(root, "with Cluster(root, durable=False).running():", "    say('ready'); time.sleep(60)")
    assert owner.stdout
    owner.stdout.readline()
    owner.kill()
    with Cluster(root, durable=False).running() as cluster, connect(cluster) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_the_log_does_not_grow_for_ever(root: Path) -> None:
    (root / "postgres.log").write_bytes(b"x" * 10_000_001)
    with Cluster(root, durable=False).running() as cluster:
        assert cluster.log.stat().st_size < 100_000
    assert (root / "postgres.log.1").stat().st_size == 10_000_001


if os.geteuid() == 0:

    def test_root_runs_the_server_as_another_account_and_copies_programs_out_of_private_folders(
        root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from buoy.core.postgres import binaries

        private = folder / "private"
        private.mkdir(mode=0o700)
        package = binaries.find().package
        assert package is not None
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, private / part.name)
        monkeypatch.setattr(binaries, "PACKAGES", ())
        found = binaries.inspect(private / package.name / "pginstall/bin", private / package.name)
        monkeypatch.setattr("buoy.core.postgres.cluster.find", lambda configured: found)
        with Cluster(root, durable=False).running() as cluster:
            assert [Path(f"/proc/{pid}").stat().st_uid for pid in servers_of(root)].count(0) == 0
            assert root.resolve() in cluster.binaries().folder.parents
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
