"""The catalog of the demo: what Nimbus sells, from gateways to trainings in the languages of its partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels, engagement, families, labels, prices, products
from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.actions.prices import ListDraft
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.policy.prices import Buyer
from buoy.domains.catalog.queries.channels import channel_rows


@dataclass(frozen=True)
class Item:
    """A product: its number, name, family, and what it is."""

    code: str
    name: str
    family: str
    kind: str = "goods"
    unit: str = "C62"
    gtin: str = ""
    case: tuple[str, int] | None = None
    """The GTIN of a case, and how many are in it."""
    description: str = ""
    is_active: bool = True


FAMILIES = {
    "Network": "",
    "Gateways": "Network",
    "Switches": "Network",
    "Access points": "Network",
    "Cloud": "",
    "Backup": "Cloud",
    "Security": "Cloud",
    "Services": "",
    "Trainings": "Services",
}

ITEMS = (
    Item(
        "NG-100",
        "Nimbus Gateway 100",
        "Gateways",
        gtin="4069999100104",
        case=("14069999100101", 10),
        description="A gateway for a branch of up to 50 people. Two uplinks, silent, two years of warranty.",
    ),
    Item("NG-500", "Nimbus Gateway 500", "Gateways", gtin="4069999100500", description="For 500 people; rack, 1 U."),
    Item("NG-50", "Nimbus Gateway 50", "Gateways", gtin="4069999100050", is_active=False),
    Item("NS-24", "Nimbus Switch 24", "Switches", gtin="4069999202402", case=("14069999202409", 5)),
    Item("NS-48P", "Nimbus Switch 48 PoE", "Switches", gtin="4069999204802"),
    Item("NA-7", "Nimbus Access Point 7", "Access points", gtin="4069999300702", case=("14069999300709", 20)),
    Item("NA-7O", "Nimbus Access Point 7 Outdoor", "Access points", gtin="4069999300719"),
    Item("KIT-BRANCH", "Branch kit: gateway, switch, three access points", "Network", unit="SET"),
    Item(
        "CB-SEAT",
        "Nimbus Cloud Backup, a person for a month",
        "Backup",
        kind="subscription",
        unit="IE",
        description="Copies of mail, files and calendars, kept for a year in the region that the customer chooses.",
    ),
    Item("CB-TB", "Nimbus Cloud Backup, a terabyte for a month", "Backup", kind="subscription", unit="MON"),
    Item("CS-SEAT", "Nimbus Shield, a person for a month", "Security", kind="subscription", unit="IE"),
    Item("CS-SITE", "Nimbus Shield, licence of a site", "Security", kind="licence", unit="ANN"),
    Item("SV-DAY", "Installation on site, a day", "Services", kind="service", unit="DAY"),
    Item("SV-HOUR", "Consulting by the hour", "Services", kind="service", unit="HUR"),
    Item("TR-EN", "Nimbus Certified Engineer", "Trainings", kind="service", unit="IE"),
    Item("TR-ID", "Pelatihan Teknisi Nimbus", "Trainings", kind="service", unit="IE"),
    Item("TR-PL", "Szkolenie inżyniera Nimbus", "Trainings", kind="service", unit="IE"),
    Item("TR-AR", "دورة مهندس نمبس المعتمد", "Trainings", kind="service", unit="IE"),
    Item("TR-NL", "Opleiding Nimbus-engineer", "Trainings", kind="service", unit="IE"),
)

BRANCH_KIT = (("NG-100", 1), ("NS-24", 1), ("NA-7", 3))

CENT = Decimal("0.01")
IN_EUROS = {
    "NG-100": "649.00",
    "NG-500": "2490.00",
    "NS-24": "389.00",
    "NS-48P": "1149.00",
    "NA-7": "279.00",
    "NA-7O": "449.00",
    "KIT-BRANCH": "1749.00",
    "CB-SEAT": "3.20",
    "CB-TB": "19.00",
    "CS-SEAT": "4.50",
    "CS-SITE": "1200.00",
    "SV-DAY": "1150.00",
    "SV-HOUR": "160.00",
    "TR-EN": "1490.00",
}
"""What customers pay, in euros."""


@dataclass(frozen=True)
class Priced:
    """A price list: a share of the euro prices, by a rate of the demo's own."""

    name: str
    currency: str
    buyer: Buyer
    rate: Decimal = Decimal(1)
    share: Decimal = Decimal(1)
    tier: str = ""


PRICED = (
    Priced("Euro list", "EUR", Buyer.CUSTOMERS),
    Priced("Partner prices, euro", "EUR", Buyer.PARTNERS, share=Decimal("0.72")),
    Priced("Gold partners, euro", "EUR", Buyer.PARTNERS, share=Decimal("0.65"), tier="Gold"),
    Priced("Lowest prices", "EUR", Buyer.INSIDE, share=Decimal("0.55")),
    Priced("Pound list", "GBP", Buyer.CUSTOMERS, rate=Decimal("0.86")),
    Priced("Cennik w złotych", "PLN", Buyer.CUSTOMERS, rate=Decimal("4.25")),
    Priced("Daftar harga rupiah", "IDR", Buyer.CUSTOMERS, rate=Decimal(18400)),
    Priced("قائمة الأسعار بالدرهم", "AED", Buyer.CUSTOMERS, rate=Decimal("4.3")),
)

