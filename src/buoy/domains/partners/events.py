"""What happened to partners."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PartnerAdded:
    partner_id: UUID
