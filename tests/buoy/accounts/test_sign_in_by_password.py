"""E-mail address and password let somebody in, and land them on their side."""

import pytest

from tests.buoy.accounts.browsing import give_second_factor, is_in, sign_in, try_password, visitor
from tests.cast import make_cast

pytestmark = pytest.mark.usefixtures("committed")


def test_a_partners_user_lands_in_the_portal_and_staff_at_the_desk() -> None:
    cast = make_cast()
    assert sign_in(cast.users["rita"]).get("/")["Location"] == "/p/"
    assert sign_in(cast.users["mei"]).get("/")["Location"] == "/desk/"


def test_the_address_may_be_written_in_any_case() -> None:
    make_cast()
    client = visitor()
    assert try_password(client, "RITA@Alpha.Example").status_code == 302
    assert is_in(client)


def test_a_wrong_password_lets_nobody_in() -> None:
    make_cast()
    client = visitor()
    assert try_password(client, "rita@alpha.example", "wrong").status_code == 200
    assert not is_in(client)


def test_the_other_side_is_not_there() -> None:
    cast = make_cast()
    assert sign_in(cast.users["rita"]).get("/desk/").status_code == 404
    assert sign_in(cast.users["mei"]).get("/p/").status_code == 404


def test_a_visitor_is_asked_to_sign_in_and_comes_back_to_the_page() -> None:
    make_cast()
    client = visitor()
    asked = client.get("/p/")
    assert asked["Location"] == "/account/login/?next=/p/"
    assert try_password(client, "rita@alpha.example", next="/p/")["Location"] == "/p/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_signing_in_never_leads_to_another_site(elsewhere: str) -> None:
    make_cast()
    assert try_password(visitor(), "rita@alpha.example", next=elsewhere)["Location"] == "/"


def test_a_second_factor_is_asked_for_where_there_is_one() -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    client = visitor()
    assert try_password(client, "ramon@alpha.example")["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    assert is_in(sign_in(cast.users["ramon"]))
