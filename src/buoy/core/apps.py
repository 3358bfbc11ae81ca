"""Makes `buoy.core` a Django application, for its tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "buoy.core"
    label = "core"
