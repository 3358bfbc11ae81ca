"""Programs that get their tokens by OAuth2 (client credentials, RFC 6749 section 4.4): made, let in, revoked.

A program belongs to an organisation's administrators: any of them sees it and can end it. It acts for the one who made it.
allauth hands out the tokens, good for an hour, and keeps hashes of them and of the secret.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.db.models import F, Q

from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.domains.accounts.actions.tokens import USE_IS_NOTED_EVERY, Holder, require_terms
from buoy.domains.accounts.models import ApiClient, User

_MANAGE = "api_clients.manage"


def create_client(
    actor: Actor, *, name: str, scopes: Sequence[str], expires_at: datetime, now: datetime
) -> tuple[UUID, str]:
    """Make a program of the actor's organisation; its secret is returned once, and only a hash of it is kept.

    Writes the client, its terms and the audit trail. Raises NotAllowed (also for a program), TokenRefused.
    """
    if actor.api_client_id is not None:
        raise NotAllowed(permission=_MANAGE)
    actor.require(_MANAGE)
    require_terms(name=name, scopes=scopes, expires_at=expires_at, now=now)
    client_id, secret = new_id(), secrets.token_urlsafe(32)
    client = Client(
        id=str(client_id),
        owner_id=actor.person,
        name=name,
        grant_types=Client.GrantType.CLIENT_CREDENTIALS,
        response_types="",
        created_at=now,
    )
    client.set_secret(secret)
    client.set_scopes(sorted(set(scopes)))
    client.set_default_scopes(sorted(set(scopes)))
    with acting(actor):
        writing(actor)
        client.save(force_insert=True)
        ApiClient(client_id=client.id, expires_at=expires_at).save(force_insert=True)
        after = {"name": name, "scopes": client.get_scopes(), "expires_at": expires_at}
        _record(actor, "api_client.created", client_id, partner_id=actor.partner_id, after=after)
    return client_id, secret


def revoke_client(actor: Actor, *, client_id: UUID, now: datetime) -> None:
    """End a program of the actor's organisation, and at once all its tokens; the vendor may end a partner's.

    Writes its terms and the audit trail. Raises NotAllowed, NotFound.
    """
    actor.require(_MANAGE)
    with acting(actor):
        writing(actor)
        terms = ApiClient.objects.filter(client_id=str(client_id), revoked_at=None)
        if actor.face is Face.PARTNER:
            terms = terms.filter(Q(client__owner__partner_id=actor.partner_id))
        owner_id = terms.values_list("client__owner_id", flat=True).first()
        if owner_id is None or not terms.update(revoked_at=now):
            raise NotFound
        partner_id = User.objects.values_list("partner_id", flat=True).get(id=owner_id)
        _record(actor, "api_client.revoked", client_id, partner_id=partner_id)


def may_get_tokens(client_id: str, *, now: datetime) -> bool:
    """Is there such a program, neither revoked nor past its end, of somebody who may sign in? Before there is an actor."""
    return _alive(now).filter(client_id=client_id).exists()


def use_access_token(text: str, *, now: datetime) -> Holder | None:
    """Who holds this token, or None when it is not valid now. Notes the use of the program, at most once a minute.

    Outside of any scope, since it tells who acts. One query, and one more when the use is noted.
    """
    terms = (
        _alive(now)
        .filter(
            client__token__hash=hashlib.sha256(text.encode()).hexdigest(),
            client__token__type=Token.Type.ACCESS_TOKEN,
            client__token__expires_at__gt=now,
        )
        .select_related("client__owner")
        .annotate(granted=F("client__token__scopes"))
        .first()
    )
    if terms is None:
        return None
    if terms.last_used_at is None or terms.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiClient.objects.filter(client_id=terms.client_id).update(last_used_at=now)
    return Holder(token_id=UUID(terms.client.id), scopes=tuple(terms.granted.split()), user=terms.client.owner)


def forget_tokens(*, before: datetime) -> None:
    """Remove tokens that had ended by then."""
    Token.objects.filter(expires_at__lt=before).delete()


def _alive(now: datetime) -> Any:
    return ApiClient.objects.filter(revoked_at=None, expires_at__gt=now, client__owner__is_active=True)


def _record(actor: Actor, action: str, client_id: UUID, **more: Any) -> None:
    record(actor, action=action, object_type="api_client", object_id=client_id, **more)
