"""Somebody is invited, gets a letter, opens its link once, and is in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from buoy.core import clock
from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions import invitations
from buoy.domains.accounts.actions.invitations import AlreadyInvited, InvitationOver
from buoy.domains.accounts.actions.people import AddressTaken, RolesDoNotFit
from buoy.domains.accounts.models import Invitation, User
from tests.buoy.accounts.browsing import Mails, is_in, link_in, visitor
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")

NEW_PASSWORD = "four lanterns near harbour"


def invite(actor: Actor, cast: Cast, *, to: str = "new@alpha.example", at: datetime | None = None, **more: Any) -> UUID:
    asked = {"name": "Nina New", "roles": ["partner_seller"], "partner_id": cast.alpha.id, "language": "en"}
    return invitations.invite_user(actor, email=to, now=at or clock.now(), **{**asked, **more})


def link_of(mails: Mails) -> str:
    return link_in(mails[-1].get_content(), "/join/")


def join(link: str, **more: str) -> tuple[Any, Any]:
    form = {"name": "Nina New", "language": "pl", "time_zone": "Europe/Warsaw", "password": NEW_PASSWORD}
    client = visitor()
    return client, client.post(link, {**form, **more})


def test_the_letter_leads_to_an_account_that_is_signed_in(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invite(cast.ramon, cast)
    work()
    assert mails[-1]["To"] == "new@alpha.example"
    assert "Alpha" in str(mails[-1]["Subject"])
    client, answer = join(link_of(mails))
    assert answer.status_code == 302
    assert is_in(client)
    user = User.objects.get(email="new@alpha.example")
    assert (user.partner_id, user.roles, user.language) == (cast.alpha.id, ["partner_seller"], "pl")
    assert user.time_zone == "Europe/Warsaw"


def test_a_link_works_once(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invite(cast.ramon, cast)
    work()
    join(link_of(mails))
    _, answer = join(link_of(mails))
    assert answer.status_code == 404
    assert User.objects.filter(email="new@alpha.example").count() == 1


def test_sending_again_ends_the_older_link(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invitation_id = invite(cast.ramon, cast)
    work()
    first = link_of(mails)
    invitations.resend_invitation(cast.ramon, invitation_id=invitation_id, now=clock.now())
    work()
    assert len(mails) == 2
    assert visitor().get(first).status_code == 404
    assert visitor().get(link_of(mails)).status_code == 200


def test_a_revoked_invitation_is_over(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invitation_id = invite(cast.ramon, cast)
    work()
    invitations.revoke_invitation(cast.ramon, invitation_id=invitation_id, now=clock.now())
    assert visitor().get(link_of(mails)).status_code == 404
    with pytest.raises(InvitationOver):
        invitations.resend_invitation(cast.ramon, invitation_id=invitation_id, now=clock.now())


def test_an_invitation_ends_after_a_week_and_can_be_made_again(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    with acting(cast.ramon):
        row = Invitation(
            partner_id=cast.alpha.id, email="new@alpha.example", name="Nina New", roles=["partner_seller"], language="en",
            created_at=datetime(2026, 1, 1, tzinfo=UTC), expires_at=clock.now() - timedelta(seconds=1),
        )  # fmt: skip
        row.save()
    assert visitor().get(f"/join/{invitations.token_of(row)}/").status_code == 404
    invite(cast.ramon, cast)
    work()
    assert visitor().get(link_of(mails)).status_code == 200


def test_a_link_that_was_changed_is_no_link() -> None:
    assert visitor().get("/join/WyIxIiwxXQ:1w:forged/").status_code == 404


def test_an_address_is_asked_once_by_an_organisation(mails: Mails) -> None:
    cast = make_cast()
    invite(cast.ramon, cast)
    with pytest.raises(AlreadyInvited):
        invite(cast.ramon, cast, to="New@Alpha.example")
    invite(cast.otto, cast, partner_id=cast.beta.id)


def test_a_partner_does_not_learn_who_works_elsewhere(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    with pytest.raises(AddressTaken):
        invite(cast.ramon, cast, to="rita@alpha.example")
    invite(cast.ramon, cast, to="otto@beta.example")
    work()
    _, answer = join(link_of(mails))
    assert answer.status_code == 409


def test_who_may_invite_whom() -> None:
    cast = make_cast()
    for who, partner, roles, error in (
        (cast.rita, cast.alpha.id, ["partner_seller"], NotAllowed),
        (cast.ramon, cast.beta.id, ["partner_seller"], NotAllowed),
        (cast.ramon, None, ["administrator"], NotAllowed),
        (cast.dana, cast.alpha.id, ["partner_seller"], NotAllowed),
        (cast.mei, None, ["finance"], NotAllowed),
        (cast.finn, cast.alpha.id, ["partner_seller"], NotAllowed),
        (cast.ramon, cast.alpha.id, ["administrator"], RolesDoNotFit),
        (cast.ada, None, ["partner_seller"], RolesDoNotFit),
        (cast.ada, None, [], RolesDoNotFit),
    ):
        with pytest.raises(error):
            invite(who, cast, partner_id=partner, roles=roles)
    invite(cast.mei, cast, to="one@alpha.example")
    invite(cast.ada, cast, to="two@vendor.example", partner_id=None, roles=["finance"])
    invite(cast.ramon, cast, to="three@alpha.example")


def test_a_rival_cannot_touch_an_invitation() -> None:
    cast = make_cast()
    invitation_id = invite(cast.ramon, cast)
    for act in (invitations.resend_invitation, invitations.revoke_invitation):
        with pytest.raises(NotFound):
            act(cast.otto, invitation_id=invitation_id, now=clock.now())
    with acting(cast.otto):
        assert queries.invitations(cast.otto, partner_id=cast.alpha.id, now=clock.now()) == []


def test_a_weak_password_is_refused_and_the_link_stays_good(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invite(cast.ramon, cast)
    work()
    for weak in ("short", "password123", "qwertyuiop123", "new@alpha.example", "nina new", "12345678"):
        _, answer = join(link_of(mails), password=weak)
        assert answer.status_code == 422, weak
    assert join(link_of(mails))[1].status_code == 302


def test_a_letter_that_could_not_leave_is_found_again(mails: Mails, work: Callable[[], None], settings: Any) -> None:
    cast = make_cast()
    right = settings.EMAIL_PORT
    settings.EMAIL_PORT = 9
    invite(cast.ramon, cast)
    work()
    with acting(cast.job):
        later = clock.now() + timedelta(minutes=2)
        [invitation_id] = queries.unsent_invitations(cast.job, now=later)
    settings.EMAIL_PORT = right
    invitations.send_invitation(cast.job, invitation_id=invitation_id, now=clock.now())
    invitations.send_invitation(cast.job, invitation_id=invitation_id, now=clock.now())
    assert len(mails) == 1


def test_the_audit_trail_tells_who_invited_whom(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    invite(cast.ramon, cast)
    work()
    join(link_of(mails))
    with acting(cast.ada):
        made = AuditEvent.objects.filter(object_type="invitation").order_by("number").values_list("action", "user_id")
        assert list(made) == [("invitation.made", cast.ramon.user_id), ("invitation.accepted", None)]
