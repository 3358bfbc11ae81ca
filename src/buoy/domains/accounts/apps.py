"""Makes the room a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "buoy.domains.accounts"
    label = "accounts"

    def ready(self) -> None:
        from buoy.domains.accounts.web import watch

        watch.begin()
