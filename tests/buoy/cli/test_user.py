"""Accounts from the command line: what the actions refuse is said, and what they do is in the audit trail."""

import getpass

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import authenticate
from django.test import RequestFactory
from typer.testing import CliRunner

from buoy.cli import app
from buoy.core.actor import job_actor
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from tests.buoy.accounts.browsing import give_second_factor
from tests.buoy.cli.conftest import Said
from tests.database import DATABASE

PASSWORD = "a quiet harbour at dusk"


@pytest.fixture(autouse=True)
def installation(committed: None, postgres_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own database, as the one of a real server."""
    monkeypatch.setenv("DATABASE_URL", f"postgresql://buoy_app@localhost/{DATABASE}?host={postgres_host}")


def user(*words: str, typed: str = "") -> Said:
    done = CliRunner().invoke(app, ["user", *words], input=typed, catch_exceptions=False)
    return Said(done.exit_code, done.stdout, done.stderr)


def create(email: str, *roles: str, password: str = PASSWORD) -> Said:
    asked = [word for role in roles for word in ("--role", role)]
    return user("create", email, "--name", email.partition("@")[0].title(), *asked, typed=f"{password}\n")


def listed() -> dict[str, tuple[list[str], bool]]:
    return {each["email"]: (each["roles"], each["is_active"]) for each in user("list", "--json").json}


def test_the_first_administrator_is_made_and_can_sign_in() -> None:
    said = create("Ana@Example.org", "administrator")
    assert said.code == 0
    assert said.out == "Ana <ana@example.org> can sign in as administrator.\n"
    assert listed() == {"ana@example.org": (["administrator"], True)}
    assert authenticate(RequestFactory().post("/"), email="ana@example.org", password=PASSWORD) is not None


def test_an_account_without_a_password_has_none_that_could_be_guessed() -> None:
    assert create("ana@example.org", "administrator", password="").code == 0
    assert authenticate(RequestFactory().post("/"), email="ana@example.org", password="") is None


@pytest.mark.parametrize(
    ("email", "roles", "password", "words"),
    [
        ("ana@example.org", ["auditor"], PASSWORD, "There is an account with the address ana@example.org already"),
        ("bo@example.org", ["boss"], PASSWORD, "Expected one or more of: administrator, channel_manager"),
        ("bo@example.org", ["partner_seller"], PASSWORD, "Found the roles partner_seller"),
        ("bo@example.org", ["auditor"], "short", "this password cannot be taken"),
        ("bo@example.org", ["auditor"], "password1", "this password cannot be taken"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(email: str, roles: list[str], password: str, words: str) -> None:
    create("ana@example.org", "administrator")
    said = create(email, *roles, password=password)
    assert said.code == 3
    assert words in said.err
    assert list(listed()) == ["ana@example.org"]


def test_roles_are_changed_and_accounts_disabled_and_enabled() -> None:
    create("ana@example.org", "administrator")
    create("bo@example.org", "auditor")
    assert user("role", "bo@example.org", "administrator", "finance").code == 0
    assert user("disable", "ANA@example.org").code == 0
    assert listed() == {
        "ana@example.org": (["administrator"], False),
        "bo@example.org": (["administrator", "finance"], True),
    }
    assert user("enable", "ana@example.org").code == 0
    assert listed()["ana@example.org"][1]


def test_a_lost_second_factor_and_a_wrong_link_are_taken_away_and_sessions_ended() -> None:
    create("ana@example.org", "administrator")
    ana = User.objects.get(email="ana@example.org")
    give_second_factor(ana)
    SocialAccount.objects.create(user=ana, provider="company", uid="of somebody")
    before = user("list", "--json").json[0]
    said = [user(what, "ana@example.org") for what in ("reset-second-factor", "unlink", "sign-out")]
    assert [each.code for each in said] == [0, 0, 0]
    after = user("list", "--json").json[0]
    assert (before["has_second_factor"], after["has_second_factor"]) == (True, False)
    assert not SocialAccount.objects.exists()
    assert User.objects.get(pk=ana.pk).session_epoch == 3
    again = user("reset-second-factor", "ana@example.org")
    assert (again.code, "There is nothing to remove" in again.err) == (3, True)


def test_the_last_administrator_stays() -> None:
    create("ana@example.org", "administrator")
    said = user("disable", "ana@example.org")
    assert said.code == 3
    assert "This is the last administrator" in said.err


def test_somebody_who_is_not_there_is_not_changed() -> None:
    said = user("disable", "nobody@example.org")
    assert said.code == 3
    assert "found nobody with the address nobody@example.org" in said.err


def test_the_audit_trail_names_the_account_of_the_machine() -> None:
    create("ana@example.org", "administrator")
    create("bo@example.org", "auditor")
    user("role", "bo@example.org", "finance")
    with acting(job_actor("tests")):
        names = {details["name"] for details in AuditEvent.objects.values_list("details", flat=True)}
    assert names == {f"command line: {getpass.getuser()}"}
