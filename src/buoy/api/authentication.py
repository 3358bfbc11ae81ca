"""Who calls: the token of the request becomes an actor, within the limits of how often one may ask.

Only the header counts. A browser's session opens nothing here, so no page elsewhere can make a browser call the API.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from buoy.core import clock, limits, logs
from buoy.core.actor import ANONYMOUS, Actor
from buoy.core.http import address_of
from buoy.domains.accounts.actions import clients, tokens
from buoy.domains.partners.queries import actor_of_token

ADDRESSES_PER_TOKEN = 4
"""How many times as much an address may ask as a token: an office has one address."""


class ApiToken(HttpBearer):
    """Finds the actor once for each request."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        known: Actor = getattr(request, "caller", ANONYMOUS)
        if known is not ANONYMOUS:
            return known
        request.actor = ANONYMOUS  # type: ignore[attr-defined] # Not the one of a session.
        found: Actor | None = super().__call__(request)
        if found is not None:
            request.caller = request.actor = found  # type: ignore[attr-defined]
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor of a token, or None for one that is not valid. Raises TooManyCalls."""
        now, address = clock.now(), address_of(request)
        per_minute = settings.CONFIGURATION.api_calls_per_minute
        limits.count(f"address:{address}", per_minute * ADDRESSES_PER_TOKEN, now=now)
        holder = tokens.use_token(token, now=now) or clients.use_access_token(token, now=now)
        if holder is None:
            return None
        limits.count(f"token:{holder.token_id}", per_minute, now=now)
        logs.also_about(user=str(holder.user.id), token=str(holder.token_id))
        request_id: str = request.id  # type: ignore[attr-defined] # Given to it by our middleware.
        return actor_of_token(holder, on=now.date(), address=address, request_id=request_id)
