"""Products and their families, the numbers they are known by, what bundles hold, and the ways to the market."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce, Upper

from buoy.core import clock
from buoy.core.ids import new_id
from buoy.domains.catalog.policy.channels import ChannelKind, Operator
from buoy.domains.catalog.policy.codes import CODE
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.policy.prices import Buyer

EVERY_CHANNEL = UUID(int=0)
"""Stands for no channel where the database compares channels: NULL would equal nothing."""


class ProductKind(models.TextChoices):
    GOODS = "goods"
    SERVICE = "service"
    LICENCE = "licence"
    SUBSCRIPTION = "subscription"


class Family(models.Model):
    """A branch of the tree that products are sorted into."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            # An import finds a family by its path.
            models.UniqueConstraint(name="catalog_family_once", fields=["parent", "name"], nulls_distinct=False),
            models.CheckConstraint(name="catalog_family_not_itself", condition=~models.Q(parent=models.F("id"))),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something that the vendor sells. Products are not deleted, only taken out of sale."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, related_name="products")
    kind = models.CharField(max_length=20, choices=ProductKind.choices, default=ProductKind.GOODS)
    unit = models.CharField(max_length=3)
    description = models.TextField(max_length=4000, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            # Files and people write codes in any case; there is one product for all of them.
            models.UniqueConstraint(Upper("code"), name="catalog_product_code_once"),
            # Of letters that Python and PostgreSQL write in capitals alike.
            models.CheckConstraint(name="catalog_product_code_is_plain", condition=models.Q(code__regex=CODE)),
        ]
        indexes = [
            # Lists are sorted by name or code. Those for searching by a part of either stand in the migration.
            models.Index(fields=["name", "id"]),
            models.Index(fields=["code", "id"]),
        ]

    def __str__(self) -> str:
        return self.name


class Gtin(models.Model):
    """A number under a barcode: so many of a product's units, packed as `unit`. The database checks the check digit."""

    digits = models.CharField(max_length=14, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="gtins")
    unit = models.CharField(max_length=3)
    contains = models.DecimalField(max_digits=18, decimal_places=6, default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="catalog_gtin_holds_something", condition=models.Q(contains__gt=0)),
        ]


class BundlePart(models.Model):
    """A bundle holds so much of another product. A bundle holds no bundles."""

    bundle = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="parts")
    part = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="bundles")
    quantity = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="catalog_bundlepart_once", fields=["bundle", "part"]),
            models.CheckConstraint(name="catalog_bundlepart_not_itself", condition=~models.Q(bundle=models.F("part"))),
            models.CheckConstraint(name="catalog_bundlepart_holds_something", condition=models.Q(quantity__gt=0)),
        ]


class SalesChannel(models.Model):
    """A way to the market. Whether it is channel sales follows from who sells there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ChannelKind])
    operated_by = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Operator])
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalog_channel_kind_fits_operator",
                condition=~models.Q(kind="direct", operated_by="partners")
                & ~models.Q(kind="indirect", operated_by="vendor"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelSku(models.Model):
    """The number under which a channel lists a product."""

    channel = models.ForeignKey(SalesChannel, on_delete=models.PROTECT, related_name="skus")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    sku = models.CharField(max_length=80)

    class Meta:
        constraints = [
            # A line of a channel's report is matched by its number.
            models.UniqueConstraint(name="catalog_channelsku_once", fields=["channel", "sku"]),
        ]


class EngagementRule(models.Model):
    """A rule of engagement: conditions, of which an empty one fits everything, an answer, and why. Rules are read in the
    order of `position`. One that names a partner is seen by that partner and the vendor."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    verdict = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in Verdict if each is not Verdict.UNDECIDED]
    )
    reason = models.CharField(max_length=500)
    valid = DateRangeField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, related_name="+")
    sold_by = models.CharField(max_length=20, blank=True, choices=[(each.value, each.value) for each in Operator])
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.ForeignKey(SalesChannel, on_delete=models.PROTECT, null=True, related_name="+")
    segments = ArrayField(models.CharField(max_length=60), default=list)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    customers = ArrayField(models.CharField(max_length=200), default=list)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            # Two rules that change places pass through the same position.
            models.UniqueConstraint(
                name="catalog_engagementrule_in_order", fields=["position"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="catalog_engagementrule_product_or_family",
                condition=models.Q(product=None) | models.Q(family=None),
            ),
            models.CheckConstraint(
                name="catalog_engagementrule_partner_sells",
                condition=models.Q(partner=None) | ~models.Q(sold_by=Operator.VENDOR.value),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PrivateLabel(models.Model):
    """In `valid` [from, to), a partner sells a product of the vendor under its own brand, name and article number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="labels")
    brand = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    valid = DateRangeField()

    class Meta:
        constraints = [
            # A line of the partner's report is mapped back to one product of the vendor.
            ExclusionConstraint(
                name="catalog_privatelabel_one_product_a_day",
                expressions=[
                    ("partner", RangeOperators.EQUAL),
                    (Upper("code"), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="catalog_privatelabel_code_is_plain", condition=models.Q(code__regex=CODE)),
        ]

    def __str__(self) -> str:
        return self.name


class PriceList(models.Model):
    """Prices in one currency for one kind of buyer in `valid` [from, to); for one tier and one channel, or for all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    buyer = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Buyer])
    tier = models.CharField(max_length=40, blank=True)
    channel = models.ForeignKey(SalesChannel, on_delete=models.PROTECT, null=True, related_name="+")
    valid = DateRangeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            # A sale has one price: whoever looks one up relies on this.
            ExclusionConstraint(
                name="catalog_pricelist_one_a_day",
                expressions=[
                    ("currency", RangeOperators.EQUAL),
                    ("buyer", RangeOperators.EQUAL),
                    (Upper("tier"), RangeOperators.EQUAL),
                    (Coalesce("channel_id", models.Value(EVERY_CHANNEL)), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="catalog_pricelist_currency_is_a_code", condition=models.Q(currency__regex="^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one unit of a product costs in a list."""

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices")
    amount = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="catalog_price_once", fields=["price_list", "product"]),
            models.CheckConstraint(name="catalog_price_not_negative", condition=models.Q(amount__gte=0)),
        ]
