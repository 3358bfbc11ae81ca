"""The one row about the vendor whose installation this is."""

from __future__ import annotations

from django.db import models

ONLY = 1
"""The number of the one row. There is none until something was chosen."""


class Vendor(models.Model):
    """Empty texts stand for what was not chosen: the name of the configuration, the colours of Buoy."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=100, blank=True)
    accent = models.CharField(max_length=7, blank=True)
    accent_text = models.CharField(max_length=7, blank=True)
    radius_px = models.PositiveSmallIntegerField(default=8)
    logo = models.BinaryField(null=True)
    """A PNG; small enough to be kept where a backup finds it and no storage can lose it."""
    logo_sha256 = models.CharField(max_length=64, blank=True)
    mail_tested_at = models.DateTimeField(null=True)
    """When a mail of the installation last left it without an error."""
    guide_ended_at = models.DateTimeField(null=True)
    """When an administrator put the set-up guide away."""

    class Meta:
        constraints = [models.CheckConstraint(name="vendor_vendor_one_row", condition=models.Q(id=ONLY))]

    def __str__(self) -> str:
        return self.name
