"""What each role may do, and what none may: the table of `policy`, held to what it is for."""

from collections.abc import Iterable

import pytest

from buoy.domains.accounts.policy import (
    DESK_ROLES,
    EVERYBODY,
    GRANTABLE,
    PARTNER_ROLES,
    ROLES,
    SECOND_FACTOR_ROLES,
    needs_second_factor,
    permissions_of,
    within_scopes,
)

READING = (".view", ".enter")


def holders(permission: str) -> set[str]:
    return {role for role, permissions in ROLES.items() if permission in permissions}


def test_who_only_looks_has_no_right_that_changes_anything() -> None:
    for role in ("executive", "auditor"):
        assert [each for each in ROLES[role] if not each.endswith(READING)] == []


def test_bank_accounts_and_margins_are_seen_by_those_whose_work_it_is() -> None:
    assert holders("bank.view") == {"finance", "auditor", "partner_administrator", "partner_finance"}
    assert holders("margins.view") == {
        "finance",
        "executive",
        "auditor",
        "partner_administrator",
        "partner_finance",
    }


def test_a_partner_never_has_a_right_of_the_desk() -> None:
    of_partners = frozenset().union(*PARTNER_ROLES.values())
    assert not of_partners & {"desk.enter", "partners.manage", "partners.look_as", "users.invite_partner"}
    assert not of_partners & {"settings.manage", "jobs.view", "jobs.manage"}
    assert "portal.enter" not in frozenset().union(*DESK_ROLES.values())


def test_a_delegate_has_nothing_but_the_door_until_something_is_granted() -> None:
    assert permissions_of(["delegate"]) == {"desk.enter"} | EVERYBODY
    assert permissions_of(["delegate"], ["partners.view", "comments.write"]) == {
        "desk.enter",
        "partners.view",
        "comments.write",
        *EVERYBODY,
    }


@pytest.mark.parametrize("never", ["users.manage", "settings.manage", "partners.look_as", "portal.enter", "no.such"])
def test_what_lets_somebody_grant_or_become_another_is_never_granted(never: str) -> None:
    assert never not in GRANTABLE
    assert never not in permissions_of(["delegate"], [never])


@pytest.mark.parametrize("roles", [["auditor"], ["partner_seller"], ["marketing", "executive"]])
def test_grants_are_worth_nothing_without_the_role_of_a_delegate(roles: Iterable[str]) -> None:
    assert permissions_of(roles, ["bank.view", "jobs.manage"]) == permissions_of(roles)


def test_two_roles_have_the_rights_of_both() -> None:
    assert permissions_of(["marketing", "finance"]) == permissions_of(["marketing"]) | permissions_of(["finance"])


def test_those_who_give_rights_or_pay_need_a_second_factor() -> None:
    assert holders("users.manage") <= SECOND_FACTOR_ROLES
    assert {"finance", "partner_finance"} <= SECOND_FACTOR_ROLES
    assert needs_second_factor(["marketing", "finance"])
    assert not needs_second_factor(["marketing", "partner_seller"])


def test_a_program_never_has_more_than_its_owner() -> None:
    for role in ROLES:
        mine = permissions_of([role])
        for scopes in (["read"], ["write"], ["users.manage", "bank.view"], ["read", "comments.write"]):
            assert within_scopes(mine, scopes) <= mine
        assert all(each.endswith(READING) for each in within_scopes(mine, ["read"]))
