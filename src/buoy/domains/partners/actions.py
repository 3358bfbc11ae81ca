"""Writes about partners."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.events import publish
from buoy.core.scope import acting, writing
from buoy.domains.partners import queries
from buoy.domains.partners.events import PartnerAdded
from buoy.domains.partners.models import Partner, Upline


class Circle(DomainError):
    """The partner would stand above itself."""

    kind = Kind.CONFLICT
    code = "partner-circle"
    message = _(
        "%(parent)s already buys from %(partner)s, directly or through others. Choose another partner above it."
    )


def add_partner(actor: Actor, *, name: str, country: str, language: str, now: datetime) -> UUID:
    """Take a partner into the programme. Writes a partner. Publishes PartnerAdded. Raises NotAllowed."""
    with acting(actor):
        writing(actor)
        actor.require("partners.manage")
        partner = Partner.objects.create(name=name, country=country, language=language, created_at=now)
        record(
            actor,
            action="partner.added",
            object_type="partner",
            object_id=partner.id,
            partner_id=partner.id,
            after={"name": name, "country": country, "language": language},
        )
        publish(PartnerAdded(partner.id))
    return partner.id


def change_partner(actor: Actor, *, partner_id: UUID, name: str, country: str, language: str, is_active: bool) -> None:
    """Change what is known of a partner. Raises NotFound, NotAllowed."""
    after = {"name": name, "country": country, "language": language, "is_active": is_active}
    with acting(actor):
        writing(actor)
        actor.require("partners.manage")
        partner = queries.visible_partners(actor).select_for_update().filter(id=partner_id).first()
        if partner is None:
            raise NotFound
        before = {field: getattr(partner, field) for field in after}
        Partner.objects.filter(id=partner_id).update(**after)
        record(
            actor,
            action="partner.changed",
            object_type="partner",
            object_id=partner_id,
            partner_id=partner_id,
            before=before,
            after=after,
        )


def set_taking_part(actor: Actor, *, partner_id: UUID, is_active: bool) -> bool:
    """Let a partner take part in the programme, or end that; False when it was so already. Raises NotFound, NotAllowed."""
    with acting(actor):
        writing(actor)
        actor.require("partners.manage")
        partner = queries.visible_partners(actor).filter(id=partner_id)
        if not partner.exists():
            raise NotFound
        if not partner.filter(is_active=not is_active).update(is_active=is_active):
            return False
        record(
            actor,
            action="partner.changed",
            object_type="partner",
            object_id=partner_id,
            partner_id=partner_id,
            before={"is_active": not is_active},
            after={"is_active": is_active},
        )
    return True


def place_under(actor: Actor, *, partner_id: UUID, parent_id: UUID | None, from_date: date) -> None:
    """From a day on, the partner buys from `parent_id` (None: from the vendor). What was before stays as it was.

    Writes the chain. Raises NotFound, NotAllowed, Circle.
    """
    with acting(actor):
        writing(actor)
        actor.require("partners.manage")
        rows = queries.visible_partners(actor).in_bulk([partner_id, *([parent_id] if parent_id else [])])
        if partner_id not in rows or (parent_id and parent_id not in rows):
            raise NotFound
        if parent_id and parent_id in queries.partner_ids_in_sight(partner_id, on=from_date):
            raise Circle(partner=rows[partner_id].name, parent=rows[parent_id].name)
        ahead = Upline.objects.filter(partner_id=partner_id, valid__endswith__isnull=True)
        for link in ahead.select_for_update():
            if link.valid.lower < from_date:
                Upline.objects.filter(id=link.id).update(valid=DateRange(link.valid.lower, from_date))
            else:
                Upline.objects.filter(id=link.id).delete()
        if parent_id:
            Upline.objects.create(partner_id=partner_id, parent_id=parent_id, valid=DateRange(from_date, None))
        record(
            actor,
            action="partner.placed",
            object_type="partner",
            object_id=partner_id,
            partner_id=partner_id,
            after={"under": rows[parent_id].name if parent_id else "", "from": from_date},
        )
