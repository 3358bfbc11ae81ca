"""When a session ends, other than by signing out.

Half an hour after its last request, twelve hours after its beginning, and at once when its cookie comes from another
browser than the one that it was given to. A change of password, rights or second factor ends it through the epoch of
its user (`User._get_session_auth_hash`), and a disabled user has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from buoy.core import clock
from buoy.domains.accounts import policy

BEGAN, SEEN, BROWSER, SECOND_FACTOR = "began_at", "seen_at", "browser", "second_factor"
NOTE_EVERY = timedelta(minutes=1)
"""How often a session's last request is written down; more would be a write for every page."""

_SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

Respond = Callable[[HttpRequest], HttpResponse]


def begin(request: HttpRequest, *, now: datetime) -> None:
    """Give a session that has just been signed in its limits."""
    request.session[BEGAN] = request.session[SEEN] = now.timestamp()
    request.session[BROWSER] = browser(request)


def limits(respond: Respond) -> Respond:
    """Ends sessions that are over, before anything else looks at who asks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = clock.now()
            if is_over(request, now=now):
                auth.logout(request)
                messages.info(request, _("Your session has ended. Please sign in again."))
            elif now.timestamp() - request.session[SEEN] >= NOTE_EVERY.total_seconds():
                request.session[SEEN] = now.timestamp()
                UserSession.objects.create_from_request(request)
        return respond(request)

    return middleware


def is_over(request: HttpRequest, *, now: datetime) -> bool:
    """A session without limits was not begun by signing in, and is over too."""
    session = request.session
    if BEGAN not in session or session.get(BROWSER) != browser(request):
        return True
    return policy.session_is_over(began_at=_moment(session[BEGAN]), seen_at=_moment(session[SEEN]), now=now)


def lacks_second_factor(request: HttpRequest) -> bool:
    """Must this user set up a second factor before they may work? Asked of the database until they have one.

    Who came by the company's single sign-on has been asked for it there.
    """
    user = request.user
    if not user.is_authenticated or request.session.get(SECOND_FACTOR) or not policy.needs_second_factor(user.roles):
        return False
    by_single_sign_on = any(record["method"] == "socialaccount" for record in get_authentication_records(request, user))
    if settings.SECOND_FACTOR_IS_OPTIONAL or by_single_sign_on or is_mfa_enabled(user, _SECOND_FACTORS):
        request.session[SECOND_FACTOR] = True
        return False
    return True


def browser(request: HttpRequest) -> str:
    """What a browser says of itself, in short. It can be copied, by somebody who knows that it has to be."""
    return hashlib.sha256(request.META.get("HTTP_USER_AGENT", "").encode()).hexdigest()[:16]


def _moment(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
