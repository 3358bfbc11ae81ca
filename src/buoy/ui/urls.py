"""The few addresses of the kit itself."""

from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from buoy.ui import prefetch, styleguide, views

app_name = "ui"

urlpatterns = [
    path("language/", require_POST(set_language), name="language"),
    path("prefetch.json", prefetch.rules, name="prefetch"),
    path("theme/", views.set_theme, name="theme"),
    path("styleguide/", styleguide.show, name="styleguide"),
    path("styleguide/screen/<str:face>/", styleguide.screen, name="styleguide-screen"),
    path("styleguide/palette/", styleguide.palette, name="styleguide-palette"),
    path("styleguide/partners/", styleguide.partners, name="styleguide-partners"),
    path("styleguide/toast/<str:tone>/", styleguide.toast, name="styleguide-toast"),
    path("styleguide/job/<int:done>/", styleguide.job, name="styleguide-job"),
    path("styleguide/form/", styleguide.form, name="styleguide-form"),
    path("styleguide/change/", styleguide.change, name="styleguide-change"),
    path("styleguide/error/<int:status>/", styleguide.error, name="styleguide-error"),
    path("styleguide/brand.css", styleguide.brand, name="styleguide-brand"),
    path("styleguide/door/", styleguide.door, name="styleguide-door"),
]
