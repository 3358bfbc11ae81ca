"""The addresses of this room. allauth's own keep their names, which it refers to itself by."""

from __future__ import annotations

from django.urls import path

from buoy.domains.accounts.web import joining, keys, look, me, people, sides

app_name = "accounts"
urlpatterns = [
    path("join/<str:token>/", joining.join, name="invitation"),
    path("start/<str:token>/", joining.start, name="start"),
    path("account/profile/", me.edit, name="profile"),
    path("account/sessions/<int:session_id>/end/", me.end_session, name="end_session"),
    path("account/everywhere/", me.sign_out_everywhere, name="sign_out_everywhere"),
    *keys.urlpatterns,
    *people.pages(sides.DESK),
    *people.pages(sides.TEAM),
    people.into_partner(),
    path("desk/users/<uuid:user_id>/look/", look.start, name="desk_look"),
    path("p/stop-looking/", look.stop, name="stop_looking"),
]
