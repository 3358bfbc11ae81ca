"""People come in by the company's SAML provider: a process of its own, over real sockets, that signs with other code."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from buoy.core.configuration import BadConfiguration, read
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import give_second_factor, is_in, visitor
from tests.buoy.accounts.saml_provider import running
from tests.cast import JOB, make_cast

pytestmark = pytest.mark.usefixtures("committed")

BUTTON = "/account/saml/login/"
RITA = {"email": "rita@alpha.example"}
ADA = "ada@vendor.example"
PEOPLE: dict[str, Any] = {
    "rita": RITA,
    "named_by_address": {**RITA, "format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
    "stranger": {"email": "stranger@alpha.example"},
    "not_theirs": {"email": "otto@beta.example"},
    "other_program": {**RITA, "audience": "https://another.example/metadata"},
    "other_place": {**RITA, "recipient": "https://another.example/answer"},
    "other_issuer": {**RITA, "issuer": "https://another.example"},
    "old": {**RITA, "expired": True},
    "unsigned": {**RITA, "sign": False},
    "other_key": {**RITA, "sign": "otherwise"},
    "changed": {**RITA, "then": ADA},
    "wrapped": {**RITA, "wrap": ADA},
    "other_request": {**RITA, "to": "_of_another_browser"},
    "unasked": {**RITA, "asked": ""},
    "fleeting": {**RITA, "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running(PEOPLE) as address:
        yield address


Use = Callable[..., None]


@pytest.fixture
def use(provider: str, settings: Any, tmp_path: Path) -> Use:
    """Configures the installation to use the provider, by the metadata that it gives away."""

    def configure(**more: str) -> None:
        path = tmp_path / "provider.xml"
        path.write_text(requests.get(f"{provider}/metadata", timeout=10).text)
        said = {"SAML_METADATA": str(path), "SAML_DOMAINS": "alpha.example, vendor.example", "URL": "http://testserver"}
        given = {f"BUOY_{key}": value for key, value in (said | more).items()}
        settings.CONFIGURATION = read(given | {"BUOY_CONFIG": "/dev/null", "BUOY_DATA": str(tmp_path)})

    return configure


def word_of(name: str, client: Client, button: str = BUTTON) -> tuple[str, str]:
    """Press the button, and let the provider say its word: where it is to be posted, and what."""
    to = client.get(button)
    assert to.status_code == 302, to.content.decode()
    page = requests.get(f"{to['Location']}&as={name}", timeout=10).text
    found = re.search(r'action="([^"]+)".* value="([^"]+)"', page)
    assert found, page
    return urlsplit(found[1]).path, found[2]


def post(where: str, word: str) -> Client:
    """A browser posts across sites: the cookie of our session stays at home."""
    stripped = visitor()
    stripped.answer = stripped.post(where, {"SAMLResponse": word})  # type: ignore[attr-defined]
    return stripped


def arrive(client: Client, where: str, word: str) -> Any:
    """The browser posts the word, and goes where it is sent, now with its session."""
    said = post(where, word)
    if said.answer.status_code != 302:  # type: ignore[attr-defined]
        return said.answer  # type: ignore[attr-defined]
    client.cookies["saml"] = said.cookies["saml"].value
    return client.get(said.answer["Location"])  # type: ignore[attr-defined]


def come(name: str) -> tuple[Client, Any]:
    client = visitor()
    return client, arrive(client, *word_of(name, client))


def test_the_button_is_there_when_a_provider_is_configured(use: Use) -> None:
    assert BUTTON not in visitor().get("/account/login/").content.decode()
    use(SAML_NAME="Nimbus directory")
    page = visitor().get("/account/login/").content.decode()
    assert BUTTON in page
    assert "Nimbus directory" in page


def test_somebody_with_an_account_comes_in_and_it_is_recorded(provider: str, use: Use) -> None:
    make_cast()
    use()
    client, answer = come("rita")
    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/p/"
    assert [each.extra_data for each in SocialAccount.objects.all()] == [{"iss": provider, "email": RITA["email"]}]
    with acting(JOB):
        events = AuditEvent.objects.filter(object_type="user").order_by("number")
        said = [(each.action, each.details.get("after")) for each in events]
    assert said == [
        ("user.single_sign_on_linked", {"by": "single sign-on"}),
        ("user.signed_in", {"by": "single sign-on"}),
    ]
    assert client.get("/account/3rdparty/").status_code == 200
    client.post("/account/logout/")
    assert is_in(come("rita")[0])


def test_a_name_that_is_an_address_is_one(use: Use) -> None:
    make_cast()
    use()
    assert is_in(come("named_by_address")[0])


@pytest.mark.parametrize("name", ["stranger", "not_theirs"])
def test_no_account_is_made_or_opened_for(use: Use, name: str) -> None:
    make_cast()
    use()
    people = User.objects.count()
    client, answer = come(name)
    assert "no account for you" in answer.content.decode()
    assert (is_in(client), User.objects.count(), SocialAccount.objects.count()) == (False, people, 0)


def test_who_is_disabled_stays_out(use: Use) -> None:
    cast = make_cast()
    use()
    User.objects.filter(pk=cast.users["rita"].pk).update(is_active=False)
    client, answer = come("rita")
    assert (answer["Location"], is_in(client)) == ("/account/inactive/", False)


@pytest.mark.parametrize(
    "name",
    [
        "other_program",
        "other_place",
        "other_issuer",
        "old",
        "unsigned",
        "other_key",
        "changed",
        "wrapped",
        "other_request",
        "unasked",
        "fleeting",
    ],
)
def test_a_word_that_cannot_be_trusted_lets_nobody_in(use: Use, name: str, caplog: pytest.LogCaptureFixture) -> None:
    make_cast()
    use()
    client, answer = come(name)
    assert (answer.status_code, is_in(client), SocialAccount.objects.count()) == (401, False, 0)
    assert "single sign-on failed" in caplog.text


@pytest.mark.parametrize("word", ["", "no base64!", "PG5vdD4=", "eA==", "A" * 300_000])
def test_what_is_no_word_is_told_on_a_page(use: Use, word: str) -> None:
    use()
    assert visitor().post("/account/saml/answer/", {"SAMLResponse": word}).status_code == 401


def test_entities_are_not_read(use: Use, tmp_path: Path) -> None:
    use()
    (tmp_path / "secret").write_text("of the machine")
    text = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><x>&e;</x>'
    answer = visitor().post("/account/saml/answer/", {"SAMLResponse": base64.b64encode(text.encode()).decode()})
    assert (answer.status_code, b"of the machine" in answer.content) == (401, False)


def test_the_word_belongs_to_the_browser_that_asked_and_counts_once(use: Use) -> None:
    make_cast()
    use()
    client, thief = visitor(), visitor()
    where, word = word_of("rita", client)
    assert arrive(thief, where, word).status_code == 401
    assert not is_in(thief)
    assert arrive(client, where, word).status_code == 302
    client.post("/account/logout/")
    assert arrive(client, where, word).status_code == 401
    assert not is_in(client)


def test_what_is_brought_to_the_last_step_must_be_signed_by_us(use: Use) -> None:
    make_cast()
    use()
    client = visitor()
    where, word = word_of("rita", client)
    client.cookies["saml"] = post(where, word).cookies["saml"].value.replace("rita", "ada")
    assert client.get("/account/saml/finish/").status_code == 401
    assert not is_in(client)


def test_it_leads_to_the_page_asked_for_and_never_to_another_site(use: Use) -> None:
    make_cast()
    use()
    for asked, led in (("/p/team/", "/p/team/"), ("https://evil.example/", "/")):
        client = visitor()
        assert arrive(client, *word_of("rita", client, f"{BUTTON}?next={asked}"))["Location"] == led


def test_a_second_factor_that_somebody_has_here_is_asked_for(use: Use) -> None:
    cast = make_cast()
    use()
    give_second_factor(cast.users["rita"])
    client, answer = come("rita")
    assert (answer["Location"], is_in(client)) == ("/account/2fa/authenticate/", False)


def test_the_installation_describes_itself_to_the_provider(use: Use) -> None:
    use()
    answer = visitor().get("/account/saml/metadata/")
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert 'Location="http://testserver/account/saml/answer/"' in answer.content.decode()
    assert 'WantAssertionsSigned="true"' in answer.content.decode()


@pytest.mark.parametrize(
    "text", ["no metadata", "<x/>", "<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata'/>"]
)
def test_a_file_that_is_no_metadata_is_told_on_a_page(use: Use, settings: Any, text: str) -> None:
    use()
    settings.CONFIGURATION.saml_metadata.write_text(text)
    for page in ("login", "metadata"):
        assert visitor().get(f"/account/saml/{page}/").status_code == 401


def test_without_a_provider_there_is_no_door() -> None:
    for page in ("login", "finish", "metadata"):
        assert visitor().get(f"/account/saml/{page}/").status_code == 404
    assert visitor().post("/account/saml/answer/").status_code == 404


def test_settings_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    found = tmp_path / "provider.xml"
    found.write_text("<x/>")
    for given, said in (
        ({"BUOY_SAML_METADATA": str(tmp_path / "none.xml"), "BUOY_SAML_DOMAINS": "a.example"}, "path of a file"),
        ({"BUOY_SAML_METADATA": str(found)}, "to be set together"),
        ({"BUOY_SAML_DOMAINS": "a.example"}, "to be set together"),
    ):
        with pytest.raises(BadConfiguration, match=said):
            read(given | {"BUOY_DATA": str(tmp_path)})


def test_without_the_extra_the_start_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tmp_path / "provider.xml"
    found.write_text("<x/>")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadConfiguration, match=r"pip install 'buoy\[saml\]'"):
        read({"BUOY_SAML_METADATA": str(found), "BUOY_SAML_DOMAINS": "a.example", "BUOY_DATA": str(tmp_path)})
