"""The addresses of this room. allauth's own keep their names, which it refers to itself by."""

from __future__ import annotations

from django.urls import path

from buoy.domains.accounts.web import joining, me

app_name = "accounts"
urlpatterns = [
    path("join/<str:token>/", joining.join, name="invitation"),
    path("account/profile/", me.edit, name="profile"),
]
