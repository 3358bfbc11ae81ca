"""Whoever may change somebody's rights takes a lost second factor or a wrong link away; they are told, and it is recorded."""

from collections.abc import Callable
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from buoy.core import clock
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.actions import people
from buoy.domains.accounts.actions.people import NothingToReset, OwnAccount
from tests.buoy.accounts.browsing import Mails, code, give_second_factor, is_in, sign_in, try_password, visitor
from tests.buoy.accounts.passkeys import give_passkey
from tests.cast import JOB, Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")


def ident(cast: Cast, name: str) -> UUID:
    return UUID(str(cast.users[name].pk))


def test_a_lost_second_factor_is_taken_away_and_its_owner_told(mails: Mails, work: Callable[[], None]) -> None:
    cast = make_cast()
    give_second_factor(cast.users["rita"])
    give_passkey(cast.users["rita"])
    old = sign_in(cast.users["rita"])
    people.reset_second_factor(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())
    assert not is_in(old)
    assert not Authenticator.objects.filter(user=cast.users["rita"]).exists()
    fresh = visitor()
    assert try_password(fresh, "rita@alpha.example")["Location"] == "/"
    work()
    assert (mails[-1]["To"], mails[-1]["Subject"]) == ("rita@alpha.example", "Your second factor has been removed")
    assert "Ramon" in mails[-1].get_content()
    with acting(JOB):
        event = AuditEvent.objects.get(action="user.second_factor_reset")
    assert (event.user_id, event.object_id) == (cast.ramon.user_id, str(ident(cast, "rita")))


def test_a_role_that_demands_one_sets_up_another(mails: Mails) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    people.reset_second_factor(cast.ada, user_id=ident(cast, "ramon"), now=clock.now())
    client = sign_in(cast.users["ramon"])
    assert client.get("/p/")["Location"] == "/account/2fa/"


def test_who_may_help_whom(mails: Mails) -> None:
    cast = make_cast()
    for name in ("rita", "ramon", "finn"):
        give_second_factor(cast.users[name])
    for actor, whom, error in (
        (cast.rita, "ramon", NotAllowed),
        (cast.otto, "rita", NotFound),
        (cast.dana, "rita", NotFound),
        (cast.finn, "rita", NotAllowed),
        (cast.mei, "finn", NotAllowed),
        (cast.ramon, "ramon", OwnAccount),
        (cast.ada, "olga", NothingToReset),
    ):
        with pytest.raises(error):
            people.reset_second_factor(actor, user_id=ident(cast, whom), now=clock.now())
    assert Authenticator.objects.count() == 3
    people.reset_second_factor(cast.mei, user_id=ident(cast, "rita"), now=clock.now())


def test_the_database_itself_keeps_a_distributor_from_the_second_factors_below_it() -> None:
    cast = make_cast()
    give_second_factor(cast.users["rita"])
    with acting(cast.dana):
        assert not Authenticator.objects.values("id").exists()
        assert people._delete_of("mfa_authenticator", cast.users["rita"]) == 0


def test_an_account_is_parted_from_whom_it_was_linked_to() -> None:
    cast = make_cast()
    SocialAccount.objects.create(user=cast.users["rita"], provider="company", uid="of somebody")
    client = sign_in(cast.users["rita"])
    people.unlink_single_sign_on(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())
    assert (is_in(client), SocialAccount.objects.exists()) == (False, False)
    with pytest.raises(NothingToReset):
        people.unlink_single_sign_on(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())


def test_the_page_of_a_person_offers_what_there_is_to_take_away(mails: Mails) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    ramon = sign_in(cast.users["ramon"])
    page = f"/p/team/{ident(cast, 'rita')}/"
    assert "second-factor/" not in ramon.get(page).content.decode()
    give_second_factor(cast.users["rita"])
    SocialAccount.objects.create(user=cast.users["rita"], provider="company", uid="of somebody")
    shown = ramon.get(page).content.decode()
    assert f"{page}second-factor/" in shown
    assert f"{page}unlink/" in shown
    for what in ("second-factor", "unlink"):
        assert ramon.post(f"{page}{what}/").status_code == 302
    assert not Authenticator.objects.filter(user=cast.users["rita"]).exists()
    assert "There is nothing to remove" in ramon.post(f"{page}unlink/", follow=True).content.decode()


def test_a_code_of_the_second_factor_that_was_taken_away_is_worth_nothing(mails: Mails) -> None:
    cast = make_cast()
    give_second_factor(cast.users["rita"])
    client = visitor()
    try_password(client, "rita@alpha.example")
    people.reset_second_factor(cast.ramon, user_id=ident(cast, "rita"), now=clock.now())
    client.post("/account/2fa/authenticate/", {"code": code()})
    assert not is_in(client)
