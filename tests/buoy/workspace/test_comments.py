"""A conversation about a thing, among those who see it."""

from collections.abc import Callable
from typing import Any

import pytest

from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed, NotFound
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
        return [row.text for row in queries.comments_about(actor, subject=subject)]


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
