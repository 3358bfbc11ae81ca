"""The words for our codes, in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.domains.catalog.models import ProductKind
from buoy.domains.catalog.policy.channels import ChannelKind, Operator

KINDS: dict[str, Promise] = {
    ProductKind.GOODS: _("Goods"),
    ProductKind.SERVICE: _("Service"),
    ProductKind.LICENCE: _("Licence"),
    ProductKind.SUBSCRIPTION: _("Subscription"),
}

UNITS: dict[str, Promise] = {
    "C62": _("piece"),
    "PR": _("pair"),
    "SET": _("set"),
    "XPK": _("pack"),
    "XCS": _("case"),
    "XPX": _("pallet"),
    "KGM": _("kilogram"),
    "GRM": _("gram"),
    "TNE": _("tonne"),
    "LTR": _("litre"),
    "MTR": _("metre"),
    "MTK": _("square metre"),
    "HUR": _("hour"),
    "DAY": _("day"),
    "MON": _("month"),
    "ANN": _("year"),
    "E48": _("service unit"),
    "IE": _("person"),
}

CHANNEL_KINDS: dict[str, Promise] = {
    ChannelKind.DIRECT.value: _("Direct"),
    ChannelKind.INDIRECT.value: _("Indirect"),
    ChannelKind.ONLINE.value: _("Online"),
    ChannelKind.RETAIL.value: _("Retail"),
    ChannelKind.DIRECT_MAIL.value: _("Direct mail"),
    ChannelKind.IN_PERSON.value: _("In person"),
}

OPERATORS: dict[str, Promise] = {
    Operator.VENDOR.value: _("The vendor itself"),
    Operator.PARTNERS.value: _("Partners"),
}

USUAL_CHANNELS: dict[str, Promise] = {
    "direct": _("Own sales force"),
    "indirect": _("Resellers and distributors"),
    "e-shop": _("Own web shop"),
    "marketplaces": _("Marketplaces and partners' web shops"),
    "own-stores": _("Own stores"),
    "retail": _("Independent retailers"),
    "direct-mail": _("Catalogues by mail"),
    "in-person": _("Agents and representatives"),
}
"""The names of `policy.channels.USUAL`."""
