"""Every address of the application, gathered from the rooms."""

from __future__ import annotations

from django.urls import path

from buoy.config import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.numbers, name="metrics"),
]
