"""Makes the room a Django application."""

from django.apps import AppConfig


class VendorConfig(AppConfig):
    name = "buoy.domains.vendor"
    label = "vendor"
