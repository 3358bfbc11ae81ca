"""What is checked in the database: its version and settings, the roles, row-level security, the clocks."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from buoy.cli.database import Database, Login
from buoy.cli.doctor.finding import Finding, State
from buoy.cli.migrate import missing_migrations
from buoy.core import clock, roles
from buoy.core.configuration import Configuration
from buoy.core.storage import storage

LARGEST_SKEW_SECONDS = 2.0
WORST_SKEW_SECONDS = 30.0

_UNPROTECTED = """
select c.relname,
       concat_ws(' and ',
         case when exists (select from pg_policy p where p.polrelid = c.oid) then 'has policies' end,
         case when exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'partner_id'
                           and not a.attisdropped) then 'has a column partner_id' end,
         case when exists (select from aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
                           where r.rolname = any(%s)) then 'can be reached by partners' end)
  from pg_class c
 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
   and not (c.relrowsecurity and c.relforcerowsecurity)
 order by 1
"""
"""Tables whose rows are not held back, and what says that they should be; nothing is said for a table of our own."""

_ROLES = "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname like 'buoy\\_%%'"
_INHERITED = """
select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid
 where m.member = 'buoy_app'::regrole and (m.inherit_option or not m.set_option or r.rolname <> all(%s))
"""


def checks(database: Database) -> Iterator[Finding]:
    """Every check, by the login of the application: what it sees is what counts."""
    with database.connect(Login.APP) as connection:
        yield _version(database, connection)
        yield _durability(connection)
        yield _clocks(connection)
        yield _login(connection)
        yield _roles(connection)
        yield _memberships(connection)
        yield _migrations()
        yield _row_level_security(connection)
        yield _files(database.configuration, connection)


def _version(database: Database, connection: psycopg.Connection) -> Finding:
    kind = "our own" if database.embedded is not None else "a server at " + str(connection.info.host)
    return Finding("database", State.FINE, f"PostgreSQL {_one(connection, 'show server_version')}, {kind}")


def _durability(connection: psycopg.Connection) -> Finding:
    off = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if _one(connection, f"show {name}") == "off"
    ]
    if off:
        return Finding(
            "durability", State.WRONG, f"{', '.join(off)} is off: a crash loses what was acknowledged. Turn it on."
        )
    return Finding("durability", State.FINE, "what is acknowledged is on disk")


def _clocks(connection: psycopg.Connection) -> Finding:
    before = clock.now()
    theirs = connection.execute("select clock_timestamp()").fetchone()
    after = clock.now()
    assert theirs
    skew = max((before - theirs[0]).total_seconds(), (theirs[0] - after).total_seconds(), 0.0)
    if skew <= LARGEST_SKEW_SECONDS:
        return Finding("clock", State.FINE, "this machine and the database agree")
    state = State.WRONG if skew > WORST_SKEW_SECONDS else State.LOOK
    return Finding(
        "clock", state, f"{skew:.0f} seconds between this machine and the database; keep both in time by NTP"
    )


def _login(connection: psycopg.Connection) -> Finding:
    row = connection.execute("select current_user, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
    found = row.fetchone()
    assert found
    name, is_free = found
    if is_free:
        return Finding(
            "login",
            State.WRONG,
            f"{name} is not held by row-level security. Set BUOY_DATABASE_URL to the login buoy_app.",
        )
    return Finding("login", State.FINE if name == "buoy_app" else State.LOOK, f"connects as {name}")


def _roles(connection: psycopg.Connection) -> Finding:
    found = {name: rest for name, *rest in connection.execute(_ROLES)}
    wrong = [f"{name} is missing" for name in (*roles.LOGINS, *roles.SCOPES) if name not in found]
    for name, (is_super, bypasses, can_log_in) in found.items():
        if is_super or (bypasses and name != "buoy_backup"):
            wrong.append(f"{name} is not held by row-level security")
        if can_log_in and name in roles.SCOPES:
            wrong.append(f"{name} can log in")
        if name == "buoy_backup" and not bypasses:
            wrong.append("buoy_backup is held by row-level security and cannot save everything")
    return _verdict(
        "roles", wrong, f"{len(found)} as they should be", "`buoy doctor --roles-sql` prints how they are made."
    )


def _memberships(connection: psycopg.Connection) -> Finding:
    wrong = [
        f"buoy_app has the rights of {name} without becoming it, or cannot become it"
        for (name,) in connection.execute(_INHERITED, [list(roles.SCOPES)])
    ]
    return _verdict("scopes", wrong, "the application has no right on partner data outside of a scope", "")


def _migrations() -> Finding:
    missing = missing_migrations("default")
    wrong = [f"{len(missing)} migrations are missing, the first is {missing[0]}"] if missing else []
    return _verdict("tables", wrong, "as this version of Buoy needs them", "Run `buoy migrate`.")


def _row_level_security(connection: psycopg.Connection) -> Finding:
    reached_by = ["buoy_desk", "buoy_partner", "buoy_anonymous"]
    bare = {name: why for name, why in connection.execute(_UNPROTECTED, [reached_by]) if why}
    wrong = [f"{name} {why}, and its rows are not held back" for name, why in bare.items()]
    held = _one(connection, "select count(*) from pg_class where relrowsecurity and relforcerowsecurity")
    advice = "Somebody has changed the database by hand: alter table … enable row level security, and force it."
    return _verdict("row-level security", wrong, f"{held} tables show each partner its own rows only", advice)


def _verdict(check: str, wrong: list[str], fine: str, advice: str) -> Finding:
    if wrong:
        return Finding(check, State.WRONG, f"{'; '.join(wrong)}. {advice}".strip())
    return Finding(check, State.FINE, fine)


def _one(connection: psycopg.Connection, statement: str) -> str:
    row = connection.execute(statement).fetchone()
    assert row
    return str(row[0])


def _files(configuration: Configuration, connection: psycopg.Connection) -> Finding:
    """Are the bytes there of every file that has a row? Bytes without a row, which a crash may leave, do no harm."""
    with connection.transaction():
        connection.execute("set local role buoy_job")
        keys = [key for (key,) in connection.execute("select key from workspace_storedfile where removed_at is null")]
    kept = storage(configuration.storage_url, configuration.data)
    lost = [key for key in keys if not kept.has(key)]
    if not lost:
        return Finding("stored files", State.FINE, f"all {len(keys)} are there")
    named = ", ".join(lost[:3]) + (" …" if len(lost) > 3 else "")
    return Finding(
        "stored files",
        State.WRONG,
        f"{len(lost)} of {len(keys)} are missing in the storage: {named}. Bring them back from a backup.",
    )
