"""The addresses of this room. Both sides have the same ones: what is shown there is decided by rows."""

from __future__ import annotations

from django.urls import path

from buoy.domains.sales.web import imports, lines, matches

app_name = "sales"
urlpatterns = [
    path("sales/", lines.lines, name="lines"),
    path("sales/lines/<uuid:line_id>/", lines.line, name="line"),
    path("sales/imports/", imports.imports, name="imports"),
    path("sales/imports/new/", imports.add, name="import-add"),
    path("sales/imports/<uuid:batch_id>/", imports.batch, name="import"),
    path("sales/imports/<uuid:batch_id>/start/", imports.start, name="import-start"),
    path("sales/imports/<uuid:batch_id>/cancel/", imports.cancel, name="import-cancel"),
    path("sales/imports/<uuid:batch_id>/resume/", imports.resume, name="import-resume"),
    path("sales/imports/<uuid:batch_id>/refused.csv", imports.refused, name="import-refused"),
    path("desk/sales/queue/", matches.queue, name="queue"),
    path("desk/sales/queue/partners/<uuid:match_id>/", matches.match_partner, name="match-partner"),
    path("desk/sales/queue/products/<uuid:match_id>/", matches.match_product, name="match-product"),
    path("desk/sales/rates/", matches.exchange_rates, name="rates"),
    path("desk/sales/rates/new/", matches.add_rates, name="rates-add"),
]
