"""What allauth says has happened: written to the audit trail; a new second factor also ends the other sessions.

allauth speaks by signals and has no other hook for these; our own flow has none.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.dispatch import Signal
from django.http import HttpRequest

from buoy.core import clock
from buoy.domains.accounts.actions import door
from buoy.domains.accounts.models import User
from buoy.domains.accounts.web import session

log = logging.getLogger(__name__)

NOTED: dict[str, Signal] = {
    "user.signed_in": account.user_logged_in,
    "user.signed_out": auth.user_logged_out,
    "user.password_changed": account.password_changed,
    "user.password_set": account.password_set,
    "user.password_reset": account.password_reset,
    "user.email_changed": account.email_changed,
    "user.second_factor_added": mfa.authenticator_added,
    "user.second_factor_removed": mfa.authenticator_removed,
    "user.second_factor_renewed": mfa.authenticator_reset,
    "user.single_sign_on_linked": social.social_account_added,
    "user.single_sign_on_removed": social.social_account_removed,
}
"""The name of an event in the audit trail, and the signal that tells of it."""


def begin() -> None:
    """Called once, when the application is ready."""
    for changed in (mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset):
        changed.connect(end_other_sessions, dispatch_uid="buoy.accounts.end")
    for action, signal in NOTED.items():
        signal.connect(_noting(action), weak=False, dispatch_uid=f"buoy.accounts.{action}")
    auth.user_logged_in.connect(begin_session, dispatch_uid="buoy.accounts.begin")
    mfa.authentication_failed.connect(wrong_code, dispatch_uid="buoy.accounts.wrong_code")


def begin_session(*, request: HttpRequest, **_: Any) -> None:
    """Somebody has come in, whichever way."""
    session.begin(request, now=clock.now())


def end_other_sessions(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Every session of the user ends, but the one in which they changed their second factor."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    request.session.pop(session.SECOND_FACTOR, None)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def wrong_code(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody knew the password and not the second factor, which is worth a line in the log."""
    log.warning("wrong second factor for user %s from %s", user.pk, get_adapter(request).get_client_ip(request))


def _noting(action: str) -> Any:
    def note(*, request: HttpRequest, user: User | None = None, **details: Any) -> None:
        linked = details.get("sociallogin") or details.get("socialaccount")
        if (user := user or (linked and linked.user)) is not None:
            address = get_adapter(request).get_client_ip(request)
            door.note(user, action=action, address=address, after=_after(details))

    return note


def _after(details: dict[str, Any]) -> dict[str, Any] | None:
    """What is worth keeping of what a signal carries: kinds and addresses, never secrets."""
    if isinstance(authenticator := details.get("authenticator"), Authenticator):
        return {"kind": authenticator.type}
    if to := details.get("to_email_address"):
        return {"email": to.email}
    if "sociallogin" in details:
        return {"by": "single sign-on"}
    return None
