"""Tokens for programs: made, used, revoked."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotAllowed, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.accounts import policy
from buoy.domains.accounts.models import ApiToken, User

LONGEST_DAYS = 366
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_MANAGE = "tokens.manage"
_PREFIX_LETTERS = string.ascii_lowercase + string.digits
_TOKEN = re.compile(r"by_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Holder:
    """Who calls with a token, and how far the token goes."""

    token_id: UUID
    scopes: tuple[str, ...]
    user: User


class TokenRefused(DomainError):
    """`scopes`: those that do not exist; or the dates do not fit."""

    kind = Kind.INVALID
    code: ClassVar[str] = "token-refused"
    message = _(
        "A token needs a name, at least one known scope and an end within %(days)s days. Unknown scopes: %(unknown)s."
    )


def create_token(
    actor: Actor, *, name: str, scopes: Sequence[str], expires_at: datetime, now: datetime
) -> tuple[UUID, str]:
    """Make a token for the actor; the text is returned once and kept nowhere.

    Writes ApiToken and the audit trail. Raises NotAllowed for a program, TokenRefused.
    """
    if actor.api_client_id is not None:
        raise NotAllowed(permission=_MANAGE)
    actor.require(_MANAGE)
    require_terms(name=name, scopes=scopes, expires_at=expires_at, now=now)
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    token = ApiToken(
        user_id=actor.person,
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    with acting(actor):
        writing(actor)
        token.save(force_insert=True)
        record(
            actor,
            action="api_token.created",
            object_type="api_token",
            object_id=token.id,
            after={"name": name, "prefix": prefix, "scopes": token.scopes, "expires_at": expires_at},
        )
    return token.id, f"by_{prefix}_{secret}"


def require_terms(*, name: str, scopes: Sequence[str], expires_at: datetime, now: datetime) -> None:
    """Raises TokenRefused unless a program has a name, known scopes and an end that is not too far."""
    unknown = sorted(set(scopes) - policy.SCOPES)
    if unknown or not scopes or not name or not now < expires_at <= now + timedelta(days=LONGEST_DAYS):
        raise TokenRefused(days=LONGEST_DAYS, unknown=", ".join(unknown) or "–")


def revoke_token(actor: Actor, *, token_id: UUID, now: datetime) -> None:
    """End a token of the actor's own. Writes ApiToken and the audit trail. Raises NotAllowed, NotFound."""
    actor.require(_MANAGE)
    with acting(actor):
        writing(actor)
        own = ApiToken.objects.filter(id=token_id, user_id=actor.person, revoked_at=None)
        if not own.update(revoked_at=now):
            raise NotFound
        record(actor, action="api_token.revoked", object_type="api_token", object_id=token_id)


def use_token(text: str, *, now: datetime) -> Holder | None:
    """Who holds this token, or None when it is not valid now. Notes the use, at most once a minute.

    Outside of any scope, since it tells who acts. One query, and one more when the use is noted.
    """
    shape = _TOKEN.fullmatch(text)
    if shape is None:
        return None
    prefix, secret = shape.groups()
    tokens = ApiToken.objects.filter(prefix=prefix, revoked_at=None, expires_at__gt=now, user__is_active=True)
    token = tokens.select_related("user").first()
    if token is None or not secrets.compare_digest(bytes(token.digest), _digest(secret)):
        return None
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(id=token.id).update(last_used_at=now)
    return Holder(token_id=token.id, scopes=tuple(token.scopes), user=token.user)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
