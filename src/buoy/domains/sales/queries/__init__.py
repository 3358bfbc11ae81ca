"""Reads of the sales room, by subject."""

from buoy.domains.sales.queries.imports import (
    batch_to_change,
    batch_to_work,
    left_behind,
    opened,
    visible_batches,
    visible_sources,
)

__all__ = ["batch_to_change", "batch_to_work", "left_behind", "opened", "visible_batches", "visible_sources"]
