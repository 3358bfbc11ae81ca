"""Signing in with the company's OpenID Connect provider.

allauth knows the way there and back, the state and PKCE. Here stands what it leaves open:

- The provider is the configured one: its description must name the configured issuer, an issuer under https has all of its
  addresses under https, and no answer of it may lead anywhere else by a redirect.
- What it says is in a signed ID token for us, with the nonce of this very sign-in. allauth would take what the address of
  user information says, with no tie to the token.
- Whoever signs in has an account, with an address that the provider states to be verified. An account that is linked to
  somebody at the provider is not opened to somebody else there who has got the same address since.
- The address in the browser decides nothing: not the scope, not the parameters, not what the sign-in is for.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from requests import RequestException

DESCRIPTION = "/.well-known/openid-configuration"
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""By a key of the provider's; never by a secret that both know, and never none."""
CLOCKS_DIFFER_SECONDS = 60
_CLAIMS = ["iss", "aud", "sub", "exp", "iat", "nonce"]

Claims = dict[str, Any]


class Untrusted(OAuth2Error):
    """The provider's answer cannot be used; the text names no secret, and is for the log."""


class CompanyAdapter(OpenIDConnectOAuth2Adapter):
    """Reads what the provider says of itself and of whoever signs in."""

    nonce: str = ""
    """What this sign-in began with; set when its state is found."""

    @functools.cached_property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises Untrusted, RequestException."""
        issuer: str = self.get_provider().app.settings["server_url"]
        found = self._read(issuer + DESCRIPTION)
        said = str(found.get("issuer", ""))
        if said.rstrip("/") != issuer.rstrip("/"):
            raise Untrusted(f"the description at {issuer} is that of the issuer {said!r}")
        for name in ADDRESSES:
            scheme = urlsplit(str(found.get(name, ""))).scheme
            if scheme not in ("http", "https") or (issuer.startswith("https:") and scheme != "https"):
                raise Untrusted(f"the description at {issuer} has no usable {name}")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """Who signs in. Raises Untrusted, RequestException."""
        try:
            claims = self._claims(app, kwargs["response"].get("id_token") or "")
        except jwt.PyJWTError as error:
            raise Untrusted(f"the ID token cannot be used: {error}") from error
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims["sub"]:
                raise Untrusted("the user information is about somebody else than the ID token")
            claims = {**more, **claims}
        return self.get_provider().sociallogin_from_response(request, claims)

    def _claims(self, app: SocialApp, id_token: str) -> Claims:
        claims: Claims = jwt.decode(
            id_token,
            key=self._key_of(id_token),
            algorithms=SIGNATURES,
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=CLOCKS_DIFFER_SECONDS,
            options={"require": _CLAIMS},
        )
        if claims["aud"] not in (app.client_id, [app.client_id]) and claims.get("azp") != app.client_id:
            raise Untrusted("the ID token is for several programs and was not made for this one")
        if not self.nonce or not secrets.compare_digest(str(claims["nonce"]), self.nonce):
            raise Untrusted("the ID token is of another sign-in")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        keys = jwt.PyJWKSet.from_dict(self._read(self.openid_config["jwks_uri"])).keys
        name = jwt.get_unverified_header(id_token).get("kid")
        fitting = [key for key in keys if name is None or key.key_id == name]
        if len(fitting) != 1:
            raise Untrusted(f"the provider has {len(fitting)} keys for the ID token")
        return fitting[0]

    def _read(self, address: str) -> dict[str, Any]:
        with _session() as session:
            answer = session.get(address)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise Untrusted(f"{address} does not hold an object")
        return found


class CompanyProvider(OpenIDConnectProvider):
    """The provider of the configuration."""

    oauth2_adapter_class = CompanyAdapter

    def redirect_from_request(self, request: HttpRequest) -> HttpResponse:
        """To the provider, to sign in; what else the address asks for is passed over."""
        return self.redirect(request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request))

    def redirect(self, request: HttpRequest, process: str, *args: Any, **kwargs: Any) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        params = {**self.get_auth_params(), "nonce": nonce}
        answer: HttpResponse = super().redirect(request, process, *args, auth_params=params, nonce=nonce, **kwargs)
        return answer

    def extract_uid(self, data: Claims) -> str:
        """Another provider under the same configuration may call somebody else the same."""
        return hashlib.sha256(f"{data['iss']}\n{data['sub']}".encode()).hexdigest()

    def extract_common_fields(self, data: Claims) -> Claims:
        return {"email": data.get("email")}

    def extract_extra_data(self, data: Claims) -> Claims:
        """All that is kept."""
        return {"iss": data["iss"], "email": data.get("email", "")}

    def extract_email_addresses(self, data: Claims) -> list[EmailAddress]:
        if not isinstance(email := data.get("email"), str):
            return []
        trusted = self.app.settings.get("addresses_are_verified", False)
        verified = str(data.get("email_verified", trusted)).lower() == "true"
        return [EmailAddress(email=email, verified=verified, primary=True)]


class _Callback(OAuth2CallbackView):
    """Tells the adapter what the sign-in began with."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, refusal = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, refusal


def _session() -> Any:
    from allauth.socialaccount.adapter import get_adapter

    return get_adapter().get_requests_session()


def _door(view: Callable[[CompanyAdapter], Callable[[HttpRequest], HttpResponse]]) -> Callable[..., HttpResponse]:
    """A view at the provider's door: none without a provider, and one page for every answer that cannot be used."""

    @never_cache
    def behind(request: HttpRequest, provider_id: str) -> HttpResponse:
        adapter = CompanyAdapter(request, provider_id)
        try:
            provider = adapter.get_provider()
        except SocialApp.DoesNotExist:
            raise Http404 from None
        try:
            return view(adapter)(request)
        except (OAuth2Error, RequestException) as error:
            answer: HttpResponse = render_authentication_error(request, provider, exception=error)
            return answer

    return behind


login = _door(OAuth2LoginView.adapter_view)
callback = _door(_Callback.adapter_view)
