"""Writes about private labels."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.actions.products import BadCode
from buoy.domains.catalog.models import PrivateLabel
from buoy.domains.catalog.policy.codes import clean_code
from buoy.domains.catalog.queries.labels import visible_labels
from buoy.domains.catalog.queries.products import product_row
from buoy.domains.partners import queries as partners


class LabelOverlaps(DomainError):
    """The partner's article number means a product already, on some of these days."""

    kind = Kind.CONFLICT
    code = "label-overlaps"
    message = _("%(partner)s sells %(product)s as %(code)s on some of these days already. End that first.")


class LabelReversed(DomainError):
    """It would end before it begins."""

    kind = Kind.INVALID
    code = "label-reversed"
    message = _("The private label would end before it begins. Check the days.")


def add_label(
    actor: Actor,
    *,
    partner_id: UUID,
    product_id: UUID,
    brand: str,
    name: str,
    code: str,
    valid_from: date,
    valid_until: date | None = None,
) -> UUID:
    """From a day on, the partner sells the product under its own brand.

    The partner's row is held still, so that of two such labels at once the second sees the first.
    Writes a private label. Raises NotAllowed, NotFound, BadCode, LabelReversed, LabelOverlaps.
    """
    plain = clean_code(code)
    if not plain:
        raise BadCode(found=code)
    if valid_until and valid_until <= valid_from:
        raise LabelReversed
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        product_row(actor, product_id=product_id)
        partner = partners.visible_partners(actor).select_for_update().filter(id=partner_id).first()
        if partner is None:
            raise NotFound
        valid = DateRange(valid_from, valid_until)
        same = visible_labels(actor).filter(partner_id=partner_id, valid__overlap=valid)
        if other := same.annotate(key=Upper("code")).filter(key=plain.upper()).first():
            raise LabelOverlaps(partner=partner.name, product=other.product.name, code=other.code)
        label = PrivateLabel.objects.create(
            partner_id=partner_id, product_id=product_id, brand=brand, name=name, code=plain, valid=valid
        )
        record(
            actor,
            action="label.added",
            object_type="private_label",
            object_id=label.id,
            partner_id=partner_id,
            after={"product_id": product_id, "brand": brand, "name": name, "article_number": plain, "from": valid_from},
        )
    return label.id


def end_label(actor: Actor, *, label_id: UUID, on: date) -> None:
    """The partner no longer sells it from this day on; a label that never held is taken away. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        label = visible_labels(actor).select_for_update(of=("self",)).filter(id=label_id).first()
        if label is None:
            raise NotFound
        if label.valid.lower >= on:
            label.delete()
        elif label.valid.upper is None or label.valid.upper > on:
            PrivateLabel.objects.filter(id=label_id).update(valid=DateRange(label.valid.lower, on))
        record(
            actor,
            action="label.ended",
            object_type="private_label",
            object_id=label_id,
            partner_id=label.partner_id,
            before={"until": label.valid.upper},
            after={"until": on},
        )
