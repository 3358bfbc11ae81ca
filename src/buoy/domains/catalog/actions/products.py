"""Writes about products: what they are, the numbers they are known by, and what bundles hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models.functions import Upper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.models import BundlePart, ChannelSku, Gtin, Product
from buoy.domains.catalog.policy.codes import clean_code
from buoy.domains.catalog.policy.gtin import NotAGtin, read_gtin, shown_gtin
from buoy.domains.catalog.policy.units import UNITS, quantity_fits
from buoy.domains.catalog.queries.channels import visible_channels
from buoy.domains.catalog.queries.families import visible_families
from buoy.domains.catalog.queries.products import visible_products

FIELDS = ("code", "name", "family_id", "kind", "unit", "description", "is_active")


class BadCode(DomainError):
    """The text is not a code."""

    kind = Kind.INVALID
    code = "bad-product-code"
    message = _(
        "“%(found)s” is not a code of a product. Use up to 60 plain letters, digits and signs, such as BK-R93R-62."
    )


class ProductExists(DomainError):
    """Another product has this code, in some case."""

    kind = Kind.CONFLICT
    code = "product-exists"
    message = _("%(name)s has the code %(code)s already. Change that product, or choose another code.")


class BadGtin(DomainError):
    """The text is not a GTIN."""

    kind = Kind.INVALID
    code = "bad-gtin"
    message = _("%(why)s")


class GtinTaken(DomainError):
    """Another product, or another pack, has this number."""

    kind = Kind.CONFLICT
    code = "gtin-taken"
    message = _("%(gtin)s is the number of %(name)s already. A GTIN names one product in one pack; check the number.")


class SkuTaken(DomainError):
    """The channel lists another product under this number."""

    kind = Kind.CONFLICT
    code = "sku-taken"
    message = _("%(channel)s lists %(name)s under %(sku)s already. Remove it there, or check the number.")


class BadQuantity(DomainError):
    """Nothing, or finer than the unit is divided."""

    kind = Kind.INVALID
    code = "bad-quantity"
    message = _("%(found)s is not a quantity of this unit. Give more than 0, with at most %(places)s decimal places.")


class BundleInBundle(DomainError):
    """A bundle would hold a bundle."""

    kind = Kind.CONFLICT
    code = "bundle-in-bundle"
    message = _("%(bundle)s cannot hold %(part)s: a bundle holds products, and no bundle. Choose its parts instead.")


WHY_NO_GTIN: Mapping[str, Promise] = {
    "letters": _("“%(digits)s” is not a GTIN: a GTIN has digits only. Type the number under the barcode."),
    "length": _("“%(digits)s” is not a GTIN: a GTIN has 8, 12, 13 or 14 digits. Look for one that is missing."),
    "check": _(
        "“%(digits)s” is not a GTIN: its last digit should be %(expected)s. A digit is wrong or two have changed places."
    ),
}


def bad_gtin(error: NotAGtin) -> BadGtin:
    """What is wrong with a number, in words."""
    why = WHY_NO_GTIN[error.reason] % {"digits": error.digits, "expected": error.expected}
    return BadGtin(why=why)


def add_product(
    actor: Actor,
    *,
    code: str,
    name: str,
    family_id: UUID | None,
    kind: str,
    unit: str,
    description: str = "",
    is_active: bool = True,
    now: datetime,
) -> UUID:
    """Take a product into the catalog. Writes a product. Raises NotAllowed, NotFound, BadCode, ProductExists."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        product = Product(
            code=code,
            name=name,
            family_id=family_id,
            kind=kind,
            unit=unit,
            description=description,
            is_active=is_active,
            created_at=now,
        )
        _check_product(actor, product)
        product.save(force_insert=True)
        record(actor, action="product.added", object_type="product", object_id=product.id, after=told(product))
    return product.id


def change_product(actor: Actor, *, product_id: UUID, **changes: object) -> None:
    """Change what is known of a product; `changes` are some of FIELDS. Raises NotAllowed, NotFound, BadCode, ProductExists."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        product = _locked(actor, product_id)
        before = told(product)
        for name in FIELDS:
            if name in changes:
                setattr(product, name, changes[name])
        _check_product(actor, product)
        product.save(force_update=True)
        record(
            actor,
            action="product.changed",
            object_type="product",
            object_id=product_id,
            before=before,
            after=told(product),
        )


# --- The numbers that it is known by ---------------------------------------------------------------------------


def add_gtin(actor: Actor, *, product_id: UUID, gtin: str, unit: str, contains: Decimal) -> None:
    """Say that a number under a barcode means so much of a product.

    Writes a GTIN. Raises NotAllowed, NotFound, BadGtin, BadQuantity, GtinTaken.
    """
    try:
        digits = read_gtin(gtin)
    except NotAGtin as error:
        raise bad_gtin(error) from None
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        product = _locked(actor, product_id)
        _check_quantity(contains, product.unit)
        made, is_new = Gtin.objects.get_or_create(
            digits=digits, defaults={"product": product, "unit": unit, "contains": contains}
        )
        if not is_new:
            raise GtinTaken(gtin=shown_gtin(digits), name=made.product.name)
        after = {"gtin": shown_gtin(digits), "unit": unit, "contains": contains}
        record(actor, action="product.gtin_added", object_type="product", object_id=product_id, after=after)


def remove_gtin(actor: Actor, *, product_id: UUID, gtin_id: int) -> None:
    """Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        row = Gtin.objects.filter(id=gtin_id, product=_locked(actor, product_id)).first()
        if row is None:
            raise NotFound
        row.delete()
        before = {"gtin": shown_gtin(row.digits)}
        record(actor, action="product.gtin_removed", object_type="product", object_id=product_id, before=before)


