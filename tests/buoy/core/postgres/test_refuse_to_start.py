"""What cannot work is said in words that tell what to do."""

import os
from pathlib import Path

import pytest

from buoy.core.postgres.cluster import Cluster
from buoy.core.postgres.failures import DidNotStart, DiskFull, FolderRefused, WrongVersion, failure_of


def test_data_of_another_major_version_is_refused(root: Path) -> None:
    (root / "data/PG_VERSION").write_text("14\n")
    with pytest.raises(WrongVersion, match=r"was written by PostgreSQL 14;.* are of version \d+\. .*`buoy backup`"):
        Cluster(root, durable=False).start()


def test_a_server_that_does_not_start_is_quoted(root: Path) -> None:
    with pytest.raises(DidNotStart, match=r"invalid value for parameter \"wal_level\""):
        Cluster(root, durable=False, settings={"wal_level": "nonsense"}).start()


def test_a_failed_start_lets_the_next_one_try(root: Path) -> None:
    with pytest.raises(DidNotStart):
        Cluster(root, durable=False, settings={"wal_level": "nonsense"}).start()
    with Cluster(root, durable=False).running() as cluster:
        assert cluster.is_alive()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderRefused, match="is a file"):
        Cluster(tmp_path / "data").start()


def test_a_socket_folder_of_somebody_else_is_refused(root: Path, tmp_path: Path) -> None:
    (root / "socket").symlink_to(tmp_path)
    with pytest.raises(FolderRefused, match="is not ours"):
        Cluster(root, durable=False).start()


# The words of PostgreSQL 18 on a file system of 20 MB and on one that had been filled after it was made.
@pytest.mark.parametrize(
    "said",
    [
        'PANIC:  could not write to file "pg_wal/xlogtemp.4": No space left on device',
        'FATAL:  could not extend file "base/1/1255": wrote only 4096 of 8192 bytes\nHINT:  Check free disk space.',
    ],
)
def test_a_full_disk_is_named(said: str) -> None:
    failure = failure_of(said, doing="Starting PostgreSQL", log="postgres.log")
    assert isinstance(failure, DiskFull)
    assert "Make room, then start again" in str(failure)


if os.geteuid() == 0:

    def test_root_is_told_that_the_servers_account_cannot_reach_a_private_folder(tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        with pytest.raises(FolderRefused, match=r"cannot reach .*BUOY_DATA, such as /var/lib/buoy"):
            Cluster(private / "data").start()

else:

    def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(FolderRefused, match="cannot be written to"):
            Cluster(tmp_path / "data").start()
