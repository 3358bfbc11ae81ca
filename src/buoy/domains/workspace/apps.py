"""Makes the room a Django application."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "buoy.domains.workspace"
    label = "workspace"
