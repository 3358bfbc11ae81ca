"""Who acts: the first argument of every query and every action.

An actor is made once, at the door (a request, an API call, a job), and says who somebody is, what they may do, and
whose rows they see. The rows are decided twice: queries and actions scope by the actor, and PostgreSQL scopes again by
the role and the partners that `buoy.core.scope.acting` sets from it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from uuid import UUID

from buoy.core.errors import NotAllowed


class Face(enum.Enum):
    """From which side somebody comes; each has a role of its own in PostgreSQL."""

    DESK = "buoy_desk"
    PARTNER = "buoy_partner"
    JOB = "buoy_job"
    ANONYMOUS = "buoy_anonymous"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """`partner_ids` are the partners whose rows a partner's actor sees: its own first, then those below it."""

    face: Face
    user_id: UUID | None = None
    name: str = ""
    partner_ids: tuple[UUID, ...] = ()
    permissions: frozenset[str] = frozenset()
    api_client_id: UUID | None = None
    on_behalf_of: UUID | None = None
    """The member of staff behind an actor that looks as a partner does; such an actor reads and never writes."""
    address: str = ""
    """Where the request came from, for the audit trail."""
    request_id: str = ""
    """Ties the audit trail to the logs."""

    def __post_init__(self) -> None:
        if (self.face is Face.PARTNER) != bool(self.partner_ids):
            raise ValueError(f"an actor of {self.face} with {len(self.partner_ids)} partners")

    @property
    def partner_id(self) -> UUID | None:
        """The partner that a partner's actor belongs to."""
        return self.partner_ids[0] if self.partner_ids else None

    @property
    def is_read_only(self) -> bool:
        return self.on_behalf_of is not None

    @property
    def person(self) -> UUID:
        """The user who acts. Raises NotAllowed when nobody does: a job, or somebody who has not signed in."""
        if self.user_id is None:
            raise NotAllowed(permission="be somebody")
        return self.user_id

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises NotAllowed when the actor lacks the permission."""
        if not self.may(permission):
            raise NotAllowed(permission=permission)

    def seen_by_staff(self, staff: UUID) -> Actor:
        """This actor as a member of staff sees through its eyes."""
        return replace(self, on_behalf_of=staff)


ANONYMOUS = Actor(face=Face.ANONYMOUS)


def job_actor(name: str) -> Actor:
    """The actor of a job that works for the installation and not for a person."""
    return Actor(face=Face.JOB, name=name)
