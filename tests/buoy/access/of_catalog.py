"""Things of the catalog that stand behind doors. The catalog is the vendor's: most are the same for every partner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

from buoy.core import clock
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels, engagement, families, labels, prices, products
from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.actions.prices import ListDraft
from buoy.domains.catalog.models import ChannelSku, Family, Gtin, PriceList, Product, SalesChannel
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.policy.prices import Buyer
from tests.cast import SETUP, Cast


def a_family(cast: Cast, partner: str) -> UUID:
    """The vendor's, as the whole catalog: the same for every partner."""
    with acting(SETUP):
        found = Family.objects.filter(name="Buoys").first()
    return found.id if found else families.add_family(SETUP, name="Buoys", parent_id=None)


def a_product(cast: Cast, partner: str) -> UUID:
    """The vendor's, with a number under its barcode and one in a channel, in a bundle."""
    return _product(cast, "B-1")


def a_part(cast: Cast, partner: str) -> UUID:
    bundle_id, part_id = _product(cast, "B-1"), _product(cast, "B-2")
    products.put_into_bundle(SETUP, bundle_id=bundle_id, part_id=part_id, quantity=Decimal(2))
    return part_id


def _product(cast: Cast, code: str) -> UUID:
    with acting(SETUP):
        found = Product.objects.filter(code=code).first()
    if found:
        return found.id
    family_id = a_family(cast, "")
    return products.add_product(
        SETUP, code=code, name="Buoy", family_id=family_id, kind="goods", unit="C62", now=clock.now()
    )


def a_channel(cast: Cast, partner: str) -> UUID:
    channels.add_usual_channels(SETUP)
    with acting(SETUP):
        return SalesChannel.objects.get(code="retail").id


def a_gtin(cast: Cast, partner: str) -> str:
    product_id = _product(cast, "B-1")
    with acting(SETUP):
        found = Gtin.objects.filter(product_id=product_id).first()
    if found:
        return str(found.id)
    products.add_gtin(SETUP, product_id=product_id, gtin="4006381333931", unit="C62", contains=Decimal(1))
    return a_gtin(cast, partner)


def a_barcode(cast: Cast, partner: str) -> str:
    a_gtin(cast, partner)
    return "4006381333931"


def a_sku(cast: Cast, partner: str) -> str:
    product_id, channel_id = _product(cast, "B-1"), a_channel(cast, partner)
    with acting(SETUP):
        found = ChannelSku.objects.filter(product_id=product_id).first()
    if found:
        return str(found.id)
    products.add_sku(SETUP, product_id=product_id, channel_id=channel_id, sku="R-1")
    return a_sku(cast, partner)


def a_rule(cast: Cast, partner: str) -> UUID:
    """A rule of engagement that names the partner."""
    draft = Draft(
        title="Ask",
        verdict=Verdict.REVIEW,
        reason="So",
        valid_from=date(2026, 1, 1),
        partner_id=getattr(cast, partner).id,
    )
    return engagement.add_rule(SETUP, draft=draft, now=clock.now())


def a_label(cast: Cast, partner: str) -> UUID:
    """The partner sells the product under its own brand."""
    return labels.add_label(
        SETUP,
        partner_id=getattr(cast, partner).id,
        product_id=_product(cast, "B-1"),
        brand="Own",
        name="Own buoy",
        code="O-1",
        valid_from=date(2026, 1, 1),
    )


def a_price_list(cast: Cast, partner: str) -> UUID:
    """With a price for the product."""
    with acting(SETUP):
        found = PriceList.objects.filter(name="Euro").first()
    if found:
        return found.id
    draft = ListDraft(name="Euro", currency="EUR", buyer=Buyer.CUSTOMERS, valid_from=date(2026, 1, 1))
    made = prices.add_price_list(SETUP, draft=draft, now=clock.now())
    prices.set_prices(SETUP, price_list_id=made, prices={_product(cast, "B-1"): Decimal(10)})
    return made


OBJECTS: dict[str, Callable[[Cast, str], UUID | str]] = {
    "family": a_family,
    "product": a_product,
    "part": a_part,
    "channel": a_channel,
    "gtin": a_gtin,
    "barcode": a_barcode,
    "sku": a_sku,
    "rule": a_rule,
    "label": a_label,
    "price_list": a_price_list,
}
