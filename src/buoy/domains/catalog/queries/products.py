"""Reads about products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models.functions import Upper

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.core.subjects import Subject
from buoy.domains.catalog.models import BundlePart, ChannelSku, Gtin, Product
from buoy.domains.catalog.policy.gtin import NotAGtin, read_gtin, shown_gtin
from buoy.domains.catalog.queries.families import family_tree

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class ProductRow:
    """One product, as lists show it. `family` is the name of the family that it lies in directly."""

    id: UUID
    code: str
    name: str
    family_id: UUID | None
    family: str
    kind: str
    unit: str
    description: str
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, product: Product) -> ProductRow:
        return cls(
            id=product.id,
            code=product.code,
            name=product.name,
            family_id=product.family_id,
            family=product.family.name if product.family else "",
            kind=product.kind,
            unit=product.unit,
            description=product.description,
            is_active=product.is_active,
            created_at=product.created_at,
        )


@dataclass(frozen=True)
class GtinRow:
    """A number under a barcode, in its shortest form: `contains` units of the product, packed as `unit`."""

    id: int
    digits: str
    unit: str
    contains: Decimal


@dataclass(frozen=True)
class SkuRow:
    id: int
    channel_id: UUID
    channel: str
    sku: str


@dataclass(frozen=True)
class PartRow:
    """So much of a product in a bundle."""

    product_id: UUID
    code: str
    name: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class ProductPage:
    """A product with all that is known of it. `bundles` are those that it is a part of."""

    product: ProductRow
    path: tuple[str, ...]
    gtins: list[GtinRow]
    skus: list[SkuRow]
    parts: list[PartRow]
    bundles: list[ProductRow]


def visible_products(
    actor: Actor,
    *,
    search: str = "",
    family_id: UUID | None = None,
    kind: str = "",
    is_active: bool | None = None,
) -> QuerySet[Product]:
    """The products that the actor sees, by name: partners those in sale. `family_id` means it and all in it.

    One query, and one more with a family.
    """
    require_scope()
    actor.require("catalog.view")
    products = Product.objects.select_related("family").order_by("name", "id")
    if actor.face is Face.PARTNER:
        products = products.filter(is_active=True)
    if search:
        products = products.filter(name__icontains=search) | products.filter(code__icontains=search)
    if family_id:
        products = products.filter(family_id__in=family_tree(actor).below(family_id))
    if kind:
        products = products.filter(kind=kind)
    return products if is_active is None else products.filter(is_active=is_active)


def product_row(actor: Actor, *, product_id: UUID) -> ProductRow:
    """One product. Raises NotFound for one that the actor does not see. One query."""
    product = visible_products(actor).filter(id=product_id).first()
    if product is None:
        raise NotFound
    return ProductRow.of(product)


def products_by_code(actor: Actor, *, codes: list[str]) -> dict[str, Product]:
    """The products with these codes in any case, by the code in capital letters. One query."""
    found = visible_products(actor).annotate(key=Upper("code")).filter(key__in={code.upper() for code in codes})
    return {product.code.upper(): product for product in found}


def product_of_gtin(actor: Actor, *, gtin: str) -> tuple[ProductRow, GtinRow] | None:
    """The product under a barcode, and how much of it. None for a number that is no GTIN or nobody's. One query."""
    require_scope()
    actor.require("catalog.view")
    try:
        digits = read_gtin(gtin)
    except NotAGtin:
        return None
    found = Gtin.objects.select_related("product__family").filter(digits=digits, product__in=visible_products(actor))
    row = found.first()
    return (ProductRow.of(row.product), _gtin_row(row)) if row else None


def product_page(actor: Actor, *, product_id: UUID) -> ProductPage:
    """A product and all that is known of it. Raises NotFound. Six queries."""
    row = product_row(actor, product_id=product_id)
    bundles = visible_products(actor).filter(parts__part_id=product_id)
    return ProductPage(
        product=row,
        path=family_tree(actor).path(row.family_id),
        gtins=gtins_of(actor, product_id=product_id),
        skus=skus_of(actor, product_id=product_id),
        parts=parts_of(actor, product_id=product_id),
        bundles=[ProductRow.of(bundle) for bundle in bundles],
    )


def gtins_of(actor: Actor, *, product_id: UUID) -> list[GtinRow]:
    """The numbers of a product, the smallest pack first. One query."""
    require_scope()
    return [_gtin_row(row) for row in Gtin.objects.filter(product_id=product_id).order_by("contains", "digits")]


def _gtin_row(row: Gtin) -> GtinRow:
    return GtinRow(row.id, shown_gtin(row.digits), row.unit, row.contains)


def skus_of(actor: Actor, *, product_id: UUID) -> list[SkuRow]:
    """Under which number each channel lists a product, by channel. One query."""
    require_scope()
    rows = ChannelSku.objects.filter(product_id=product_id).select_related("channel").order_by("channel__name", "sku")
    return [SkuRow(row.id, row.channel_id, row.channel.name, row.sku) for row in rows]


def parts_of(actor: Actor, *, product_id: UUID) -> list[PartRow]:
    """What a bundle holds, by name. One query."""
    require_scope()
    rows = BundlePart.objects.filter(bundle_id=product_id, part__in=visible_products(actor)).select_related("part")
    return [
        PartRow(row.part_id, row.part.code, row.part.name, row.part.unit, row.quantity)
        for row in rows.order_by("part__name", "part_id")
    ]


def product_subject(actor: Actor, product_id: UUID) -> Subject:
    """A product as what a comment, a file or a task is about. What is said there stays with the vendor's people."""
    if actor.face is not Face.DESK:
        raise NotFound
    product = product_row(actor, product_id=product_id)
    return Subject("product", product.id, None, product.name, f"/desk/products/{product.id}/")
