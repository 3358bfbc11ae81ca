"""Every table is behind row-level security, or is known to hold nothing of a partner."""

from typing import Any

import pytest
from django.db import connection

OPEN_TABLES = {
    "django_content_type": "names of our own tables",
    "django_migrations": "names of our own migrations",
    "procrastinate_jobs": "ids only, and only the login has rights",
    "procrastinate_events": "ids only, and only the login has rights",
    "procrastinate_periodic_defers": "ids only, and only the login has rights",
    "procrastinate_workers": "ids only, and only the login has rights",
    "django_session": "read by the login alone, before there is an actor",
    "core_ratelimit": "counts of requests by token and address, read by the login alone",
    "core_cache": "counts of the login's rate limits, under hashed names",
    "sales_stagedrow": "rows of files on their way in, copied in bulk; only jobs have rights",
    "auth_group": "unused table of Django",
    "auth_group_permissions": "unused table of Django",
    "auth_permission": "unused table of Django",
}
"""Tables without policies, each with the reason."""


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.mark.django_db
def test_every_table_has_policies_or_a_reason_for_having_none() -> None:
    bare = rows(
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        " and not (relrowsecurity and relforcerowsecurity)"
    )
    assert {name for (name,) in bare} == set(OPEN_TABLES)


@pytest.mark.django_db
def test_no_scope_has_rights_on_a_table_without_policies() -> None:
    granted = rows(
        "select table_name from information_schema.role_table_grants"
        " where grantee in ('buoy_desk', 'buoy_partner', 'buoy_anonymous')"
    )
    assert not {name for (name,) in granted} & set(OPEN_TABLES)


@pytest.mark.django_db
def test_the_login_becomes_a_scope_and_inherits_nothing() -> None:
    memberships = rows(
        "select roleid::regrole::text, inherit_option, set_option from pg_auth_members"
        " where member = 'buoy_app'::regrole"
    )
    assert {(role, inherit, can_set) for role, inherit, can_set in memberships} == {
        (role, False, True) for role in ("buoy_desk", "buoy_partner", "buoy_job", "buoy_anonymous")
    }
