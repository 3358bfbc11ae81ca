"""The caller and their tokens, for programs.

Tokens are made by a person, on the page of their tokens or by `buoy token create`, and never by a token: one that got into
wrong hands cannot be made to last by making another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, page
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions import tokens
from buoy.domains.accounts.queries import TokenRow

router = Router()


class MeOut(Schema):
    """Who calls, and what this token may do."""

    user_id: UUID | None
    name: str
    partner_id: UUID | None
    permissions: list[str]


class TokenOut(Schema):
    """A token; its secret is shown once, when it is made."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@router.get("/me", response=MeOut)
def get_me(request: Request) -> dict[str, Any]:
    """The caller."""
    actor = request.actor
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "partner_id": actor.partner_id,
        "permissions": sorted(actor.permissions),
    }


@router.get("/me/tokens", response=Page[TokenOut])
def list_tokens(request: Request, paging: Query[Paging]) -> Any:
    """The caller's tokens that were not revoked, newest first."""
    with acting(request.actor, read_only=True):
        return page(queries.own_tokens(request.actor), order=["-id"], paging=paging, show=TokenRow.of)


@router.delete("/me/tokens/{uuid:token_id}", response={204: None})
def revoke_token(request: Request, token_id: UUID) -> Status[None]:
    """End one of the caller's tokens, at once and for good; it may be the one of this call. Needs `tokens.manage`."""
    tokens.revoke_token(request.actor, token_id=token_id, now=clock.now())
    return Status(204, None)
