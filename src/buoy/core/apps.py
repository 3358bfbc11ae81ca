"""Makes `buoy.core` a Django application, for its tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "buoy.core"
    label = "core"

    def ready(self) -> None:
        """Let the worker know the jobs that do not stand in `jobs.py`."""
        from buoy.core import daily, events  # noqa: F401
