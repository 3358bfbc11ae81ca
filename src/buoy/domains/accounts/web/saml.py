"""Signing in with the company's SAML 2.0 provider, for those who have no OpenID Connect. Needs the extra `saml`.

    button → their page → POST to us, across sites → finish, with the session again → in

The browser brings the provider's answer by a POST from another site, and our session's cookie does not come with it. So the
answer is checked without a session, what it says goes into a signed cookie for a minute, and the next address, which the
session does reach, matches it with the request that this browser has sent: once, by the number of the request.

python3-saml checks signature, audience, recipient and times. The number of the request stands twice in an answer; only the
one inside the assertion is sure to be signed, so both must be the same. The provider is believed for addresses of the
configured domains only. There is no signing out there, and nothing is asked over the network: its metadata is a file.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.base import AuthProcess, Provider, ProviderAccount
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from buoy.domains.accounts.web.single_sign_on import Untrusted

SALT, COOKIE, MINUTE = "accounts.saml", "saml", 60
LONGEST_ANSWER = 200_000
SUBJECT = "urn:oasis:names:tc:SAML:attribute:subject-id"
MAIL = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail",
    "email",
)
NAME_IS_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
NAME_IS_FLEETING = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_SECURITY = {
    "wantAssertionsSigned": True,
    "wantAttributeStatement": False,  # A name that is an address is enough.
    "requestedAuthnContext": False,  # How they let somebody in is theirs to decide.
    "rejectDeprecatedAlgorithm": True,
    "allowSingleLabelDomains": True,  # As a name within a company is.
}

Said = dict[str, str]


def is_configured() -> bool:
    return settings.CONFIGURATION.saml_metadata is not None


class SamlProvider(Provider):
    """The provider of the configuration, in allauth's words."""

    id, uses_apps, account_class, supports_redirect = "saml", False, ProviderAccount, True

    def __init__(self, request: HttpRequest, app: Any = None) -> None:
        super().__init__(request, app)
        self.name = settings.CONFIGURATION.saml_name

    def get_login_url(self, request: HttpRequest, **kwargs: str) -> str:
        return f"{reverse('saml_login')}?{urlencode(kwargs)}"

    def redirect_from_request(self, request: HttpRequest) -> HttpResponse:
        """To the provider, to sign in; what else the address asks for is passed over."""
        from onelogin.saml2.auth import OneLogin_Saml2_Auth

        asking = OneLogin_Saml2_Auth(_here(), _settings())
        address = asking.login(return_to="")
        next_url, number = get_next_redirect_url(request), asking.get_last_request_id()
        self.stash_redirect_state(request, AuthProcess.LOGIN, next_url=next_url, state_id=number)
        return HttpResponseRedirect(address)

    def extract_uid(self, data: Said) -> str:
        return hashlib.sha256(f"{data['iss']}\n{data['sub']}".encode()).hexdigest()

    def extract_common_fields(self, data: Said) -> Said:
        return {"email": data["email"]}

    def extract_extra_data(self, data: Said) -> Said:
        """All that is kept."""
        return {"iss": data["iss"], "email": data["email"]}

    def extract_email_addresses(self, data: Said) -> list[EmailAddress]:
        domain = data["email"].rpartition("@")[2].lower()
        is_theirs = domain in settings.CONFIGURATION.saml_domains
        return [EmailAddress(email=data["email"], verified=is_theirs, primary=True)]


def _door(view: Callable[[HttpRequest, SamlProvider], HttpResponse]) -> Callable[..., HttpResponse]:
    """A view at the provider's door: none without a provider, and one page for every answer that cannot be used."""

    @never_cache
    def behind(request: HttpRequest) -> HttpResponse:
        if not is_configured():
            raise Http404
        from lxml.etree import LxmlError
        from onelogin.saml2.errors import OneLogin_Saml2_Error

        provider = SamlProvider(request)
        try:
            return view(request, provider)
        # The latter two: the file of the provider's metadata holds something else.
        except (Untrusted, OneLogin_Saml2_Error, LxmlError) as error:
            refusal: HttpResponse = render_authentication_error(request, provider, exception=error)
            return refusal

    return behind


@_door
def login(request: HttpRequest, provider: SamlProvider) -> HttpResponse:
    """To the provider."""
    return provider.redirect_from_request(request)


