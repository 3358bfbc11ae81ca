"""Makes `buoy.ui` a Django application, for its templates and static files."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "buoy.ui"
    label = "ui"
