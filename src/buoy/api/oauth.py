"""Where programs get their tokens: `POST /api/oauth/token` with the grant `client_credentials` (RFC 6749, section 4.4).

allauth checks the secret and hands out the token. Before it does, the program must be one that lives, and within the limits
of how often anybody may try: a secret costs more to check than a token does.
"""

from __future__ import annotations

from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc import views
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from buoy.core import clock, limits
from buoy.core.http import address_of
from buoy.core.limits import Rate
from buoy.domains.accounts.actions import clients

BY_ADDRESS = Rate(per_minute=60, burst=30)
BY_CLIENT = Rate(per_minute=20, burst=10)
"""By client and address together: who guesses at a client's secret from elsewhere does not shut its owner out."""


@csrf_exempt
@require_POST
@never_cache
def token(request: HttpRequest) -> HttpResponse:
    now, address = clock.now(), address_of(request)
    client_id = (extract_basic_auth(request.headers)[0] or request.POST.get("client_id", ""))[:100]
    wait = limits.take(f"oauth:{address}", BY_ADDRESS, now=now)
    wait = wait or limits.take(f"oauth:{address}:{client_id}", BY_CLIENT, now=now)
    if wait:
        refusal = JsonResponse({"error": "temporarily_unavailable"}, status=429)
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    if not clients.may_get_tokens(client_id, now=now):
        return JsonResponse({"error": "invalid_client"}, status=401)
    answer: HttpResponse = views.token(request)
    return answer