@csrf_exempt
@_door
def answer(request: HttpRequest, provider: SamlProvider) -> HttpResponse:
    """What the provider says, from its own page. It has no session; that it was asked for is found out next."""
    said = _read(request.POST.get("SAMLResponse", ""))
    onward = HttpResponseRedirect(reverse("saml_finish"))
    onward.set_signed_cookie(
        COOKIE,
        urlencode(said),
        salt=SALT,
        max_age=MINUTE,
        path=reverse("saml_finish"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return onward


@_door
def finish(request: HttpRequest, provider: SamlProvider) -> HttpResponse:
    """Let in whom the provider has named, if this very browser has asked."""
    said = dict(parse_qsl(request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=MINUTE) or ""))
    state = statekit.unstash_state(request, state_id=said.get("to", ""), provider_id=provider.sub_id)
    if state is None:
        raise Untrusted("the answer is not to a request of this browser, or was used before")
    found = provider.sociallogin_from_response(request, said)
    found.state = state
    response: HttpResponse = complete_social_login(request, found)
    response.delete_cookie(COOKIE, path=reverse("saml_finish"))
    return response


@_door
def metadata(request: HttpRequest, provider: SamlProvider) -> HttpResponse:
    """What the provider needs to know of this installation."""
    from onelogin.saml2.settings import OneLogin_Saml2_Settings

    text = OneLogin_Saml2_Settings(_settings(), sp_validation_only=True).get_sp_metadata()
    return HttpResponse(text, content_type="application/samlmetadata+xml")


def _read(encoded: str) -> Said:
    """Who the provider says it is, and to which request it answers. Raises Untrusted."""
    from lxml.etree import LxmlError
    from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
    from onelogin.saml2.response import OneLogin_Saml2_Response
    from onelogin.saml2.settings import OneLogin_Saml2_Settings

    if not 0 < len(encoded) <= LONGEST_ANSWER:
        raise Untrusted(f"the answer has {len(encoded)} characters")
    try:
        response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings(_settings()), encoded)
        number = response.get_in_response_to()
        if not number:
            raise Untrusted("nobody has asked for the answer")
        if not response.is_valid(_here(), request_id=number):
            raise Untrusted(f"the answer cannot be used: {response.get_error()}")
        return {"to": number, "iss": _issuer(), **_person(response)}
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, LxmlError, binascii.Error, ValueError) as error:
        raise Untrusted(f"the answer cannot be read: {type(error).__name__}") from error


def _person(response: Any) -> Said:
    given = response.get_attributes()
    name, kind = response.get_nameid(), response.get_nameid_format()
    subject = next(iter(given.get(SUBJECT, [])), None if kind == NAME_IS_FLEETING else name)
    addresses = [value for each in MAIL for value in given.get(each, [])]
    if kind == NAME_IS_ADDRESS and not addresses:
        addresses = [name]
    if not subject or not addresses:
        raise Untrusted("the answer names nobody who could be known again, or no address")
    return {"sub": subject, "email": addresses[0]}


def _here() -> dict[str, Any]:
    """Where answers must be sent to, as the installation is configured and not as a request says."""
    address = urlsplit(settings.CONFIGURATION.address)
    return {
        "https": "on" if address.scheme == "https" else "off",
        "http_host": address.netloc,
        "script_name": reverse("saml_answer"),
        "get_data": {},
        "post_data": {},
    }


def _issuer() -> str:
    return str(_settings()["idp"]["entityId"])


def _settings() -> dict[str, Any]:
    """What python3-saml wants to know. Raises Untrusted when the provider's metadata cannot be used."""
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

    path = settings.CONFIGURATION.saml_metadata
    assert path is not None, "the door is closed without"
    found = OneLogin_Saml2_IdPMetadataParser.parse(path.read_bytes())
    if "entityId" not in found.get("idp", {}):
        raise Untrusted(f"{path} does not describe a provider")
    address = settings.CONFIGURATION.address
    return {
        "strict": True,
        "security": _SECURITY,
        "idp": found["idp"],
        "sp": {
            "entityId": address + reverse("saml_metadata"),
            "assertionConsumerService": {"url": address + reverse("saml_answer"), "binding": _BINDING},
        },
    }
