"""The audit trail for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from buoy.core import audit
from buoy.core.http import Request
from buoy.core.models import AuditEvent
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting

router = Router()


class AuditFilters(Schema):
    """Which events."""

    action: Annotated[Text, Field(max_length=80)] | None = Field(None, description="The whole word: `partner.renamed`.")
    object_type: Annotated[Text, Field(max_length=80)] | None = None
    object_id: Annotated[Text, Field(max_length=80)] | None = None
    user_id: UUID | None = None


class AuditEventOut(Schema):
    """One thing that somebody did. `before` and `after` hold what has changed."""

    id: UUID
    number: int
    at: datetime
    action: str
    object_type: str
    object_id: str
    partner_id: UUID | None
    user_id: UUID | None
    on_behalf_of: UUID | None
    api_client_id: UUID | None
    request_id: str
    name: str
    address: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @classmethod
    def of(cls, event: AuditEvent) -> AuditEventOut:
        columns = {name: getattr(event, name) for name in cls.model_fields if hasattr(event, name)}
        return cls(**columns, **event.details)


@router.get("", response=Page[AuditEventOut])
def list_audit_events(request: Request, paging: Query[Paging], filters: Query[AuditFilters]) -> Any:
    """What was done, newest first. Needs `audit.view`; a partner sees what its own people and programs did."""
    with acting(request.actor, read_only=True):
        wanted = {name: value for name, value in filters.dict().items() if value is not None}
        events = audit.events(request.actor).filter(**wanted)
        return page(events, order=["-number"], paging=paging, show=AuditEventOut.of)
