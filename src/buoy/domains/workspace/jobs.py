"""The workspace's work in the background: tell people, send mail, run long work, pick up what was left behind.

Handlers of events stand here too: each enqueues or does one thing.
"""

from __future__ import annotations

import logging
import zoneinfo
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from buoy.core import clock, configuration
from buoy.core.actor import job_actor
from buoy.core.jobs import job, nudge
from buoy.core.scope import acting
from buoy.core.work import Order, Stopped, do
from buoy.domains.accounts import queries as accounts
from buoy.domains.vendor import queries as vendor
from buoy.domains.workspace import actions, policy, queries
from buoy.domains.workspace.events import PeopleMentioned, TaskAssigned, WorkEnded, WorkRequested
from buoy.domains.workspace.models import Notification

log = logging.getLogger(__name__)
ME = job_actor("workspace")
CONFIGURATION = configuration.read()

# --- Handlers --------------------------------------------------------------------------------------------------


def tell_the_mentioned(event: PeopleMentioned) -> None:
    about = {"author": event.author, "title": event.title}
    _tell(list(event.user_ids), "mentioned", about, event.path, key=f"comment/{event.comment_id}")


def tell_the_assignee(event: TaskAssigned) -> None:
    about = {"author": event.author, "title": event.title}
    _tell([event.assignee_id], "task_assigned", about, event.path, key=f"task/{event.task_id}")


def tell_the_requester(event: WorkEnded) -> None:
    if event.requested_by_id is not None:
        kind = "work_failed" if event.has_failed else "work_done"
        key = f"work/{event.work_id}/{event.ended_at.isoformat()}"
        _tell([event.requested_by_id], kind, {"work": event.kind}, f"/work/{event.work_id}", key=key)


def begin(event: WorkRequested) -> None:
    nudge(run_work, work_id=str(event.work_id))


def _tell(user_ids: list[UUID], kind: str, params: dict[str, str], path: str, *, key: str) -> None:
    told = actions.tell(ME, user_ids=user_ids, kind=kind, params=params, path=path, now=clock.now(), key=key)
    for notification_id in told:
        nudge(send_mail, notification_id=str(notification_id))


# --- Mail ------------------------------------------------------------------------------------------------------


@job(queue="mail")
def send_mail(notification_id: str) -> None:
    """Send one notification by e-mail."""
    notification = actions.claim_mail(ME, notification_id=UUID(notification_id), now=clock.now())
    if notification is not None:
        _mail(notification.user_id, [notification])


@job(queue="mail", cron="*/15 * * * *")
def send_digests(timestamp: int) -> None:
    """Send each reader's digest in their morning."""
    now = clock.now()
    with acting(ME):
        waiting = queries.digests_waiting(ME)
    for user_id, zone, last_sent in waiting:
        local_now = now.astimezone(zoneinfo.ZoneInfo(zone))
        if policy.digest_is_due(local_now=local_now, last_sent=last_sent):
            found = actions.claim_digest(ME, user_id=user_id, now=now)
            if found:
                _mail(user_id, found)


@job(queue="mail", cron="* * * * *")
def send_forgotten_mails(timestamp: int) -> None:
    """Nudge mails whose job was lost."""
    with acting(ME):
        now = clock.now()
        forgotten = queries.mails_forgotten(ME, before=now - timedelta(minutes=2), now=now)
    for notification_id in forgotten:
        nudge(send_mail, notification_id=str(notification_id))


@job(queue="mail", cron="*/15 * * * *")
def remind_of_tasks(timestamp: int) -> None:
    """Remind people of what is due, on the morning of that day where they are."""
    now = clock.now()
    with acting(ME):
        # Somewhere it is tomorrow already.
        waiting = queries.reminders_waiting(ME, latest=now.date() + timedelta(days=1))
    for task_id, due_date, zone in waiting:
        if policy.reminder_is_due(local_now=now.astimezone(zoneinfo.ZoneInfo(zone)), due_date=due_date):
            for notification_id in actions.remind(ME, task_id=task_id, now=now):
                nudge(send_mail, notification_id=str(notification_id))


def _mail(user_id: UUID, notifications: list[Notification]) -> None:
    """One letter, in the reader's language and time zone.

    It is noted as sent when it has been: should the process end between the two, it is sent again, under the same
    Message-ID, by which mail servers and readers know the second.
    """
    with acting(ME):
        reader = accounts.reader(ME, user_id=user_id)
    with translation.override(reader.language), timezone.override(zoneinfo.ZoneInfo(reader.time_zone)):
        about = {
            "reader": reader,
            "notifications": notifications,
            "address": CONFIGURATION.address,
            "look": vendor.look(),
        }
        subject = " ".join(render_to_string("workspace/mail/subject.txt", about).split())
        letter = EmailMultiAlternatives(
            subject,
            render_to_string("workspace/mail/letter.txt", about),
            to=[reader.email],
            headers={"Message-ID": f"<{notifications[0].id}@{urlsplit(CONFIGURATION.address).hostname}>"},
        )
        letter.attach_alternative(render_to_string("workspace/mail/letter.html", about), "text/html")
    try:
        letter.send()
    except OSError:
        # The mail server does not answer: the sweep tries again.
        actions.give_mail_back(ME, notifications=notifications)
        raise
    actions.note_mailed(ME, notifications=notifications, now=clock.now())


# --- Long work -------------------------------------------------------------------------------------------------


@job(queue="work")
def run_work(work_id: str) -> None:
    """Do one piece of long work, if nobody else does."""
    now = clock.now()
    lost_before = now - timedelta(seconds=policy.LOST_AFTER_SECONDS)
    work = actions.claim_work(ME, work_id=UUID(work_id), lost_before=lost_before, now=now)
    if work is None:
        return

    order = Order(work.id, work.kind, work.params, work.partner_id, work.requested_by_id)

    def progress(done: int, total: int | None) -> None:
        if not actions.move_work(ME, work=work, done=done, total=total, now=clock.now()):
            raise Stopped

    try:
        result_path = do(order, progress)
    except Stopped:
        return
    except Exception as error:
        log.exception("work %s (%s) failed", work.id, work.kind)
        actions.end_work(ME, work=work, error=str(error) or type(error).__name__, now=clock.now())
        return
    actions.end_work(ME, work=work, result_path=result_path, now=clock.now())


@job(queue="work", cron="* * * * *")
def pick_up_work(timestamp: int) -> None:
    """Nudge work that waits without a job, or whose worker died; give up what has failed too often."""
    now = clock.now()
    actions.give_up_work(ME, lost_before=now - timedelta(seconds=policy.LOST_AFTER_SECONDS), now=now)
    with acting(ME):
        left = queries.work_left_behind(ME, before=now - timedelta(seconds=policy.LOST_AFTER_SECONDS))
    for work_id in left:
        nudge(run_work, work_id=str(work_id))
