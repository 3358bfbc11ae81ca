"""Makes the room a Django application."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "buoy.domains.catalog"
    label = "catalog"
