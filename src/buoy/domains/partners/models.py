"""Partner organisations and the dated chain between them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from buoy.core import clock
from buoy.core.ids import new_id


class Partner(models.Model):
    """An organisation or a person that the vendor sells through."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            # The list of partners is sorted by name.
            models.Index(fields=["name", "id"]),
        ]

    def __str__(self) -> str:
        return self.name


class Upline(models.Model):
    """`partner` buys from, or reports to, `parent` in `valid` [from, to)."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="uplines")
    parent = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="downlines")
    valid = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="partners_upline_one_parent_a_day",
                expressions=[("partner", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="partners_upline_not_itself", condition=~models.Q(partner=models.F("parent"))),
        ]
