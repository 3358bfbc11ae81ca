"""Makes the room a Django application."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "buoy.domains.partners"
    label = "partners"
