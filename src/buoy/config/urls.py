"""Every address of the application, gathered from the rooms."""

from __future__ import annotations

from django.urls import include, path, re_path

from buoy.api import documentation, oauth
from buoy.api.application import PREFIX, api
from buoy.api.problems import not_found
from buoy.config import health, help, palette
from buoy.domains.accounts.web import home

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.numbers, name="metrics"),
    path(f"{PREFIX}openapi.json", documentation.schema, name="openapi"),
    path(f"{PREFIX}docs", documentation.page, name="api-documentation"),
    path(PREFIX, not_found),
    path(PREFIX, api.urls),
    path("api/oauth/token", oauth.token, name="oauth-token"),
    # Not `<path:…>`, which an end of line ends: whatever a program asks for here, it is answered in its words.
    re_path(r"^api/(?P<rest>[\s\S]+)$", not_found),
    path("find/", palette.find, name="palette"),
    path("help/", help.page, name="help"),
    path("", include("buoy.ui.urls")),
    path("", include("buoy.domains.workspace.web.urls")),
    path("", include("buoy.domains.partners.web.urls")),
    path("", include("buoy.domains.sales.web.urls")),
    path("", include("buoy.domains.vendor.web.urls")),
    path("", include("buoy.domains.catalog.web.urls")),
    path("", home.home, name="home"),
    path("", include("buoy.domains.accounts.web.urls")),
    path("account/", include("buoy.domains.accounts.web.allauth_urls")),
]
