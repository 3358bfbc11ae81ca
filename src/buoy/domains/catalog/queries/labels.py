"""Reads about private labels: what partners sell of the vendor's under brands of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models.functions import Upper

from buoy.core.actor import Actor, Face
from buoy.core.scope import require_scope
from buoy.domains.catalog.models import PrivateLabel
from buoy.domains.catalog.queries.products import visible_products

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class LabelRow:
    """One private label: `code` and `name` are the partner's, the product is the vendor's. Dates are [from, until)."""

    id: UUID
    partner_id: UUID
    partner: str
    brand: str
    name: str
    code: str
    product_id: UUID
    product: str
    product_code: str
    valid_from: date
    valid_until: date | None

    @classmethod
    def of(cls, label: PrivateLabel) -> LabelRow:
        return cls(
            id=label.id,
            partner_id=label.partner_id,
            partner=label.partner.name,
            brand=label.brand,
            name=label.name,
            code=label.code,
            product_id=label.product_id,
            product=label.product.name,
            product_code=label.product.code,
            valid_from=label.valid.lower,
            valid_until=label.valid.upper,
        )


def visible_labels(actor: Actor, *, product_id: UUID | None = None) -> QuerySet[PrivateLabel]:
    """The private labels that the actor sees, by name: staff all, a partner its own and those below it."""
    require_scope()
    actor.require("catalog.view")
    labels = PrivateLabel.objects.select_related("partner", "product").filter(product__in=visible_products(actor))
    if actor.face is Face.PARTNER:
        labels = labels.filter(partner_id__in=actor.partner_ids)
    if product_id:
        labels = labels.filter(product_id=product_id)
    return labels.order_by("name", "id")


def labels_of(actor: Actor, *, product_id: UUID) -> list[LabelRow]:
    """Under which brands a product is sold, ended ones included, by name. One query."""
    return [LabelRow.of(label) for label in visible_labels(actor, product_id=product_id)]


def products_under_labels(actor: Actor, *, partner_id: UUID, codes: Iterable[str], on: date) -> dict[str, UUID]:
    """The vendor's products behind a partner's article numbers on a day, by the number in capital letters. One query."""
    wanted = {code.upper() for code in codes}
    labels = visible_labels(actor).filter(partner_id=partner_id, valid__contains=on)
    found = labels.annotate(key=Upper("code")).filter(key__in=wanted)
    return dict(found.values_list("key", "product_id"))
