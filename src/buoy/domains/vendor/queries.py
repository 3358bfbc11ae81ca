"""Reads about the vendor. Its name and look are public: whoever opens the page of signing in sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from buoy.core.actor import Actor
from buoy.core.scope import require_scope
from buoy.domains.vendor.models import ONLY, Vendor
from buoy.ui.brand import Brand

_LOOK = ("name", "accent", "accent_text", "radius_px", "logo_sha256")


@dataclass(frozen=True)
class VendorLook:
    """How the vendor is called and looks. `brand` is None for the colours of Buoy."""

    name: str
    brand: Brand | None
    logo_sha256: str
    """Empty when there is no logo."""

    @property
    def css_version(self) -> str:
        """Changes with the style sheet; empty when there is none."""
        return sha256(self.brand.css().encode()).hexdigest()[:12] if self.brand else ""


def look() -> VendorLook:
    """How the vendor is called and looks, within a scope or without one. One query."""
    row = Vendor.objects.filter(id=ONLY).values_list(*_LOOK).first()
    name, accent, accent_text, radius_px, logo_sha256 = row or ("", "", "", 0, "")
    brand = Brand(accent=accent, accent_text=accent_text, radius_px=radius_px) if accent else None
    return VendorLook(name or settings.CONFIGURATION.vendor_name, brand, logo_sha256)


def logo() -> bytes | None:
    """The picture, within a scope or without one. One query."""
    content = Vendor.objects.filter(id=ONLY).values_list("logo", flat=True).first()
    return bytes(content) if content else None


@dataclass(frozen=True)
class SetUp:
    """How far the installation has been set up, as far as the vendor itself goes."""

    has_look: bool
    mail_tested_at: datetime | None
    guide_ended_at: datetime | None


def set_up(actor: Actor) -> SetUp:
    """For those who set the installation up. One query."""
    require_scope()
    actor.require("settings.manage")
    row = Vendor.objects.filter(id=ONLY).values_list("name", "mail_tested_at", "guide_ended_at").first()
    name, mail_tested_at, guide_ended_at = row or ("", None, None)
    return SetUp(bool(name), mail_tested_at, guide_ended_at)
