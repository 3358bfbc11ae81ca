"""Canaries: a word that names the partner, in every text of every row of that partner.

    canary-alpha-1f3a9c02-name

They are put in behind the application's back, column by column, as the catalogue of the database lists them. A new table
or column is therefore in from the day it is made, unless it is listed here with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

CANARY = re.compile(r"canary-(alpha|beta|delta)")

OF_OWNER = "(select partner_id from accounts_user u where u.id = t.owner_id)"
OF_USER = "(select partner_id from accounts_user u where u.id = t.user_id)"
OWNERS = {
    "partners_partner": "t.id",
    "accounts_apitoken": OF_USER,
    "account_emailaddress": OF_USER,
    "mfa_authenticator": OF_USER,
    "usersessions_usersession": OF_USER,
    "socialaccount_socialaccount": OF_USER,
    "allauth_idp_oidc_client": OF_OWNER,
    "workspace_notification": OF_USER,
    "workspace_notificationpreference": OF_USER,
    "workspace_savedview": OF_USER,
    "sales_stagedrow": "(select partner_id from sales_importbatch b where b.id = t.batch_id)",
    "workspace_putaway": OF_USER,
}
"""Whose a row is, for tables without a column `partner_id`."""

NOBODYS = {
    "catalog_family": "the vendor's tree of products, open to everybody who is signed in",
    "catalog_product": "the vendor's products",
    "catalog_gtin": "numbers of the vendor's products",
    "catalog_bundlepart": "what the vendor's bundles hold",
    "catalog_pricelist": "the vendor's prices",
    "catalog_saleschannel": "the vendor's ways to the market",
    "catalog_channelsku": "numbers of the vendor's products in its channels",
    "core_cache": "counts by hashed names, read by the login alone",
    "account_emailconfirmation": "unused: addresses are confirmed by a code in the session",
    "socialaccount_socialapp": "unused: providers stand in the configuration",
    "socialaccount_socialtoken": "unused: a provider's tokens are not kept",
    "allauth_idp_oidc_token": "hashes, read by the login alone",
    "sales_exchangerate": "published rates, and those that the vendor's people enter",
    "core_pendingevent": "events on their way to their handlers, which only jobs read",
    "core_ratelimit": "counts by token and address",
    "django_content_type": "names of our own tables",
    "vendor_vendor": "the vendor's name and look, which everybody sees",
    "django_migrations": "names of our own migrations",
    "django_session": "signed, read by the login alone",
    "auth_group": "unused",
    "auth_permission": "unused",
    "procrastinate_jobs": "ids, read by the login alone",
    "procrastinate_periodic_defers": "names of our own jobs",
    "procrastinate_events": "read by the login alone",
}
"""Tables with texts that are no partner's, each with the reason."""

SALES_WORDS = {"currency", "channel", "tier_from", "tier_to", "kind", "event"}
CODED = {
    "accounts_user": {"password", "roles", "grants", "language", "time_zone", "theme"},
    "accounts_apitoken": {"prefix", "scopes"},
    "accounts_apiclient": {"client_id"},
    "accounts_invitation": {"roles", "language"},
    "mfa_authenticator": {"type"},
    "usersessions_usersession": {"session_key"},
    "socialaccount_socialaccount": {"provider"},
    "allauth_idp_oidc_client": {"id", "secret", "type", "grant_types", "response_types", "scopes", "default_scopes"},
    "partners_partner": {"country", "language"},
    "catalog_privatelabel": set(),
    "catalog_engagementrule": {"verdict", "sold_by", "countries"},
    "core_auditevent": {"action", "face", "object_type", "object_id"},
    "core_idempotentcall": set(),
    "workspace_comment": {"subject_type"},
    "workspace_task": {"subject_type"},
    "workspace_storedfile": {"subject_type", "content_type", "sha256", "key"},
    "workspace_notification": {"kind", "channel", "path"},
    "workspace_notificationpreference": {"kind", "channel"},
    "workspace_savedview": set(),
    "workspace_putaway": {"name"},
    "workspace_work": {"kind", "state"},
    "sales_source": set(),
    "sales_importbatch": {"state", "stopped_in", "sha256", "key"},
    "sales_flawedrow": set(),
    "sales_stagedrow": SALES_WORDS,
    "sales_line": SALES_WORDS | {"partner_why", "novelty"},
    "sales_linerevision": set(),
    "sales_endcustomer": set(),
    "sales_partnermatch": {"why"},
    "sales_productmatch": {"why"},
    "sales_monthtotal": SALES_WORDS,
}
"""Columns that hold words of ours, ids and hashes: nothing of a partner's can stand there."""

