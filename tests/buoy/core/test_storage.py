"""The same promises for a folder and for a bucket."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from buoy.core.s3 import Bucket
from buoy.core.storage import Folder, Storage, storage


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"s3+http://key:secret@{host}:{port}/files?region=us-east-1"
    Bucket(url).client.create_bucket(Bucket="files")
    yield url
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    url = "folder:" if request.param == "folder" else request.getfixturevalue("s3_url")
    return storage(url, tmp_path)


def test_what_is_put_is_read(place: Storage) -> None:
    content = bytes(range(256)) * 10_000
    place.put("01/a-file", io.BytesIO(content))
    assert b"".join(place.read("01/a-file")) == content


def test_what_is_not_there_is_said(place: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        next(iter(place.read("01/nothing")))


def test_a_deleted_file_is_gone_and_may_be_deleted_again(place: Storage) -> None:
    place.put("02/gone", io.BytesIO(b"x"))
    place.delete("02/gone")
    place.delete("02/gone")
    with pytest.raises(FileNotFoundError):
        next(iter(place.read("02/gone")))


def test_a_write_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the line is dead")

    folder = Folder(tmp_path)
    with pytest.raises(OSError, match="dead"):
        folder.put("03/half", Breaks())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        Folder(tmp_path / "files").put("../secret-key", io.BytesIO(b"x"))
