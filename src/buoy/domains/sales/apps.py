"""Makes the room a Django application."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "buoy.domains.sales"
    label = "sales"
