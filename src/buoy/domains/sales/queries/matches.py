"""Reads of the queue: codes and names in files that no rule could match, for those who know whom they mean."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.scope import require_scope
from buoy.domains.partners import queries as partners
from buoy.domains.sales.models import PartnerMatch, ProductMatch
from buoy.domains.sales.policy import Known, Similar

MOST = 200


@dataclass(frozen=True)
class Waiting:
    """A code and a name of a source that mean nobody yet. `guesses` are those with a similar name, best first."""

    id: UUID
    source: str
    code: str
    name: str
    guesses: list[tuple[UUID, str]]


def partners_waiting(actor: Actor) -> list[Waiting]:
    """Partners in files whom no rule has found, oldest first. Two queries."""
    require_scope()
    actor.require("sales.match")
    rows = list(PartnerMatch.objects.filter(target=None).select_related("source").order_by("decided_at", "id")[:MOST])
    if not rows:
        return []
    similar = Similar(Known(id_, name) for id_, name in partners.visible_partners(actor).values_list("id", "name"))
    return [Waiting(row.id, row.source.name, row.code, row.name, similar(row.name or row.code)) for row in rows]


def products_waiting(actor: Actor) -> list[Waiting]:
    """Products in files that no rule has found, oldest first. One query."""
    require_scope()
    actor.require("sales.match")
    rows = ProductMatch.objects.filter(target=None).select_related("source").order_by("decided_at", "id")[:MOST]
    return [Waiting(row.id, row.source.name, row.code, row.name, []) for row in rows]


def waiting_count(actor: Actor) -> int:
    """How many wait. Two queries."""
    return (
        PartnerMatch.objects.filter(target=None).count() + ProductMatch.objects.filter(target=None).count()
        if actor.may("sales.match")
        else 0
    )


def partner_choices(actor: Actor) -> list[tuple[str, str]]:
    """Every partner that a name may mean."""
    return [(str(id_), name) for id_, name in partners.visible_partners(actor).values_list("id", "name")]
