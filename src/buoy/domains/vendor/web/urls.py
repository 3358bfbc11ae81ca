"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from buoy.domains.vendor.web import look, settings

app_name = "vendor"
urlpatterns = [
    path("look/brand.css", look.stylesheet, name="css"),
    path("look/logo.png", look.logo, name="logo"),
    path("desk/settings/", settings.show, name="settings"),
    path("desk/settings/look/", settings.change_look, name="change-look"),
    path("desk/settings/mail-test/", settings.test_mail, name="test-mail"),
    path("desk/settings/guide/", settings.keep_guide, name="keep-guide"),
]
