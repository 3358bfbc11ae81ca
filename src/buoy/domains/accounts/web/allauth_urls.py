"""The addresses of allauth that we use, under the names by which it refers to itself.

Left out are those that it keeps for older installations. Its form views would take a PUT for a POST; ours take forms as
browsers send them and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

import allauth.account.urls
import allauth.mfa.urls
import allauth.socialaccount.urls
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_http_methods

from buoy.domains.accounts.web import me, saml, single_sign_on

_COMPANY: list[URLPattern | URLResolver] = [
    path("oidc/<str:provider_id>/login/", single_sign_on.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", single_sign_on.callback, name="openid_connect_callback"),
    path("saml/login/", saml.login, name="saml_login"),
    path("saml/answer/", saml.answer, name="saml_answer"),
    path("saml/finish/", saml.finish, name="saml_finish"),
    path("saml/metadata/", saml.metadata, name="saml_metadata"),
]


def _forms_only(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    narrow = require_http_methods(["GET", "HEAD", "POST"])
    return [
        URLResolver(each.pattern, _forms_only(each.url_patterns), each.default_kwargs)
        if isinstance(each, URLResolver)
        else URLPattern(each.pattern, narrow(each.callback), each.default_args, each.name)
        for each in patterns
    ]


urlpatterns = [
    path("", include(_forms_only(allauth.account.urls.urlpatterns))),
    path("2fa/", include(_forms_only(allauth.mfa.urls.urlpatterns))),
    *_forms_only([path("sessions/", me.Sessions.as_view(), name="usersessions_list")]),
    path("3rdparty/", include(_forms_only(allauth.socialaccount.urls.urlpatterns))),
    path("", include(_forms_only(_COMPANY))),
]
