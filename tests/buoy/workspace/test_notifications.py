"""People are told in the way that they chose, once, in their language, through a real mail server."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from buoy.core import clock
from buoy.core.errors import NotFound
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.vendor.actions import change_look
from buoy.domains.workspace import actions, jobs, policy, queries
from buoy.domains.workspace.events import TaskAssigned
from buoy.domains.workspace.models import Notification
from buoy.domains.workspace.policy import Channel
from buoy.ui.brand import Brand
from tests.buoy.workspace.conftest import NOW
from tests.cast import JOB, Cast


class Postman:
    """Keeps the letters that a real SMTP dialogue brings; refuses while it is away."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.is_away = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.is_away:
            return "451 come back later"
        import email
        import email.policy

        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def postman(settings: Any) -> Iterator[Postman]:
    keeper = Postman()
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    controller = Controller(keeper, hostname=host, port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = host, port
    yield keeper
    controller.stop()


def tell(cast: Cast, who: Any, kind: str = "mentioned") -> list[Any]:
    params = {"author": "Mei", "title": "Alpha & Sons"}
    return actions.tell(JOB, user_ids=[who.user_id], kind=kind, params=params, path="/open/partner/1", now=NOW)


def test_a_letter_comes_in_the_readers_language(cast: Cast, postman: Postman) -> None:
    User.objects.filter(id=cast.rita.person).update(language="ar")
    (told,) = tell(cast, cast.rita)
    jobs.send_mail(notification_id=str(told))
    (letter,) = postman.letters
    assert letter["To"] == "rita@alpha.example"
    html = letter.get_body(("html",))
    assert html is not None
    assert '<html lang="ar" dir="rtl">' in html.get_content()
    assert "Alpha &amp; Sons" in html.get_content()
    text = letter.get_body(("plain",))
    assert text is not None
    assert "Alpha & Sons" in text.get_content()
    assert "http://127.0.0.1:8000/open/partner/1" in text.get_content()


def test_a_letter_wears_the_colours_and_the_name_of_the_vendor(cast: Cast, postman: Postman) -> None:
    change_look(cast.ada, name="Nimbus & Co", brand=Brand(accent="#0f766e"))
    (told,) = tell(cast, cast.rita)
    jobs.send_mail(notification_id=str(told))
    html = postman.letters[0].get_body(("html",))
    assert html is not None
    assert 'bgcolor="#0f766e"' in html.get_content()
    assert "Nimbus &amp; Co" in html.get_content()


def test_a_letter_is_sent_once_however_often_the_job_runs(cast: Cast, postman: Postman) -> None:
    (told,) = tell(cast, cast.rita)
    for _again in range(3):
        jobs.send_mail(notification_id=str(told))
    assert len(postman.letters) == 1


def test_a_letter_that_could_not_be_sent_is_sent_later(cast: Cast, postman: Postman) -> None:
    (told,) = tell(cast, cast.rita)
    postman.is_away = True
    with pytest.raises(OSError, match="come back later"):
        jobs.send_mail(notification_id=str(told))
    postman.is_away = False
    with acting(JOB):
        assert queries.mails_forgotten(JOB, before=clock.now(), now=clock.now()) == [told]
    jobs.send_mail(notification_id=str(told))
    assert len(postman.letters) == 1


def test_a_letter_whose_process_ended_while_it_was_sent_is_sent_again(cast: Cast, postman: Postman) -> None:
    (told,) = tell(cast, cast.rita)
    assert actions.claim_mail(JOB, notification_id=told, now=clock.now())
    jobs.send_mail(notification_id=str(told))
    assert postman.letters == [], "it may be under way"
    long_ago = clock.now() - timedelta(seconds=policy.MAIL_LOST_AFTER_SECONDS + 1)
    with acting(JOB):
        Notification.objects.filter(id=told).update(claimed_at=long_ago)
    jobs.send_mail(notification_id=str(told))
    (letter,) = postman.letters
    assert letter["Message-ID"] == f"<{told}@127.0.0.1>"


def test_an_event_that_is_told_twice_tells_nobody_twice(cast: Cast) -> None:
    assert cast.rita.user_id
    event = TaskAssigned(uuid4(), cast.rita.user_id, "Mei", "Call them", "/")
    jobs.tell_the_assignee(event)
    jobs.tell_the_assignee(event)
    with acting(cast.rita):
        assert queries.unread_count(cast.rita) == 1


def test_each_chooses_how_to_be_told(cast: Cast) -> None:
    actions.choose_channels(cast.rita, channels={"mentioned": Channel.NOTHING, "task_assigned": Channel.APPLICATION})
    actions.choose_channels(cast.ramon, channels={"mentioned": Channel.APPLICATION})
    assert [tell(cast, who) for who in (cast.rita, cast.ramon)] == [[], []]
    assert len(tell(cast, cast.otto)) == 1
    with acting(cast.rita):
        assert queries.notifications(cast.rita) == []
        assert queries.preferences(cast.rita)["mentioned"] is Channel.NOTHING
    with acting(cast.ramon):
        assert [row.kind for row in queries.notifications(cast.ramon)] == ["mentioned"]


def test_nobody_sees_the_notifications_of_another(cast: Cast) -> None:
    tell(cast, cast.rita)
    with acting(cast.ramon):
        assert Notification.objects.count() == 0
    with acting(cast.mei):
        assert Notification.objects.count() == 0


def test_what_was_read_is_not_counted(cast: Cast) -> None:
    tell(cast, cast.rita)
    tell(cast, cast.rita)
    with acting(cast.rita):
        first = queries.notifications(cast.rita)[0]
        assert queries.unread_count(cast.rita) == 2
    actions.mark_read(cast.rita, notification_ids=[first.id], now=NOW)
    with acting(cast.rita):
        assert queries.unread_count(cast.rita) == 1
    actions.mark_read(cast.rita, now=NOW)
    with acting(cast.rita):
        assert queries.unread_count(cast.rita) == 0


def test_a_digest_gathers_what_waits(cast: Cast, postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    for _one in range(2):
        tell(cast, cast.rita, kind="task_due")
    morning = datetime(2026, 6, 2, 8, 5, tzinfo=UTC)
    for moment in (morning - timedelta(hours=1), morning, morning + timedelta(hours=1)):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        jobs.send_digests(timestamp=0)
    (letter,) = postman.letters
    assert letter["Subject"] == "2 notifications for you"


@pytest.mark.parametrize(
    ("hour", "last_sent", "due"),
    [
        (7, None, False),
        (8, None, True),
        (23, None, True),
        (9, datetime(2026, 6, 1, 9, tzinfo=UTC), True),
        (9, datetime(2026, 6, 2, 8, tzinfo=UTC), False),
    ],
)
def test_a_digest_is_due_once_a_day_from_eight(hour: int, last_sent: datetime | None, due: bool) -> None:
    assert policy.digest_is_due(local_now=datetime(2026, 6, 2, hour, tzinfo=UTC), last_sent=last_sent) is due


def test_opening_a_notification_marks_it_read_and_leads_to_its_thing(cast: Cast) -> None:
    tell(cast, cast.rita)
    with acting(JOB):
        told = Notification.objects.get().id
    client = Client()
    client.force_login(cast.users["rita"])
    assert client.get(f"/notifications/{told}/open/").status_code == 405
    answer = client.post(f"/notifications/{told}/open/")
    assert answer["Location"] == "/open/partner/1"
    with acting(cast.rita):
        assert queries.unread_count(cast.rita) == 0


def test_nobody_opens_what_somebody_else_was_told(cast: Cast) -> None:
    tell(cast, cast.rita)
    with acting(JOB):
        told = Notification.objects.get().id
    with pytest.raises(NotFound):
        actions.open_notification(cast.ramon, notification_id=told, now=NOW)
    with acting(cast.rita):
        assert queries.unread_count(cast.rita) == 1
