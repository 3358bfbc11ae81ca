"""The roles in PostgreSQL, as SQL for whoever may create roles: ourselves on the embedded server, a DBA on a real one.

- `buoy_owner` owns the tables and runs the migrations.
- `buoy_app` is the login of the web server and the worker. It has no right on a table with partner data; it may only
  become one of the scope roles, for a transaction (`buoy.core.scope`).
- `buoy_desk`, `buoy_partner`, `buoy_job`, `buoy_anonymous` cannot log in. Policies are written for them.
- `buoy_backup` reads everything and writes nothing: `pg_dump` as the owner would be stopped by the policies.
"""

from __future__ import annotations

SCOPES = ("buoy_desk", "buoy_partner", "buoy_job", "buoy_anonymous")
LOGINS = ("buoy_owner", "buoy_app", "buoy_backup")
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")

_CREATE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{name}') then create role {name} {options}; end if;
end $$
"""


def create_roles() -> list[str]:
    """Statements that create what is missing; they may be repeated."""
    made = [_CREATE.format(name=name, options="nologin") for name in SCOPES]
    made += [_CREATE.format(name=name, options="login") for name in LOGINS]
    scopes = ", ".join(SCOPES)
    return [
        *made,
        # `set` and not `inherit`: the login has none of their rights until it becomes one of them (PostgreSQL 16).
        f"grant {scopes} to buoy_app, buoy_owner with inherit false, set true",
        "alter role buoy_backup bypassrls",
        "grant pg_read_all_data to buoy_backup",
        # A request that dies within a transaction must not hold its locks for ever.
        "alter role buoy_app set idle_in_transaction_session_timeout = '60s'",
    ]


def create_database(name: str) -> list[str]:
    """Statements for a server without the database; `create database` cannot stand in a transaction."""
    return [f'create database "{name}" owner buoy_owner']


def prepare_database(name: str) -> list[str]:
    """Statements to run inside the new database: extensions, and nothing for strangers."""
    return [
        *(f"create extension if not exists {extension}" for extension in EXTENSIONS),
        f'revoke all on database "{name}" from public',
        f'grant connect on database "{name}" to buoy_app, buoy_backup',
        "revoke all on schema public from public",
        "grant all on schema public to buoy_owner",
        f"grant usage on schema public to buoy_app, buoy_backup, {', '.join(SCOPES)}",
    ]
