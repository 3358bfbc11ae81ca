"""A conversation about a thing, among those who see it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.core.subjects import find_subject
from buoy.domains.workspace import actions, policy, queries
from buoy.domains.workspace.models import Comment, Notification
from tests.buoy.workspace.conftest import NOW
from tests.cast import JOB, Cast

Say = Callable[..., Any]


def heard(actor: Actor, cast: Cast) -> list[str]:
    with acting(actor):
        subject = find_subject(actor, subject_type="partner", subject_id=cast.alpha.id)
        return [row.text for row in queries.comments_about(actor, subject=subject, now=NOW)]


def test_the_partner_its_distributor_and_the_vendor_hear_each_other(cast: Cast, comment: Say) -> None:
    for who, text in ((cast.rita, "We won."), (cast.mei, "Well done."), (cast.dana, "Shipping.")):
        comment(who, text=text)
    for who in (cast.rita, cast.mei, cast.dana):
        assert heard(who, cast) == ["We won.", "Well done.", "Shipping."]


def test_a_rival_finds_nothing_to_talk_about(cast: Cast, comment: Say) -> None:
    with pytest.raises(NotFound):
        comment(cast.otto, text="What is this?")


def test_an_internal_comment_stays_with_the_vendor(cast: Cast, comment: Say) -> None:
    comment(cast.mei, text="They are late.", is_internal=True)
    assert heard(cast.finn, cast) == ["They are late."]
    assert heard(cast.rita, cast) == []


def test_the_database_hides_internal_comments_by_itself(cast: Cast, comment: Say) -> None:
    comment(cast.mei, text="They are late.", is_internal=True)
    with acting(cast.rita):
        assert Comment.objects.count() == 0


def test_a_partner_cannot_say_something_internal(cast: Cast, comment: Say) -> None:
    comment(cast.rita, text="Hidden?", is_internal=True)
    assert heard(cast.ramon, cast) == ["Hidden?"]


def test_only_the_author_changes_or_removes_a_comment(cast: Cast, comment: Say) -> None:
    said = comment(cast.rita, text="We won.")
    with pytest.raises(NotFound):
        actions.edit_comment(cast.ramon, comment_id=said, text="We lost.", now=NOW)
    actions.edit_comment(cast.rita, comment_id=said, text="We won it.", now=NOW)
    assert heard(cast.mei, cast) == ["We won it."]
    actions.remove_comment(cast.rita, comment_id=said, now=NOW)
    assert heard(cast.mei, cast) == [""]


def test_the_words_of_a_comment_can_be_changed_for_half_an_hour(cast: Cast, comment: Say) -> None:
    said = comment(cast.rita, text="We won.")
    late = NOW + policy.EDITABLE
    with pytest.raises(actions.TooLateToEdit):
        actions.edit_comment(cast.rita, comment_id=said, text="We lost.", now=late)
    actions.edit_comment(cast.rita, comment_id=said, text="We won it.", now=late - timedelta(seconds=1))
    assert heard(cast.mei, cast) == ["We won it."]


def test_the_audit_trail_keeps_the_words_before_and_after(cast: Cast, comment: Say) -> None:
    said = comment(cast.rita, text="We won.")
    actions.edit_comment(cast.rita, comment_id=said, text="We lost.", now=NOW)
    actions.remove_comment(cast.rita, comment_id=said, now=NOW)
    with acting(JOB):
        trail = AuditEvent.objects.filter(object_id=str(said)).order_by("number").values_list("action", "details")
        kept = [(action, details.get("before"), details.get("after")) for action, details in trail]
    assert kept[1:] == [
        ("comment.edited", {"text": "We won."}, {"text": "We lost."}),
        ("comment.removed", {"text": "We lost."}, None),
    ]


def test_the_page_shows_that_a_comment_was_edited_and_lets_only_its_author_edit(cast: Cast) -> None:
    address = f"/about/partner/{cast.alpha.id}/comments/"
    rita, mei = Client(), Client()
    rita.force_login(cast.users["rita"])
    mei.force_login(cast.users["mei"])
    rita.post(address, {"text": "We won."})
    with acting(JOB):
        said = Comment.objects.get().id
    page = rita.get(f"/p/partners/{cast.alpha.id}/").content.decode()
    assert f"{address}{said}/edit/" in page
    assert "edited" not in page
    rita.post(f"{address}{said}/edit/", {"text": "We won it."})
    page = mei.get(f"/desk/partners/{cast.alpha.id}/").content.decode()
    assert "We won it." in page
    assert "edited" in page
    assert f"{address}{said}/edit/" not in page


def test_an_executive_reads_and_does_not_write(cast: Cast, comment: Say) -> None:
    reader = Actor(
        face=cast.mei.face, user_id=cast.mei.user_id, permissions=frozenset({"comments.view", "partners.view"})
    )
    assert heard(reader, cast) == []
    with pytest.raises(NotAllowed):
        comment(reader, text="Hm.")


def test_who_is_mentioned_is_told(cast: Cast, comment: Say) -> None:
    comment(cast.mei, text="Thank you @Rita, and @Otto too.")
    with acting(JOB):
        told = list(Notification.objects.values_list("user_id", "kind", "params", "path"))
    path = f"/open/partner/{cast.alpha.id}"
    assert told == [(cast.rita.user_id, "mentioned", {"author": "Mei", "title": "Alpha"}, path)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello @Ana Maria!", {"2"}),
        ("Hello @Ana and @ana maria", {"1", "2"}),
        ("mail@ana.example", set()),
        ("@Anatol", set()),
        ("@Łukasz, proszę", {"3"}),
    ],
)
def test_the_longest_name_after_the_sign_is_meant(text: str, found: set[str]) -> None:
    assert policy.mentions(text, {"1": "Ana", "2": "Ana Maria", "3": "Łukasz"}) == found
