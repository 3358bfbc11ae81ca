"""The words of sales as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.domains.sales.policy import Novelty, State, Why
from buoy.domains.sales.reading.lines import CHANNELS as CHANNEL_CODES
from buoy.domains.sales.reading.lines import EVENTS as EVENT_CODES
from buoy.domains.sales.reading.lines import RETURN, SALE
from buoy.domains.sales.reading.lines import TIERS as TIER_CODES

Words = dict[str, str | Promise]

CHANNELS: Words = dict(
    zip(
        CHANNEL_CODES,
        (_("Direct"), _("Indirect"), _("Online"), _("Retail"), _("Direct mail"), _("In person")),
        strict=True,
    )
)
TIERS: Words = dict(
    zip(
        TIER_CODES,
        (_("Vendor"), _("Agent"), _("Distributor"), _("Reseller"), _("Retailer"), _("End customer")),
        strict=True,
    )
)
EVENTS: Words = dict(zip(EVENT_CODES, (_("Order"), _("Invoice"), _("Shipment"), _("Point of sale")), strict=True))
KINDS: Words = {SALE: _("Sale"), RETURN: _("Return")}
NOVELTIES: Words = {
    Novelty.NEW_CUSTOMER.value: _("New customer"),
    Novelty.SAME_PRODUCT.value: _("More of the same"),
    Novelty.OTHER_PRODUCT.value: _("Different product"),
}
STATES: dict[State, tuple[str | Promise, str]] = {
    State.ASKING: (_("Waits for you"), "warn"),
    State.READING: (_("Being checked"), "info"),
    State.READY: (_("Ready to import"), "info"),
    State.WRITING: (_("Being imported"), "info"),
    State.DONE: (_("Imported"), "good"),
    State.FAILED: (_("Cannot be read"), "bad"),
    State.CANCELLED: (_("Cancelled"), ""),
}
WHY: Words = {
    Why.BY_HAND.value: _("Chosen by hand"),
    Why.ID.value: _("By our id"),
    Why.CODE.value: _("By code"),
    Why.IDENTIFIER.value: _("By number"),
    Why.NAME.value: _("By name"),
    Why.REPORTER.value: _("Sender of the file"),
    Why.NONE.value: _("Not known"),
}
