"""A real mail server on loopback, and the worker's turn."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Callable, Iterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from procrastinate.contrib.django import app

from tests.buoy.accounts.browsing import Mails


class Letterbox:
    """Keeps what is handed over."""

    def __init__(self) -> None:
        self.mails: Mails = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Server(Controller):
    """Listens on whichever port is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mails(settings: Any) -> Iterator[Mails]:
    """What has arrived at the mail server since the test began."""
    box = Letterbox()
    controller = Server(box, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    yield box.mails
    controller.stop()


@pytest.fixture
def work() -> Callable[[], None]:
    """Lets a worker do everything that waits in the queue of mails."""

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
            async with worker.open_async():
                await worker.run_worker_async(queues=["mail"], wait=False, install_signal_handlers=False)

    return lambda: asyncio.run(run())
