"""A code of an authenticator app counts once.

It is good for its own half-minute and the ones before and after, since clocks differ. allauth remembers a used code for
one half-minute, which is too short for that; and two requests at the same moment must not both win. So the step of the
last code that counted is kept with the authenticator, and a code counts if the database moves that step forward
(RFC 6238, section 5.2).
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import connection

_MOVE_FORWARD = """
update mfa_authenticator set data = jsonb_set(data, '{step}', to_jsonb(%(step)s::bigint))
where id = %(id)s and coalesce((data ->> 'step')::bigint, -1) < %(step)s
"""


class _OnceOnly(forms.BaseAuthenticateForm):
    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not use(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_OnceOnly, forms.AuthenticateForm):
    """Asked for at sign-in."""


class ReauthenticateForm(_OnceOnly, forms.ReauthenticateForm):
    """Asked for before something dangerous."""


def use(authenticator: Authenticator, code: str) -> bool:
    """Use a code that is right; false when it, or a later one, has been used."""
    secret = decrypt(authenticator.data["secret"])
    steps = [
        step
        for step in yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_FORWARD, {"id": authenticator.pk, "step": max(steps, default=-1)})
        return cursor.rowcount == 1
