"""The first administrator, whom nobody can invite: a link that the start prints lets whoever holds it make the account.

The link is signed with the installation's key and good for a day. It counts only while there is no user at all, so that it
ends with its first use, whoever else has seen it by then; a stranger who finds the page without it gets nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import connection
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import job_actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind
from buoy.core.scope import acting
from buoy.domains.accounts.actions import people
from buoy.domains.accounts.models import User

_SALT = "accounts.first-administrator"
_DOOR = job_actor("set-up")
_LASTS = timedelta(days=1)
_ONE_AT_A_TIME = 0x66697273
"""The number of the lock that lets two browsers with the link come one after the other."""


class SetUpOver(DomainError):
    """A link that is too old or not ours, or somebody can sign in already."""

    kind = Kind.NOT_FOUND
    code = "set-up-over"
    message = _(
        "This link is no longer valid. If somebody can sign in, ask them to invite you; if not, start Buoy again: it prints"
        " a new one."
    )


def new_link_token() -> str:
    """The secret part of the link, for the start to print. Empty when somebody can sign in already."""
    with acting(_DOOR, read_only=True):
        return "" if User.objects.exists() else signing.dumps("first", salt=_SALT)


def require_open(*, token: str) -> None:
    """Raises SetUpOver unless the holder of this token may make the first account."""
    try:
        signing.loads(token, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        raise SetUpOver from None
    with acting(_DOOR, read_only=True):
        if User.objects.exists():
            raise SetUpOver


def create_first_administrator(
    *, token: str, email: str, name: str, password: str, language: str, time_zone: str, now: datetime
) -> UUID:
    """Make the account of the first administrator. Writes the user and their address. Raises SetUpOver."""
    require_open(token=token)
    with acting(_DOOR):
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if User.objects.exists():
            raise SetUpOver
        user_id = people.add_user(
            email=email,
            name=name,
            roles=["administrator"],
            partner_id=None,
            password=password,
            language=language,
            time_zone=time_zone,
            now=now,
        )
        after = {"email": email.lower(), "name": name, "roles": ["administrator"]}
        record(_DOOR, action="user.created", object_type="user", object_id=user_id, after=after)
        return user_id