INSIDE = {
    "sales_importbatch.layout": "jsonb_set(layout, '{columns}', jsonb_build_array(%s))",
    "sales_importbatch.questions": "jsonb_build_array(jsonb_build_object('about', 'decimal', 'examples', jsonb_build_array(%s)))",
    "sales_importbatch.sample": "jsonb_build_array(jsonb_build_array(1, %s))",
    "sales_importbatch.error": "jsonb_build_object('code', 'no-such-sheet', 'params', jsonb_build_object('sheet', %s))",
    "sales_flawedrow.flaws": "jsonb_build_array(jsonb_build_object('code', 'number-shape', 'field', 'amount', 'found', %s))",
    "sales_linerevision.was": "jsonb_set(was, '{document_no}', to_jsonb(%s))",
    "mfa_authenticator.data": "jsonb_set(data, '{name}', to_jsonb(%s))",
    "core_auditevent.details": "jsonb_set(details, '{after}', jsonb_build_object('note', %s))",
}
"""How a canary gets into a JSON value whose shape matters; others become an object with nothing else in it."""

_COLUMNS = """
select c.relname, a.attname, t.typname, a.atttypmod - 4
from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
and t.typname in ('text', 'varchar', 'json', 'jsonb', '_text', '_varchar')
order by 1, a.attnum
"""


@dataclass(frozen=True)
class Column:
    """A column that can hold words. `length` is negative for one without a limit."""

    table: str
    name: str
    type: str
    length: int


def columns(superuser: psycopg.Connection[Any]) -> list[Column]:
    """Every column with words, other than those that hold words of ours."""
    found = [Column(*row) for row in superuser.execute(_COLUMNS).fetchall()]
    return [each for each in found if each.table not in NOBODYS and each.name not in CODED.get(each.table, ())]


def plant(superuser: psycopg.Connection[Any], partners: dict[str, UUID]) -> dict[str, set[str]]:
    """Put canaries into all rows of the partners; for each table, the partners that have rows there."""
    superuser.execute("set session_replication_role = replica")  # The audit trail's triggers would refuse.
    planted: dict[str, set[str]] = {}
    for column in columns(superuser):
        for name, partner_id in partners.items():
            changed = superuser.execute(*_planting(column, name, partner_id)).rowcount
            planted.setdefault(column.table, set()).update({name} if changed else ())
    return planted


def _planting(column: Column, partner: str, partner_id: UUID) -> tuple[str, list[Any]]:
    canary = f"canary-{partner}-' || substr(md5(t.ctid::text), 1, 8) || '-{column.name}"
    text = f"'{canary}'" if column.length < 0 else f"left('{canary}', {column.length})"
    if column.type in ("json", "jsonb"):
        inside = INSIDE.get(f"{column.table}.{column.name}", "jsonb_build_object('note', %s)")
        text = inside.replace("%s", text)
    elif column.type.startswith("_"):
        text = f"array[{text}]"
    owner = OWNERS.get(column.table, "t.partner_id")
    return f"update {column.table} t set {column.name} = {text} where {owner} = %s", [partner_id]


def found_in(text: str) -> set[str]:
    """The partners whose canaries sing in a text."""
    return set(CANARY.findall(text))


def foreign_in(text: str, own: Iterable[str]) -> set[str]:
    """Those whose canaries must not be heard by somebody who may know of `own` only."""
    return found_in(text) - set(own)
