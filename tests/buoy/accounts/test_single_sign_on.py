"""People come in by the company's provider: a real one, in a process of its own, over real sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from buoy.config.sign_in import sign_in_settings
from buoy.core.configuration import read
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import code, give_second_factor, is_in, visitor
from tests.buoy.accounts.provider import CALLBACK, PASSWORD, SECRET, running
from tests.cast import JOB, make_cast

pytestmark = pytest.mark.usefixtures("committed")

BUTTON = "/account/oidc/company/login/"
RITA = {"email": "rita@alpha.example", "verified": True}
PEOPLE: dict[str, Any] = {
    "rita": RITA,
    "ada": {"email": "ada@vendor.example", "verified": True},
    "ramon": {"email": "Ramon@Alpha.example", "verified": True},
    "stranger": {"email": "stranger@elsewhere.example", "verified": True},
    "unsure": {**RITA, "verified": False},
    "says_no": {**RITA, "id_token": {"email": RITA["email"], "email_verified": "false"}},
    "silent": {**RITA, "id_token": {"email": RITA["email"]}},
    "successor": RITA,
    "other_issuer": {**RITA, "id_token": {"iss": "http://elsewhere.example"}},
    "other_program": {**RITA, "id_token": {"aud": "another"}},
    "several_programs": {**RITA, "id_token": {"aud": ["another", "buoy"], "azp": "another"}},
    "old": {**RITA, "id_token": {"exp": 1_700_000_000}},
    "endless": {**RITA, "id_token": {"exp": None}},
    "other_sign_in": {**RITA, "id_token": {"nonce": "of another"}},
    "no_sign_in": {**RITA, "id_token": {"nonce": None}},
    "brief": {**RITA, "id_token": {"email": None, "email_verified": None}},
    "somebody_else": {**RITA, "id_token": {"email": None}, "userinfo": {"sub": "ada", "email": "ada@vendor.example"}},
    "forged": {**RITA, "id_token": {"iss": "{address}/forged"}},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running(PEOPLE, site="http://testserver") as address:
        yield address


Use = Callable[..., None]


@pytest.fixture
def use(settings: Any) -> Use:
    """Configures the installation to use a provider."""

    def configure(issuer: str, **more: str) -> None:
        said = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "buoy", "OIDC_CLIENT_SECRET": SECRET, "CONFIG": "/dev/null"}
        made = sign_in_settings(read({f"BUOY_{key}": value for key, value in (said | more).items()}), https=False)
        settings.SOCIALACCOUNT_PROVIDERS = made["SOCIALACCOUNT_PROVIDERS"]

    return configure


@dataclass
class Way:
    """A way there and back, up to the last step: what the provider was asked, and where it sends the visitor to."""

    client: Client
    asked: dict[str, list[str]]
    back: str

    def arrive(self, client: Client | None = None) -> Any:
        return (client or self.client).get(self.back)


def go(name: str, client: Client | None = None, button: str = BUTTON) -> Way:
    """Press the button, and sign in at the provider by its own pages."""
    client = client or visitor()
    to = client.get(button)
    assert to.status_code == 302, to.content.decode()
    address, at_provider = to["Location"], requests.Session()
    here = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    for _ in range(8):
        answer = at_provider.get(address, allow_redirects=False)
        if answer.status_code == 200:
            given = {"login": name, "password": PASSWORD}
            answer = at_provider.post(f"{here}/account/login/?{urlsplit(address).query}", given, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        address = urljoin(here, answer.headers["Location"])
        if address.startswith("http://testserver/"):
            break
    return Way(client, parse_qs(urlsplit(to["Location"]).query), address.removeprefix("http://testserver"))


def come(name: str) -> tuple[Client, Any]:
    way = go(name)
    return way.client, way.arrive()


def test_the_button_is_there_when_a_provider_is_configured(provider: str, use: Use) -> None:
    assert BUTTON.encode() not in visitor().get("/account/login/").content
    use(provider, OIDC_NAME="Nimbus account")
    page = visitor().get("/account/login/").content.decode()
    assert BUTTON in page
    assert "Nimbus account" in page
    assert SECRET not in page


def test_somebody_with_an_account_comes_in_and_it_is_recorded(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    client, answer = come("rita")
    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/p/"
    with acting(JOB):
        events = AuditEvent.objects.filter(object_type="user").order_by("number")
        said = [(each.action, each.details.get("after")) for each in events]
    assert said == [
        ("user.single_sign_on_linked", {"by": "single sign-on"}),
        ("user.signed_in", {"by": "single sign-on"}),
    ]


def test_what_the_provider_says_is_not_kept(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    come("rita")
    (account,) = SocialAccount.objects.all()
    assert account.extra_data == {"iss": provider, "email": "rita@alpha.example"}
    assert not SocialToken.objects.exists()


def test_the_second_time_the_link_counts_and_not_the_address(provider: str, use: Use) -> None:
    cast = make_cast()
    use(provider)
    come("rita")
    User.objects.filter(pk=cast.users["rita"].pk).update(email="rita.m@alpha.example")
    client, _ = come("rita")
    assert client.get("/account/email/").context["request"].user.pk == cast.users["rita"].pk
    assert SocialAccount.objects.count() == 1


def test_the_address_may_be_written_in_any_case(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    assert is_in(come("ramon")[0])


def test_an_address_may_come_beside_the_token(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    assert is_in(come("brief")[0])


@pytest.mark.parametrize("name", ["stranger", "unsure", "says_no"])
def test_no_account_is_made_or_opened_for(provider: str, use: Use, name: str) -> None:
    make_cast()
    use(provider)
    people = User.objects.count()
    client, answer = come(name)
    assert (answer.status_code, "no account for you" in answer.content.decode()) == (200, True)
    assert not is_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)


def test_who_is_disabled_stays_out(provider: str, use: Use) -> None:
    cast = make_cast()
    use(provider)
    User.objects.filter(pk=cast.users["rita"].pk).update(is_active=False)
    client, answer = come("rita")
    assert answer["Location"] == "/account/inactive/"
    assert not is_in(client)


def test_an_account_is_not_opened_to_who_got_the_address_since(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    come("rita")
    client, answer = come("successor")
    assert "no account for you" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "name",
    [
        "other_issuer",
        "other_program",
        "several_programs",
        "old",
        "endless",
        "other_sign_in",
        "no_sign_in",
        "somebody_else",
    ],
)
def test_an_answer_that_cannot_be_trusted_lets_nobody_in(
    provider: str, use: Use, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_cast()
    use(provider)
    client, answer = come(name)
    assert (answer.status_code, not is_in(client), SocialAccount.objects.count()) == (401, True, 0)
    assert "single sign-on failed" in caplog.text
    assert SECRET not in caplog.text


def test_a_key_of_somebody_else_signs_nothing(provider: str, use: Use, caplog: pytest.LogCaptureFixture) -> None:
    make_cast()
    use(f"{provider}/forged")
    client, answer = come("forged")
    assert answer.status_code == 401
    assert "Signature verification failed" in caplog.text
    assert not is_in(client)


@pytest.mark.parametrize("elsewhere", ["moved", "not/there"])
def test_only_the_configured_issuer_is_read(provider: str, use: Use, elsewhere: str) -> None:
    use(f"{provider}/{elsewhere}")
    assert visitor().get(BUTTON).status_code == 401


def test_a_description_of_another_issuer_is_refused(provider: str, use: Use) -> None:
    use(provider.replace("127.0.0.1", "localhost"))
    assert visitor().get(BUTTON).status_code == 401


def test_a_provider_that_does_not_answer_is_told_on_a_page(use: Use) -> None:
    use("http://127.0.0.1:9")
    answer = visitor().get(BUTTON)
    assert answer.status_code == 401
    assert "cannot be used" in answer.content.decode()


def test_the_way_back_belongs_to_the_browser_that_began_and_is_gone_once(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    way, thief = go("rita"), visitor()
    assert way.arrive(thief).status_code == 401
    assert not is_in(thief)
    assert way.arrive().status_code == 302
    way.client.post("/account/logout/")
    assert way.arrive().status_code == 401
    assert not is_in(way.client)


def test_the_state_of_another_sign_in_does_not_fit(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    way = go("rita")
    state = re.search(r"state=(\w+)", way.back)
    assert state
    way.back = way.back.replace(state[1], "x" * len(state[1]))
    assert way.arrive().status_code == 401
    assert not is_in(way.client)


def test_a_code_is_worth_nothing_without_what_the_sign_in_began_with(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    way = go("rita")
    assert way.asked["code_challenge_method"] == ["S256"]
    stolen = parse_qs(urlsplit(way.back).query)["code"][0]
    given = {
        "grant_type": "authorization_code",
        "code": stolen,
        "client_id": "buoy",
        "client_secret": SECRET,
        "redirect_uri": f"http://testserver{CALLBACK}",
        "code_verifier": "a guess of the right length, which has forty-three letters",
    }
    answer = requests.post(f"{provider}/identity/o/api/token", given, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_address_in_the_browser_decides_nothing_but_the_page_afterwards(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    way = go("rita", button=f"{BUTTON}?scope=admin&auth_params=prompt%3Dnone&process=connect&next=/p/team/")
    assert set(way.asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in way.asked
    assert way.arrive()["Location"] == "/p/team/"


def test_it_never_leads_to_another_site(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    assert go("rita", button=f"{BUTTON}?next=https://evil.example/").arrive()["Location"] == "/"


def test_a_second_factor_that_somebody_has_here_is_asked_for(provider: str, use: Use) -> None:
    cast = make_cast()
    use(provider)
    give_second_factor(cast.users["rita"])
    client, answer = come("rita")
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": code()})
    assert is_in(client)


def test_a_second_factor_that_a_role_demands_is_left_to_the_provider(provider: str, use: Use) -> None:
    make_cast()
    use(provider)
    client, _ = come("ada")
    assert client.get("/desk/").status_code == 200


def test_a_provider_that_says_nothing_of_addresses_is_trusted_only_when_it_is_said(provider: str, use: Use) -> None:
    make_cast()
    use(provider, OIDC_ADDRESSES_ARE_VERIFIED="true")
    assert not is_in(come("says_no")[0])
    assert is_in(come("rita")[0])


def test_without_a_provider_there_is_no_door() -> None:
    assert visitor().get(BUTTON).status_code == 404
    assert visitor().get(CALLBACK).status_code == 404