def add_sku(actor: Actor, *, product_id: UUID, channel_id: UUID, sku: str) -> None:
    """Say under which number a channel lists a product. Writes a SKU. Raises NotAllowed, NotFound, SkuTaken."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        product = _locked(actor, product_id)
        channel = visible_channels(actor).filter(id=channel_id).first()
        if channel is None:
            raise NotFound
        made, is_new = ChannelSku.objects.get_or_create(channel=channel, sku=sku, defaults={"product": product})
        if not is_new:
            raise SkuTaken(channel=channel.name, sku=sku, name=made.product.name)
        after = {"channel": channel.code, "sku": sku}
        record(actor, action="product.sku_added", object_type="product", object_id=product_id, after=after)


def remove_sku(actor: Actor, *, product_id: UUID, sku_id: int) -> None:
    """Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        rows = ChannelSku.objects.filter(id=sku_id, product=_locked(actor, product_id))
        row = rows.select_related("channel").first()
        if row is None:
            raise NotFound
        row.delete()
        before = {"channel": row.channel.code, "sku": row.sku}
        record(actor, action="product.sku_removed", object_type="product", object_id=product_id, before=before)


# --- Bundles ---------------------------------------------------------------------------------------------------


def put_into_bundle(actor: Actor, *, bundle_id: UUID, part_id: UUID, quantity: Decimal) -> None:
    """The bundle holds so much of a product, whatever it held of it before.

    Both products are held still, so that of two such changes at once the second sees the first.
    Writes a part. Raises NotAllowed, NotFound, BadQuantity, BundleInBundle.
    """
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        rows = visible_products(actor).filter(id__in=[bundle_id, part_id]).order_by("id")
        products = {product.id: product for product in rows.select_for_update(of=("self",))}
        if not {bundle_id, part_id} <= products.keys():
            raise NotFound
        bundle, part = products[bundle_id], products[part_id]
        _check_quantity(quantity, part.unit)
        is_nested = BundlePart.objects.filter(bundle_id=part_id) | BundlePart.objects.filter(part_id=bundle_id)
        if bundle_id == part_id or is_nested.exists():
            raise BundleInBundle(bundle=bundle.name, part=part.name)
        BundlePart.objects.update_or_create(bundle=bundle, part=part, defaults={"quantity": quantity})
        after = {"part": part.code, "quantity": quantity}
        record(actor, action="bundle.part_put", object_type="product", object_id=bundle_id, after=after)


def take_out_of_bundle(actor: Actor, *, bundle_id: UUID, part_id: UUID) -> None:
    """Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        row = (
            BundlePart.objects.filter(bundle=_locked(actor, bundle_id), part_id=part_id).select_related("part").first()
        )
        if row is None:
            raise NotFound
        row.delete()
        before = {"part": row.part.code, "quantity": row.quantity}
        record(actor, action="bundle.part_taken_out", object_type="product", object_id=bundle_id, before=before)


# --- Shared ----------------------------------------------------------------------------------------------------


def told(product: Product) -> dict[str, object]:
    """What the audit trail keeps of a product; under the name `code` it would take it for a secret."""
    return {"article_number": product.code, **{name: getattr(product, name) for name in FIELDS if name != "code"}}


def _locked(actor: Actor, product_id: UUID) -> Product:
    product = visible_products(actor).select_for_update(of=("self",)).filter(id=product_id).first()
    if product is None:
        raise NotFound
    return product


def _check_product(actor: Actor, product: Product) -> None:
    code = clean_code(product.code)
    if not code:
        raise BadCode(found=product.code)
    product.code = code
    if product.family_id and not visible_families(actor).filter(id=product.family_id).exists():
        raise NotFound
    others = Product.objects.annotate(key=Upper("code")).filter(key=code.upper()).exclude(id=product.id)
    if other := others.first():
        raise ProductExists(name=other.name, code=other.code)


def _check_quantity(quantity: Decimal, unit: str) -> None:
    if not quantity_fits(quantity, unit):
        raise BadQuantity(found=quantity, places=UNITS[unit].places)
