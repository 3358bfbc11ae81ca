"""The e-mails of this room, in the language of whoever gets them. All raise OSError when the server does not take them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from buoy.domains.accounts.models import Invitation, User
from buoy.domains.accounts.queries import permission_name, role_name
from buoy.domains.vendor import queries as vendor


def invitation(invitation: Invitation, *, token: str) -> None:
    """Ask somebody to join."""
    vendor_name = vendor.look().name
    organisation = invitation.partner.name if invitation.partner else vendor_name
    context = {
        "name": invitation.name,
        "organisation": organisation,
        "vendor": vendor_name,
        "link": settings.CONFIGURATION.address + reverse("accounts:invitation", args=[token]),
        "expires_at": invitation.expires_at,
    }
    _send("invitation", to=invitation.email, language=invitation.language, context=context)


def rights(user: User, by: str | Promise) -> None:
    """Tell somebody what they may do from now on."""
    with translation.override(user.language):
        context = {
            "name": user.name,
            "by": by,
            "roles": [role_name(role) for role in user.roles],
            "grants": [permission_name(grant) for grant in user.grants],
            "link": settings.CONFIGURATION.address,
        }
    _send("rights", to=user.email, language=user.language, context=context)


def reset(user: User, by: str | Promise) -> None:
    """Tell somebody that they have no second factor any more."""
    context = {"name": user.name, "by": by, "link": settings.CONFIGURATION.address}
    _send("reset", to=user.email, language=user.language, context=context)


def _send(letter: str, *, to: str, language: str, context: dict[str, Any]) -> None:
    """The first line of a letter's template is its subject."""
    with translation.override(language):
        text = render_to_string(f"accounts/email/{letter}.txt", context)
    subject, _, body = text.strip().partition("\n")
    EmailMessage(subject=subject, body=body.strip() + "\n", to=[to]).send()