LABELS = (
    ("Van Dijk Automatisering", "NG-100", "Poortwachter", "Poortwachter Kantoor", "VD-1100"),
    ("Van Dijk Automatisering", "CB-SEAT", "Poortwachter", "Poortwachter Kluis", "VD-2001"),
    ("Nusantara Teknologi", "NA-7", "Gapura", "Gapura Akses 7", "GP-07"),
    ("شركة النور للتقنية", "CS-SEAT", "النور", "درع النور", "AN-500"),
)
"""Partner, our product, and the partner's brand, name and number."""

LISTED = (
    ("NG-100", "e-shop", "100234"),
    ("NG-100", "marketplaces", "B0NIMBUS100"),
    ("NA-7", "marketplaces", "B0NIMBUSA7"),
)
"""Numbers under which channels list products."""


def make_catalog(maker: Actor, *, partners: dict[str, UUID], now: datetime) -> None:
    """Channels, families, products with their barcodes, a bundle, and rules of engagement. `partners` are ids by name."""
    channels.add_usual_channels(maker)
    branches: dict[str, UUID | None] = {"": None}
    for name, above in FAMILIES.items():
        branches[name] = families.add_family(maker, name=name, parent_id=branches[above])
    ids = {item.code: _make_item(maker, item, branches[item.family], now) for item in ITEMS}
    for code, quantity in BRANCH_KIT:
        products.put_into_bundle(maker, bundle_id=ids["KIT-BRANCH"], part_id=ids[code], quantity=Decimal(quantity))
    with acting(maker, read_only=True):
        ways = {row.code: row.id for row in channel_rows(maker)}
    for code, way, sku in LISTED:
        products.add_sku(maker, product_id=ids[code], channel_id=ways[way], sku=sku)
    for label in LABELS:
        firm, code, brand, name, number = label
        labels.add_label(
            maker,
            partner_id=partners[firm],
            product_id=ids[code],
            brand=brand,
            name=name,
            code=number,
            valid_from=now.date(),
        )
    for priced in PRICED:
        _make_prices(maker, priced, ids, now)
    for rule in _rules(branches, ids, partners, now.date()):
        engagement.add_rule(maker, draft=rule, now=now)


def _make_prices(maker: Actor, priced: Priced, ids: dict[str, UUID], now: datetime) -> None:
    """A list with the share of the euro prices that the buyer pays, in another currency by a fixed rate, in whole units."""
    draft = ListDraft(
        name=priced.name, currency=priced.currency, buyer=priced.buyer, tier=priced.tier, valid_from=now.date()
    )
    made = prices.add_price_list(maker, draft=draft, now=now)
    amounts = {
        ids[code]: (Decimal(euros) * priced.rate * priced.share).quantize(Decimal(1) if priced.rate > 1 else CENT)
        for code, euros in IN_EUROS.items()
    }
    prices.set_prices(maker, price_list_id=made, prices=amounts)


def _rules(
    branches: dict[str, UUID | None], ids: dict[str, UUID], partners: dict[str, UUID], since: date
) -> tuple[Draft, ...]:
    """Who sells what to whom."""
    return (
        Draft(
            title="Rijnmond IT sells in the Netherlands",
            verdict=Verdict.ALLOWED,
            reason="The Netherlands are the territory that we agreed on.",
            partner_id=partners["Rijnmond IT"],
            countries=("NL",),
            valid_from=since,
        ),
        Draft(
            title="Rijnmond IT sells nowhere else",
            verdict=Verdict.REFUSED,
            reason="The agreement covers the Netherlands only. Pass the lead on to us, and it stays yours.",
            partner_id=partners["Rijnmond IT"],
            valid_from=since,
        ),
        Draft(
            title="Enterprise customers are ours",
            verdict=Verdict.REFUSED,
            reason="Enterprise customers are served by our own people. Bring us the lead, and you get a finder's fee.",
            sold_by=Operator.PARTNERS,
            segments=("Enterprise",),
            valid_from=since,
        ),
        Draft(
            title="Network goes through partners",
            verdict=Verdict.REFUSED,
            reason="We sell gateways, switches and access points through partners only.",
            sold_by=Operator.VENDOR,
            family_id=branches["Network"],
            valid_from=since,
        ),
        Draft(
            title="Public bodies need a tender",
            verdict=Verdict.REVIEW,
            reason="Sales to public bodies need a tender. Talk to your channel manager before you answer one.",
            segments=("Public",),
            valid_from=since,
        ),
        Draft(
            title="Shield for a site only with a certified engineer",
            verdict=Verdict.REVIEW,
            reason="A site is protected by somebody who knows how. We check that a certified engineer is with you.",
            sold_by=Operator.PARTNERS,
            product_id=ids["CS-SITE"],
            valid_from=since,
        ),
    )


def _make_item(maker: Actor, item: Item, family_id: UUID | None, now: datetime) -> UUID:
    product_id = products.add_product(
        maker,
        code=item.code,
        name=item.name,
        family_id=family_id,
        kind=item.kind,
        unit=item.unit,
        description=item.description,
        is_active=item.is_active,
        now=now,
    )
    if item.gtin:
        products.add_gtin(maker, product_id=product_id, gtin=item.gtin, unit=item.unit, contains=Decimal(1))
    if item.case:
        gtin, contains = item.case
        products.add_gtin(maker, product_id=product_id, gtin=gtin, unit="XCS", contains=Decimal(contains))
    return product_id
