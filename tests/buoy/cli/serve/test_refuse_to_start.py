"""What is in the way of a start is named, with what to do."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.buoy.cli.serve.conftest import Served, free_port

Refused = Callable[..., tuple[int, str]]


def test_a_port_in_use_is_named_before_anything_starts(refused: Refused, place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(place / "port-in-use", BUOY_PORT=str(port))
    assert code == 3
    assert f"port {port} of 127.0.0.1 is in use by another program" in said
    assert not (place / "port-in-use" / "postgres").exists()


def test_a_folder_in_use_is_named_with_the_process(served: Served, refused: Refused) -> None:
    assert served.process
    code, said = refused(served.data)
    assert code == 3
    assert f"Buoy runs already with the data in {served.data}, as process {served.process.pid}" in said


def test_a_bad_setting_is_named(refused: Refused) -> None:
    code, said = refused(BUOY_WEB_WORKERS="many")
    assert code == 3
    assert "BUOY_WEB_WORKERS: found 'many'" in said


def test_a_database_that_does_not_answer_is_named_without_its_password(refused: Refused) -> None:
    port = free_port()
    code, said = refused(DATABASE_URL=f"postgresql://buoy_app:secret@127.0.0.1:{port}/buoy")
    assert code == 3
    assert f"cannot reach the database at 127.0.0.1:{port}, database buoy as buoy_app" in said
    assert "secret" not in said


def test_programs_that_are_not_there_are_named(refused: Refused, place: Path) -> None:
    code, said = refused(BUOY_PG_BIN=str(place / "nowhere"))
    assert code == 3
    assert f"{place / 'nowhere'} has no postgres and no initdb" in said
    assert "Traceback" not in said


@pytest.fixture
def old_server() -> Iterator[int]:
    """The port of a server that says it is PostgreSQL 15, in PostgreSQL's own protocol, and knows nothing else."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    welcome = message(b"R", bytes(4)) + message(b"S", b"server_version\x0015.4\x00") + message(b"Z", b"I")

    def answer(listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                while (asked := client.recv(1024))[4:8] == bytes([4, 210, 22, 47]):  # May we speak in secret?
                    client.sendall(b"N")
                if asked:
                    client.sendall(welcome)
                    client.recv(1024)

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=answer, args=[listening])
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_a_database_server_that_is_too_old_is_named(refused: Refused, old_server: int) -> None:
    code, said = refused(DATABASE_URL=f"postgresql://buoy_app:secret@127.0.0.1:{old_server}/buoy")
    assert code == 3
    assert "is PostgreSQL 15; Buoy needs 16 or newer" in said
