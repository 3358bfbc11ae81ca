"""Makes the room a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "buoy.domains.accounts"
    label = "accounts"
