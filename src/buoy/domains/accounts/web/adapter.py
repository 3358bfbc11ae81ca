"""Where allauth asks us how to do things: the language of a mail, what counts as a guess, who may come in by single
sign-on, how a secret is kept.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.encoding import force_bytes

from buoy.core.http import address_of
from buoy.domains.accounts import policy
from buoy.domains.accounts.models import Theme, User
from buoy.domains.accounts.web import device, saml
from buoy.domains.accounts.web.saml import SamlProvider
from buoy.domains.accounts.web.single_sign_on import CompanyProvider, Untrusted
from buoy.domains.vendor import queries as vendor
from buoy.ui.views import keep_theme

log = logging.getLogger(__name__)

ACCOUNT_LIMIT = {"account": "100/5m/key"}
"""Wrong guesses at one account from all unknown places together. A single place is held to far less."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and out, and the mails about it.

    Guesses are counted by account *and* place: a stranger who guesses wears out their own place and not the owner's,
    who can still come in from where they are. Only very many places at once slow down an account as a whole, and not
    even they a browser that its owner has signed in with before (`device`), a passkey, or a code.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the account, whoever asked for the mail and in whichever language."""
        user = User.objects.filter(email=email.lower()).first() or context.get("user")
        with translation.override(user.language if user else translation.get_language()):
            super().send_mail(template_prefix, email, {**context, "vendor_name": vendor.look().name})

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        device.remember(request, response, email=user.email)
        return keep_theme(request, response, "" if user.theme == Theme.SYSTEM else user.theme)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        self._account_usage = None
        email = credentials["email"].lower()
        if device.of(request, email=email) is None:
            self._account_usage = ratelimit.consume(
                request, app="buoy.accounts", action="account", config=ACCOUNT_LIMIT, key=email
            )
            if self._account_usage is None:
                raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = credentials["email"].lower()
        return f"{email}:{device.of(request, email=email) or ratelimit.get_ip(request)}"

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if self._account_usage:
            self._account_usage.rollback()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted with the installation's key; a role can demand that one stays."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return vendor.look().name

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not policy.needs_second_factor(authenticator.user.roles):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The company's provider says who somebody is; the account must be there already."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        if provider == SamlProvider.id:
            return SamlProvider(request)
        found = super().get_provider(request, provider, client_id)
        return CompanyProvider(request, app=found.app) if isinstance(found, OpenIDConnectProvider) else found

    def list_providers(self, request: HttpRequest) -> list[Any]:
        return super().list_providers(request) + ([SamlProvider(request)] if saml.is_configured() else [])

    def get_requests_session(self) -> Any:
        """One that follows no redirect: a provider answers itself, or not at all."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def authenticate_by_email(self, sociallogin: Any) -> tuple[Any, str] | None:
        """Whose account has the address, unless it is linked to somebody else at the same provider."""
        found = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        account = sociallogin.account
        others = SocialAccount.objects.filter(user=found[0], provider=account.provider).exclude(uid=account.uid)
        issuers = {other.extra_data.get("iss") for other in others}
        return None if account.extra_data["iss"] in issuers else found

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        # The text of our own refusals only: another's may quote what the provider has sent.
        said = str(exception) if isinstance(exception, Untrusted) else type(exception).__name__
        log.warning("single sign-on failed: %s, %s", error, said)


def _cipher() -> MultiFernet:
    """The key in use first, then the older ones, which still open what they closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hashlib.sha256(b"buoy.accounts.second-factor" + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
