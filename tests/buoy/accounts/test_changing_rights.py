"""Rights are given by those who may, hold from the next request, are told, and are written down."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from buoy.core import clock
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.actions import people
from buoy.domains.accounts.actions.people import GrantsDoNotFit, LastAdministrator, OwnAccount, RolesDoNotFit
from buoy.domains.accounts.models import User
from buoy.domains.partners import queries
from tests.buoy.accounts.browsing import Mails, is_in, sign_in, try_password, visitor
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")


def ident(cast: Cast, name: str) -> UUID:
    return UUID(str(cast.users[name].pk))


def test_new_roles_hold_at_the_next_request_and_the_person_is_told(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    rita = sign_in(cast.users["rita"])
    people.change_roles(cast.ramon, user_id=ident(cast, "rita"), roles=["partner_marketing"], now=clock.now())
    assert not is_in(rita)
    work()
    assert mails[-1]["To"] == "rita@alpha.example"
    assert "Ramon" in mails[-1].get_content()
    assert "Partner marketing" in mails[-1].get_content()


def test_the_audit_trail_has_the_roles_before_and_after() -> None:
    cast = make_cast()
    people.change_roles(cast.ramon, user_id=ident(cast, "rita"), roles=["partner_marketing"], now=clock.now())
    with acting(cast.ada):
        event = AuditEvent.objects.get(action="user.roles_changed")
    assert (event.user_id, event.partner_id) == (cast.ramon.user_id, cast.alpha.id)
    assert event.details["before"]["roles"] == ["partner_seller"]
    assert event.details["after"]["roles"] == ["partner_marketing"]


def test_who_may_change_whose_roles() -> None:
    cast = make_cast()

    def change(actor: Any, whom: str, *roles: str) -> None:
        people.change_roles(actor, user_id=ident(cast, whom), roles=roles, now=clock.now())

    for actor, whom, role, error in (
        (cast.rita, "ramon", "partner_seller", NotAllowed),
        (cast.otto, "rita", "partner_seller", NotFound),
        (cast.dana, "rita", "partner_seller", NotFound),
        (cast.ramon, "mei", "partner_seller", NotFound),
        (cast.mei, "finn", "administrator", NotAllowed),
        (cast.ramon, "ramon", "partner_seller", OwnAccount),
        (cast.ramon, "rita", "administrator", RolesDoNotFit),
        (cast.ada, "finn", "partner_seller", RolesDoNotFit),
        (cast.nora, "rita", "partner_seller", Exception),
    ):
        with pytest.raises(error):
            change(actor, whom, role)
    change(cast.ada, "rita", "partner_finance")
    change(cast.mei, "rita", "partner_seller", "partner_finance")


def test_the_last_administrator_stays_one() -> None:
    cast = make_cast()
    people.change_roles(cast.ada, user_id=ident(cast, "finn"), roles=["administrator"], now=clock.now())
    finn = cast.users["finn"]
    finn.refresh_from_db()
    actor = queries.actor_of(finn, on=clock.now().date())
    people.change_roles(actor, user_id=ident(cast, "ada"), roles=["finance"], now=clock.now())
    with pytest.raises(OwnAccount):
        people.disable_user(actor, user_id=ident(cast, "finn"), now=clock.now())
    with pytest.raises(LastAdministrator):
        people.disable_user(cast.ada, user_id=ident(cast, "finn"), now=clock.now())


def test_a_delegate_has_what_is_granted_and_nothing_that_grants() -> None:
    cast = make_cast()
    people.change_roles(cast.ada, user_id=ident(cast, "finn"), roles=["delegate"], now=clock.now())
    people.grant_to_delegate(cast.ada, user_id=ident(cast, "finn"), grants=["partners.view"], now=clock.now())
    assert User.objects.get(pk=ident(cast, "finn")).grants == ["partners.view"]
    for grants in (["users.manage"], ["settings.manage"], ["no.such"]):
        with pytest.raises(GrantsDoNotFit):
            people.grant_to_delegate(cast.ada, user_id=ident(cast, "finn"), grants=grants, now=clock.now())
    with pytest.raises(GrantsDoNotFit):
        people.grant_to_delegate(cast.ada, user_id=ident(cast, "mei"), grants=["partners.view"], now=clock.now())


def test_a_disabled_user_is_out_at_once_and_comes_back_when_enabled() -> None:
    cast = make_cast()
    rita = sign_in(cast.users["rita"])
    people.disable_user(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())
    assert not is_in(rita)
    assert try_password(visitor(), "rita@alpha.example")["Location"] == "/account/inactive/"
    people.enable_user(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())
    assert is_in(sign_in(cast.users["rita"]))


def test_who_looks_as_a_partner_changes_nothing() -> None:
    cast = make_cast()
    assert cast.mei.user_id
    looking = cast.ramon.seen_by_staff(cast.mei.user_id)
    with pytest.raises(NotAllowed):
        people.change_roles(looking, user_id=ident(cast, "rita"), roles=["partner_finance"], now=clock.now())
