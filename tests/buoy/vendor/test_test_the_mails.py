"""A test mail shows that mails leave, or says in words why they do not."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from buoy.core.mail import mail_settings
from buoy.core.scope import acting
from buoy.domains.vendor import queries
from tests.buoy.workspace.test_notifications import Postman
from tests.cast import Cast


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


@pytest.fixture
def postman(settings: Any, port: int) -> Iterator[Postman]:
    postman = Postman()
    server = Controller(postman, hostname="127.0.0.1", port=port)
    server.start()
    yield postman
    server.stop()


def use_server(settings: Any, port: int) -> None:
    url = f"smtp://127.0.0.1:{port}"
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"email_url": url})
    for name, value in mail_settings(url).items():
        setattr(settings, name, value)


def ask(client: Client) -> str:
    return client.post("/desk/settings/mail-test/", follow=True).content.decode()


def is_tested(cast: Cast) -> bool:
    with acting(cast.ada):
        return queries.set_up(cast.ada).mail_tested_at is not None


def test_a_mail_that_leaves_is_told_and_remembered(
    cast: Cast, ada: Client, settings: Any, postman: Postman, port: int
) -> None:
    use_server(settings, port)
    assert "A mail is on its way to ada@vendor.example." in ask(ada)
    assert [letter["To"] for letter in postman.letters] == ["ada@vendor.example"]
    assert is_tested(cast)


def test_a_server_that_refuses_is_quoted(cast: Cast, ada: Client, settings: Any, postman: Postman, port: int) -> None:
    use_server(settings, port)
    postman.is_away = True
    said = ask(ada)
    assert f"could not be sent by 127.0.0.1:{port}" in said
    assert "come back later" in said
    assert not is_tested(cast)


def test_a_server_that_is_not_there_is_told(cast: Cast, ada: Client, settings: Any, port: int) -> None:
    use_server(settings, port)
    assert "Connection refused" in ask(ada)
    assert not is_tested(cast)


def test_a_printed_mail_does_not_count(cast: Cast, ada: Client) -> None:
    assert "reached nobody" in ask(ada)
    assert not is_tested(cast)
