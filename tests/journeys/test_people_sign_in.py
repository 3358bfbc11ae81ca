"""People come in: by password, with a second factor, by passkey, and for the first time by an invitation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from buoy.config.sign_in import sign_in_settings
from buoy.core import clock
from buoy.core.configuration import read
from buoy.domains.accounts.actions import invitations
from buoy.domains.accounts.models import User
from tests.buoy.accounts import provider, saml_provider
from tests.buoy.accounts.browsing import SECRET, Mails, give_second_factor, link_in
from tests.cast import PASSWORD, make_cast
from tests.journeys.conftest import Reader
from tests.journeys.people import code_of, enter, in_a_thread

pytestmark = pytest.mark.usefixtures("committed", "loop_beside_the_database")
Barriers = Callable[[Page], list[str]]
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


@pytest.fixture
def at_home(browser: Browser, site: str) -> Iterator[Reader]:
    """A reader who calls the server by name: passkeys belong to names, not to numbers."""
    reader = Reader(browser=browser, site=site.replace("127.0.0.1", "localhost"))
    yield reader
    for page in reader.pages:
        page.context.close()
    assert reader.complaints == []


@LANGUAGES
def test_somebody_signs_in_by_password_and_out_again(reader: Reader, barriers: Barriers, language: str) -> None:
    cast = make_cast()
    User.objects.filter(pk=cast.users["rita"].pk).update(language=language)
    page = reader.open("/p/", language=language)
    assert barriers(page) == []
    enter(page, "rita@alpha.example", PASSWORD)
    page.wait_for_url("**/p/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert barriers(page) == []
    page.locator("[popovertarget=person-menu]").click()
    page.locator("#person-menu form button").click()
    page.wait_for_url("**/account/login/**")


def test_a_wrong_password_is_told_in_the_page(reader: Reader, barriers: Barriers) -> None:
    make_cast()
    page = reader.open("/account/login/")
    enter(page, "rita@alpha.example", "wrong")
    expect(page.get_by_role("alert").first).to_be_visible()
    assert barriers(page) == []


@LANGUAGES
def test_the_second_step_takes_the_code_of_the_app(reader: Reader, barriers: Barriers, language: str) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    page = reader.open("/account/login/", language=language)
    enter(page, "ramon@alpha.example", PASSWORD)
    page.wait_for_url("**/2fa/authenticate/")
    assert barriers(page) == []
    page.locator("input[name=code]").fill(code_of(SECRET))
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/p/")


@LANGUAGES
def test_a_role_that_demands_it_sets_up_an_app_and_goes_on(reader: Reader, barriers: Barriers, language: str) -> None:
    cast = make_cast()
    User.objects.filter(pk=cast.users["ada"].pk).update(language=language)
    page = reader.open("/desk/", language=language)
    enter(page, "ada@vendor.example", PASSWORD)
    page.wait_for_url("**/account/2fa/")
    assert barriers(page) == []
    page.locator("a[href='/account/2fa/totp/activate/']").click()
    page.wait_for_url("**/reauthenticate/**")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/totp/activate/")
    assert barriers(page) == []
    secret = page.locator("code bdi").inner_text()
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/recovery-codes/")
    assert page.locator("ul.code li").count() == 10
    assert barriers(page) == []
    page.goto(reader.site + "/desk/")
    page.wait_for_url("**/desk/")
    assert barriers(page) == []


def test_a_passkey_is_added_and_signs_in(at_home: Reader, barriers: Barriers) -> None:
    make_cast()
    page = at_home.open("/account/login/")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    enter(page, "rita@alpha.example", PASSWORD)
    page.wait_for_url("**/p/")
    page.goto(at_home.site + "/account/2fa/webauthn/add/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/webauthn/add/")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/recovery-codes/")
    page.context.clear_cookies()
    page.goto(at_home.site + "/account/login/")
    assert barriers(page) == []
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/p/")


@LANGUAGES
def test_an_invitation_leads_from_the_letter_to_the_first_page(
    reader: Reader, barriers: Barriers, mails: Mails, work: Callable[[], None], language: str
) -> None:
    cast = make_cast()
    invitations.invite_user(
        cast.ramon, email="new@alpha.example", name="Nina New", roles=["partner_seller"], partner_id=cast.alpha.id,
        language=language, now=clock.now(),
    )  # fmt: skip
    in_a_thread(work)
    page = reader.open(link_in(mails[-1].get_content(), "/join/"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert barriers(page) == []
    page.locator("input[name=password]").fill("four lanterns near harbour")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/p/")
    expect(page.locator("h1")).to_contain_text("Nina")


def test_an_administrator_invites_a_colleague_and_changes_a_role(
    reader: Reader, barriers: Barriers, mails: Mails, work: Callable[[], None]
) -> None:
    cast = make_cast()
    give_second_factor(cast.users["ramon"])
    page = reader.open("/p/team/")
    enter(page, "ramon@alpha.example", PASSWORD)
    page.locator("input[name=code]").fill(code_of(SECRET))
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url("**/p/team/")
    assert barriers(page) == []
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("new@alpha.example")
    page.get_by_label("Name", exact=True).fill("Nina New")
    page.get_by_label("Seller").check()
    assert barriers(page) == []
    page.get_by_role("button", name="Send the invitation").click()
    page.wait_for_url("**/p/team/")
    expect(page.get_by_text("new@alpha.example")).to_be_visible()
    in_a_thread(work)
    assert mails[-1]["To"] == "new@alpha.example"
    page.get_by_role("link", name="Rita").click()
    page.get_by_label("Partner marketing").check()
    assert barriers(page) == []
    page.get_by_role("button", name="Save the roles").click()
    expect(page.get_by_text(re.compile("roles have been changed"))).to_be_visible()


def test_staff_look_as_a_partner_sees_and_stop(reader: Reader, barriers: Barriers) -> None:
    cast = make_cast()
    page = reader.open(f"/desk/users/{cast.users['rita'].pk}/")
    enter(page, "mei@vendor.example", PASSWORD)
    page.get_by_role("button", name="See what they see").click()
    page.wait_for_url("**/p/")
    assert barriers(page) == []
    page.get_by_role("button", name="Stop viewing").click()
    page.wait_for_url("**/desk/users/**")


def test_signing_in_works_without_scripts(reader: Reader) -> None:
    make_cast()
    page = reader.open("/account/login/", scripts=False)
    assert not page.locator("form[data-passkey]").is_visible()
    enter(page, "rita@alpha.example", PASSWORD)
    page.wait_for_url("**/p/")


@LANGUAGES
def test_somebody_comes_in_by_the_companys_sign_on(
    reader: Reader, barriers: Barriers, settings: Any, language: str
) -> None:
    make_cast()
    person = {"email": "rita@alpha.example", "verified": True}
    with provider.running({"rita": person}, site=reader.site) as address:
        said = {"BUOY_OIDC_ISSUER": address, "BUOY_OIDC_CLIENT_ID": "buoy", "BUOY_OIDC_CLIENT_SECRET": provider.SECRET}
        made = sign_in_settings(read(said | {"BUOY_CONFIG": "/dev/null"}), https=False)
        settings.SOCIALACCOUNT_PROVIDERS = made["SOCIALACCOUNT_PROVIDERS"]
        reader.visits.append(address)
        reader.expected.append("favicon")
        page = reader.open("/account/login/", language=language)
        assert barriers(page) == []
        page.get_by_role("link", name="Single sign-on").click()
        page.wait_for_url(f"{address}/account/login/**")
        page.locator("input[name=login]").fill("rita")
        page.locator("input[name=password]").fill(provider.PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url("**/p/")
        assert barriers(page) == []


def test_somebody_comes_in_by_saml_from_another_site(
    reader: Reader, barriers: Barriers, settings: Any, tmp_path: Path
) -> None:
    make_cast()
    with saml_provider.running({"rita": {"email": "rita@alpha.example"}}) as address:
        found = tmp_path / "provider.xml"
        found.write_text(requests.get(f"{address}/metadata", timeout=10).text)
        said = {"BUOY_SAML_METADATA": str(found), "BUOY_SAML_DOMAINS": "alpha.example", "BUOY_URL": reader.site}
        settings.CONFIGURATION = read(said | {"BUOY_CONFIG": "/dev/null", "BUOY_DATA": str(tmp_path)})
        reader.visits.append(address)
        page = reader.open("/account/login/")
        assert barriers(page) == []
        page.get_by_role("link", name="Single sign-on").click()
        page.wait_for_url(f"{address}/in**")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/p/")
        assert barriers(page) == []
