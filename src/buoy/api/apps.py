"""Makes the API a Django application, for the template of its documentation."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "buoy.api"
    label = "api"
