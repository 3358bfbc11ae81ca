"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from buoy.domains.partners.web import desk, partner

app_name = "partners"
urlpatterns = [
    path("desk/partners/", desk.partners, name="desk-list"),
    path("desk/partners/new/", desk.add, name="desk-add"),
    path("desk/partners/options/", desk.options, name="desk-options"),
    path("desk/partners/<uuid:partner_id>/", desk.partner, name="desk-partner"),
    path("desk/partners/<uuid:partner_id>/change/", desk.change, name="desk-change"),
    path("desk/partners/<uuid:partner_id>/chain/", desk.place, name="desk-place"),
    path("p/partners/<uuid:partner_id>/", partner.partner, name="partner"),
]
